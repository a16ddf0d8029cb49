import type { Clock } from './clock.js';
import type { Components } from './components.js';
import { SchedulerAlreadyRunningError, SchedulerNotRunningError } from './errors.js';
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
import type { Runner } from './runner.js';
import { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED, type SchedulerState } from './states.js';
import { parseSeconds, type DurationInput } from './time/duration.js';

/** How {@link Scheduler.start} begins. */
export interface StartOptions {
  /** Run nothing until `resume()`. @default false */
  paused?: boolean;
}

/** How {@link Scheduler.shutdown} goes about running jobs. */
export interface ShutdownOptions {
  /** Whether to wait for them at all. @default true */
  wait?: boolean;
  /** How long: seconds, or a duration such as `1m`; then their signals are aborted. `Infinity` waits for good. @default the scheduler's `shutdownTimeout` */
  timeout?: DurationInput;
}

export interface LifecycleParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly components: Components;
  readonly directory: JobDirectory;
  readonly runner: Runner;
  readonly loop: Loop;
  /** In seconds. */
  readonly shutdownTimeout: number;
}

const RUNNER_MODES = { [STATE_STOPPED]: 'stopped', [STATE_RUNNING]: 'running', [STATE_PAUSED]: 'paused' } as const;

/** The state of a scheduler, and the ways from one to the next. */
export class Lifecycle {
  private current: SchedulerState = STATE_STOPPED;
  /** The end of the latest transition: each waits for the one before it. */
  private transition: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: LifecycleParts) {}

  get state(): SchedulerState {
    return this.current;
  }

  start({ paused = false }: StartOptions): Promise<void> {
    const { components, directory, events, loop } = this.parts;
    return this.exclusively(async () => {
      if (this.current !== STATE_STOPPED) throw new SchedulerAlreadyRunningError();
      await components.openStores();
      try {
        await directory.flushPending(() => this.enter(paused ? STATE_PAUSED : STATE_RUNNING));
      } catch (error) {
        await components.closeStores();
        throw error;
      }
      events.emit({ code: EVENT_SCHEDULER_STARTED, alias: null });
      if (!paused) loop.start();
    });
  }

  async shutdown(options: ShutdownOptions): Promise<void> {
    const limit = this.limitOf(options);
    const { components, events, loop, runner } = this.parts;
    return this.exclusively(async () => {
      this.assertStarted();
      this.enter(STATE_STOPPED);
      runner.mode = 'closing';
      await this.within(this.parts.shutdownTimeout, loop.stop());
      await this.endRuns(limit);
      await components.stopExecutors();
      await components.closeStores();
      runner.mode = 'stopped';
      events.emit({ code: EVENT_SCHEDULER_SHUTDOWN, alias: null });
    });
  }

  async drain(options: ShutdownOptions): Promise<void> {
    const limit = this.limitOf(options);
    return this.exclusively(async () => {
      if (this.current !== STATE_STOPPED) return;
      this.parts.runner.mode = 'closing';
      await this.endRuns(limit);
      this.parts.runner.mode = 'stopped';
    });
  }

  pause(): Promise<void> {
    return this.exclusively(async () => {
      this.assertStarted();
      if (this.current === STATE_PAUSED) return;
      this.enter(STATE_PAUSED);
      await this.within(this.parts.shutdownTimeout, this.parts.loop.stop());
      this.parts.events.emit({ code: EVENT_SCHEDULER_PAUSED, alias: null });
    });
  }

  resume(): Promise<void> {
    return this.exclusively(async () => {
      this.assertStarted();
      if (this.current === STATE_RUNNING) return;
      this.enter(STATE_RUNNING);
      this.parts.events.emit({ code: EVENT_SCHEDULER_RESUMED, alias: null });
      this.parts.loop.start();
    });
  }

  async settled(): Promise<void> {
    await this.transition;
  }

  private enter(state: SchedulerState): void {
    this.current = state;
    this.parts.runner.mode = RUNNER_MODES[state];
  }

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
  private async endRuns(limitSeconds: number): Promise<void> {
    const { components, runner } = this.parts;
    components.dropQueued();
    if (limitSeconds > 0) await this.within(limitSeconds, runner.idle());
    if (runner.activeRuns > 0) await this.abortRuns();
  }

  private async within(limitSeconds: number, work: Promise<unknown>): Promise<void> {
    if (limitSeconds === Infinity) return void (await work);
    await new Promise<void>((resolve) => {
      const timer = this.parts.clock.setTimer(resolve, limitSeconds * 1000);
      const finish = (): void => {
        timer.cancel();
        resolve();
      };
      work.then(finish, finish);
    });
  }

  private async abortRuns(): Promise<void> {
    const { clock, logger, runner } = this.parts;
    logger.warn(`Scheduler stops with ${runner.activeRuns} run(s) under way; their signals are aborted`);
    runner.abort(new SchedulerNotRunningError());
    // A handler that heeds its signal ends now, and is still told as it ended.
    await clock.yield();
    runner.abandonWaiters();
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
