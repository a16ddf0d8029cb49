import type { Clock } from './clock.js';
import type { Components } from './components.js';
import { Deadline, within } from './deadline.js';
import { SchedulerAlreadyRunningError, SchedulerNotRunningError } from './errors.js';
import type { DeclaredJobs } from './declared-jobs.js';
import type { EventBus } from './event-bus.js';
import {
  EVENT_SCHEDULER_PAUSED,
  EVENT_SCHEDULER_RESUMED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
} from './events.js';
import type { JobDirectory } from './job-directory.js';
import type { Logger } from './logger.js';
import type { Loop } from './loop.js';
import type { Runner } from './runs/runner.js';
import type { StartRun } from './start-jobs.js';
import { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED, type SchedulerState } from './states.js';
import { parseSeconds, type DurationInput } from './time/duration.js';
import { unlessAborted } from './unless-aborted.js';

/** How long an end or a pause waits for stores and executors to answer, in seconds. Runs have their own time-out. */
const PATIENCE = 5;

/** How {@link Scheduler.start} begins. */
export interface StartOptions {
  /** Run nothing until `resume()`. @default false */
  paused?: boolean;
}

/** How {@link Scheduler.shutdown} goes about running jobs. */
export interface ShutdownOptions {
  /** Whether to wait for them at all. @default true */
  wait?: boolean;
  /**
   * How long: seconds, or a duration such as `1m`; then their signals are aborted. `Infinity` waits for good. Stores and
   * executors that do not answer add five seconds at most.
   * @default the scheduler's `shutdownTimeout`
   */
  timeout?: DurationInput;
}

export interface LifecycleParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly components: Components;
  readonly directory: JobDirectory;
  readonly declared: DeclaredJobs;
  readonly runner: Runner;
  readonly loop: Loop;
  /** In seconds. */
  readonly shutdownTimeout: number;
}

/** How long an end waits for runs. */
interface Waits {
  /** In seconds. */
  readonly limit: number;
  /** Resolves when somebody will not wait any longer. */
  readonly isCut: Promise<void>;
}

/** A shutdown or drain that goes on. */
interface Ending {
  readonly done: Promise<void>;
  readonly cut: () => void;
}

const RUNNER_MODES = { [STATE_STOPPED]: 'stopped', [STATE_RUNNING]: 'running', [STATE_PAUSED]: 'paused' } as const;

/** The state of a scheduler, and the ways from one to the next. */
export class Lifecycle {
  private current: SchedulerState = STATE_STOPPED;
  /** The end of the latest transition: each waits for the one before it. */
  private transition: Promise<unknown> = Promise.resolve();
  /** A start or a resume that goes on; aborted when a shutdown will not wait for it. */
  private beginning: AbortController | null = null;
  private ending: Ending | null = null;

  constructor(private readonly parts: LifecycleParts) {}

  get state(): SchedulerState {
    return this.current;
  }

  start({ paused = false }: StartOptions): Promise<void> {
    const { components, declared, directory, events } = this.parts;
    return this.beginBy(async (signal) => {
      if (this.current !== STATE_STOPPED) throw new SchedulerAlreadyRunningError();
      try {
        await unlessAborted(signal, components.openStores());
        const enter = (): void => this.enter(paused ? STATE_PAUSED : STATE_RUNNING);
        await unlessAborted(signal, directory.flushPending(enter, signal));
      } catch (error) {
        const closed = components.closeStores();
        if (!signal.aborted) await within(this.parts.clock, PATIENCE, closed);
        throw error;
      }
      directory.startJobs.renew();
      events.emit({ code: EVENT_SCHEDULER_STARTED, alias: null });
      // What is to be removed must not run first. For a mere report nothing waits.
      const reviewed = declared.review();
      if (declared.prunes) await unlessAborted(signal, reviewed);
      if (!paused) await this.go(signal);
      await unlessAborted(signal, reviewed);
    });
  }

  /** Asked again while it goes on, it waits no longer than the latest asks for. */
  async shutdown(options: ShutdownOptions): Promise<void> {
    const limit = this.limitOf(options);
    return this.ending ? this.hasten(this.ending, limit) : this.endBy(limit, (waits) => this.stop(waits));
  }

  async drain(options: ShutdownOptions): Promise<void> {
    const limit = this.limitOf(options);
    return this.ending ? this.hasten(this.ending, limit) : this.endBy(limit, (waits) => this.finish(waits));
  }

  pause(): Promise<void> {
    return this.exclusively(async () => {
      this.assertStarted();
      if (this.current === STATE_PAUSED) return;
      this.enter(STATE_PAUSED);
      await within(this.parts.clock, PATIENCE, this.parts.loop.stop());
      this.parts.events.emit({ code: EVENT_SCHEDULER_PAUSED, alias: null });
    });
  }

  resume(): Promise<void> {
    return this.beginBy(async (signal) => {
      this.assertStarted();
      if (this.current === STATE_RUNNING) return;
      this.enter(STATE_RUNNING);
      this.parts.events.emit({ code: EVENT_SCHEDULER_RESUMED, alias: null });
      await this.go(signal);
    });
  }

  async settled(): Promise<void> {
    await this.transition;
  }

  private enter(state: SchedulerState): void {
    this.current = state;
    this.parts.runner.mode = RUNNER_MODES[state];
  }

  private beginBy(begin: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.exclusively(async () => {
      const beginning = new AbortController();
      this.beginning = beginning;
      await begin(beginning.signal).finally(() => (this.beginning = null));
    });
  }

  private endBy(limit: number, end: (waits: Waits) => Promise<void>): Promise<void> {
    let cut!: () => void;
    const isCut = new Promise<void>((resolve) => (cut = resolve));
    // A store that does not open must not keep the scheduler from stopping.
    const impatience = this.parts.clock.setTimer(() => {
      this.beginning?.abort(new SchedulerNotRunningError());
    }, PATIENCE * 1000);
    const done = this.exclusively(() => {
      impatience.cancel();
      return end({ limit, isCut });
    }).finally(() => (this.ending = null));
    this.ending = { done, cut };
    return done;
  }

  private async hasten({ done, cut }: Ending, limit: number): Promise<void> {
    if (limit > 0) await within(this.parts.clock, limit, done);
    cut();
    await done;
  }

  private async stop(waits: Waits): Promise<void> {
    const { clock, components, events, loop, runner } = this.parts;
    this.assertStarted();
    this.enter(STATE_STOPPED);
    runner.mode = 'closing';
    await Promise.all([within(clock, PATIENCE, loop.close()), this.endRuns(waits)]);
    const deadline = new Deadline(clock, PATIENCE);
    await runner.recorder.close(deadline);
    await deadline.wait(components.stopExecutors());
    await deadline.wait(components.closeStores());
    deadline.cancel();
    runner.mode = 'stopped';
    events.emit({ code: EVENT_SCHEDULER_SHUTDOWN, alias: null });
  }

  private async finish(waits: Waits): Promise<void> {
    if (this.current !== STATE_STOPPED) return;
    this.parts.runner.mode = 'closing';
    await this.endRuns(waits);
    const deadline = new Deadline(this.parts.clock, PATIENCE);
    await this.parts.runner.recorder.close(deadline);
    deadline.cancel();
    this.parts.runner.mode = 'stopped';
  }

  private async go(signal: AbortSignal): Promise<void> {
    const { directory, loop } = this.parts;
    loop.start();
    await unlessAborted(signal, directory.startJobs.runAll(this.runAtStart));
  }

  /** Runs a job because of the start, unless the scheduler is paused. */
  readonly runAtStart: StartRun = (entry, job) => {
    if (this.current !== STATE_RUNNING) return false;
    this.parts.runner.runAtStart(entry, job);
    return true;
  };

  private assertStarted(): void {
    if (this.current === STATE_STOPPED) throw new SchedulerNotRunningError();
  }

  private exclusively(change: () => Promise<void>): Promise<void> {
    const turn = this.transition.then(change);
    this.transition = turn.catch(() => undefined);
    return turn;
  }

  /** How long to wait for runs, in seconds. */
  private limitOf({ wait = true, timeout = this.parts.shutdownTimeout }: ShutdownOptions): number {
    const limit = readTimeout(timeout, 'timeout');
    return wait ? limit : 0;
  }

  /** Gives back what has not begun; waits for what has, then aborts it. */
  private async endRuns({ limit, isCut }: Waits): Promise<void> {
    const { clock, components, runner } = this.parts;
    components.dropQueued();
    runner.giveBackWaiting(components.stores.values());
    await within(clock, PATIENCE, runner.recordedFirst());
    if (limit > 0) await within(clock, limit, Promise.race([runner.idle(), isCut]));
    if (runner.activeRuns > 0) await this.abortRuns();
  }

  private async abortRuns(): Promise<void> {
    const { clock, logger, runner } = this.parts;
    logger.warn(`Scheduler stops with ${runner.activeRuns} run(s) under way; their signals are aborted`);
    runner.abort();
    // A handler that heeds its signal ends now, and is still told as it ended.
    await clock.yield();
    runner.abandon();
  }
}

/**
 * Reads how long to wait.
 *
 * @returns seconds; `Infinity` stays what it is.
 * @throws InvalidInputError
 */
export function readTimeout(value: unknown, field: string): number {
  return value === Infinity ? Infinity : parseSeconds(value, field);
}
