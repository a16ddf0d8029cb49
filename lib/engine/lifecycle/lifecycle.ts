import { Deadline, unlessAborted, within } from '../util/deadline.js';
import { SchedulerAlreadyRunningError, SchedulerNotRunningError } from '../errors.js';
import {
  EVENT_SCHEDULER_PAUSED,
  EVENT_SCHEDULER_RESUMED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
} from '../events.js';
import { assertNodeScope, readLimit, readScope } from './lifecycle-options.js';
import type { ScopeOptions, ShutdownOptions, StartOptions } from './lifecycle-options.js';
import { NodeDrain } from './node-drain.js';
import { PATIENCE, RunEnder, type Waits } from './run-ender.js';
import { runAtStart } from './run-at-start.js';
import type { StartRun } from '../jobs/start-jobs.js';
import { STATE_NAMES, STATE_PAUSED, STATE_RUNNING, STATE_STOPPED, type SchedulerState } from './states.js';
import type { ClusterMode } from '../stores/cluster-state.js';
import { Transitions } from './transitions.js';
import type { LifecycleParts } from './lifecycle-parts.js';

/** The state of a scheduler, and the ways from one to the next. */
export class Lifecycle {
  private current: SchedulerState = STATE_STOPPED;
  private isOpen = false;
  /** Whether this node by itself is paused. */
  private isPaused = false;
  private readonly transitions: Transitions;
  private readonly ender: RunEnder;
  readonly draining: NodeDrain;

  constructor(private readonly parts: LifecycleParts) {
    this.ender = new RunEnder(parts);
    this.draining = new NodeDrain(parts, this.ender);
    this.transitions = new Transitions(parts.clock);
  }

  get state(): SchedulerState {
    return this.current;
  }

  /** Whether the stores are open: from the start to the shutdown of this node, also while all nodes are stopped. */
  get isStarted(): boolean {
    return this.isOpen;
  }

  async start(options: StartOptions): Promise<void> {
    const { paused = false } = options;
    const isForAll = this.isForAll(options);
    return this.transitions.begin(async (signal) => {
      if (this.current !== STATE_STOPPED) throw new SchedulerAlreadyRunningError();
      const isReopened = !this.isOpen;
      try {
        if (isReopened) await this.open(signal);
        if (isForAll)
          await this.turn(signal, paused ? 'paused' : 'running', paused ? ['stopped', 'running'] : ['stopped']);
      } catch (error) {
        if (isReopened) await this.close(signal);
        throw error;
      }
      this.isPaused = paused && !isForAll;
      this.draining.end();
      if (this.wanted === STATE_STOPPED)
        this.parts.logger.warn(`The scheduler waits: ${this.parts.cluster.hint('start')}`);
      else await this.begin(signal);
    });
  }

  /** Asked again while it goes on, it waits no longer than the latest asks for. */
  async shutdown(options: ShutdownOptions): Promise<void> {
    const limit = readLimit(options, this.parts.shutdownTimeout);
    const isForAll = this.isForAll(options);
    this.parts.components.stopWaiting();
    return this.exemptingCaller(() => (isForAll ? this.shutdownAll(limit) : this.shutdownNode(limit)));
  }

  private async shutdownNode(limit: number): Promise<void> {
    while (this.transitions.isEnding) {
      await this.transitions.hasten(limit);
      if (!this.isOpen) return;
    }
    return this.transitions.end(limit, (waits) => this.stop(waits));
  }

  async drain(options: ShutdownOptions): Promise<void> {
    const limit = readLimit(options, this.parts.shutdownTimeout);
    assertNodeScope(options);
    const { transitions } = this;
    return this.exemptingCaller(() => {
      if (transitions.isEnding) return transitions.hasten(limit);
      if (this.current === STATE_STOPPED) return transitions.end(limit, (waits) => this.draining.endStopped(waits));
      // Not one transition: whatever comes meanwhile must not wait for it.
      return this.pause({}).then(() => this.draining.drain(limit));
    });
  }

  async pause(options: ScopeOptions): Promise<void> {
    this.assertNotEndingCaller();
    const isForAll = this.isForAll(options);
    return this.transitions.begin(async (signal) => {
      this.assertRunning();
      if (isForAll) await this.turn(signal, 'paused', ['running']);
      else this.isPaused = true;
      this.assertMayRun();
      await this.rest();
    });
  }

  async resume(options: ScopeOptions): Promise<void> {
    this.assertNotEndingCaller();
    const isForAll = this.isForAll(options);
    return this.transitions.begin(async (signal) => {
      this.assertRunning();
      if (isForAll) await this.turn(signal, 'running', ['paused']);
      this.isPaused = false;
      this.draining.resume();
      this.assertMayRun();
      if (this.wanted === STATE_RUNNING) await this.proceed(signal);
      else this.parts.logger.warn(`The scheduler stays paused: ${this.parts.cluster.hint('resume')}`);
    });
  }

  async settled(): Promise<void> {
    await this.transitions.settled();
  }

  /** What all nodes do has changed: this one does so too. */
  follow(): void {
    const { clock, cluster, logger, shutdownTimeout } = this.parts;
    const isStop = cluster.mode === 'stopped';
    // What ends anyway looks no further.
    if (isStop && this.transitions.isEnding) return;
    const followed = isStop
      ? this.transitions.end(shutdownTimeout, (waits) => this.hold(waits))
      : this.transitions.begin((signal) => this.adjust(signal));
    const contained = followed.catch((error: unknown) => {
      logger.error('The scheduler did not do as all nodes do', error);
    });
    clock.track?.(contained);
  }

  /** Runs a job because of the start, unless the scheduler is paused. */
  readonly runAtStart: StartRun = (entry, job) => {
    if (this.current !== STATE_RUNNING) return false;
    runAtStart(this.parts, entry, job);
    return true;
  };

  /** The state that this node's own orders and those for all nodes result in. */
  private get wanted(): SchedulerState {
    const { mode } = this.parts.cluster;
    if (!this.isOpen || mode === 'stopped') return STATE_STOPPED;
    return this.isPaused || mode === 'paused' ? STATE_PAUSED : STATE_RUNNING;
  }

  private async open(signal: AbortSignal): Promise<void> {
    const { cluster, components, directory } = this.parts;
    await unlessAborted(signal, components.startExecutors());
    // Stores may be added until jobs go to their stores; from then on an added store is opened at once.
    const opened = (): void => void (this.isOpen = components.areOpen);
    while (!this.isOpen) {
      await unlessAborted(signal, components.openStores(signal));
      await unlessAborted(signal, cluster.ask());
      await unlessAborted(signal, directory.flushPending(opened, signal));
    }
  }

  /** A start has failed. */
  private async close(signal: AbortSignal): Promise<void> {
    this.isOpen = false;
    this.parts.cluster.forget();
    const closed = this.parts.components.release();
    if (!signal.aborted) await within(this.parts.clock, PATIENCE, closed);
  }

  private async begin(signal: AbortSignal): Promise<void> {
    const { adoption, cluster, declared, directory, events, logger } = this.parts;
    this.enter(this.wanted);
    directory.startJobs.renew();
    events.emit({ code: EVENT_SCHEDULER_STARTED, alias: null });
    if (cluster.mode === 'paused') logger.warn(`The scheduler starts paused: ${this.parts.cluster.hint('resume')}`);
    // What other nodes have left has its places before anything new is begun.
    await unlessAborted(signal, adoption.start());
    // What is to be removed must not run first. For a mere report nothing waits.
    const reviewed = declared.review();
    if (declared.prunes) await unlessAborted(signal, reviewed);
    if (this.current === STATE_RUNNING) await this.go(signal);
    await unlessAborted(signal, reviewed);
  }

  private async rest(): Promise<void> {
    if (this.current === STATE_PAUSED) return;
    this.enter(STATE_PAUSED);
    await within(this.parts.clock, PATIENCE, this.parts.loop.stop());
    this.parts.events.emit({ code: EVENT_SCHEDULER_PAUSED, alias: null });
  }

  private async proceed(signal: AbortSignal): Promise<void> {
    if (this.current === STATE_RUNNING) return;
    this.enter(STATE_RUNNING);
    this.parts.events.emit({ code: EVENT_SCHEDULER_RESUMED, alias: null });
    await this.go(signal);
  }

  private async adjust(signal: AbortSignal): Promise<void> {
    const { current, wanted } = this;
    // A stop has come since, and is followed by itself.
    if (wanted === STATE_STOPPED) return;
    if (current === wanted) {
      // Its stores may have refused it meanwhile.
      if (wanted === STATE_RUNNING) this.parts.loop.wake(-Infinity);
      return;
    }
    this.parts.logger.info(`All nodes are ${this.parts.cluster.inWords}; so is this one`);
    if (current === STATE_STOPPED) await this.begin(signal);
    else if (wanted === STATE_PAUSED) await this.rest();
    else await this.proceed(signal);
  }

  private enter(state: SchedulerState): void {
    this.current = state;
    this.parts.runner.mode = STATE_NAMES[state];
  }

  private async shutdownAll(limit: number): Promise<void> {
    const { transitions } = this;
    if (!transitions.isEnding) {
      await transitions.begin(async (signal) => {
        this.assertRunning();
        await this.turn(signal, 'stopped', ['running', 'paused']);
      });
    }
    return transitions.isEnding ? transitions.hasten(limit) : transitions.end(limit, (waits) => this.hold(waits));
  }

  private async stop(waits: Waits): Promise<void> {
    if (!this.isOpen) throw new SchedulerNotRunningError();
    await this.halt(waits, true);
  }

  /** As a stop, but the stores stay open: this node is to hear when all are started. */
  private async hold(waits: Waits): Promise<void> {
    if (this.current === STATE_STOPPED || this.wanted !== STATE_STOPPED) return;
    this.parts.logger.info(`All nodes are ${this.parts.cluster.inWords}; so is this one`);
    await this.halt(waits, false);
  }

  private async halt(waits: Waits, isLast: boolean): Promise<void> {
    const { clock, cluster, components, declared, events, loop, runner, trail } = this.parts;
    const wasRunning = this.current !== STATE_STOPPED;
    this.enter(STATE_STOPPED);
    this.draining.end();
    runner.mode = 'closing';
    await Promise.all([within(clock, PATIENCE, loop.close()), this.ender.endAll(waits, isLast)]);
    const deadline = new Deadline(clock, PATIENCE);
    await (isLast ? runner.recorder.close(deadline) : deadline.wait(runner.recorder.flushed()));
    await deadline.wait(Promise.all([components.stopExecutors(), trail.flushed()]));
    if (isLast) {
      this.isOpen = false;
      declared.stop();
      cluster.forget();
      await deadline.wait(components.closeStores());
    }
    deadline.cancel();
    runner.mode = 'stopped';
    if (wasRunning) events.emit({ code: EVENT_SCHEDULER_SHUTDOWN, alias: null });
  }

  private async go(signal: AbortSignal): Promise<void> {
    this.parts.loop.start();
    await unlessAborted(signal, this.parts.directory.startJobs.runAll(this.runAtStart));
  }

  private turn(signal: AbortSignal, to: ClusterMode, from: readonly ClusterMode[]): Promise<void> {
    return unlessAborted(signal, this.parts.cluster.turn(to, from));
  }

  /** A run that stops its own scheduler waits for the stop, so the stop must not wait for the run. */
  private async exemptingCaller(end: () => Promise<void>): Promise<void> {
    const release = this.parts.runner.exemptCaller();
    await end().finally(release);
  }

  /** @throws InvalidInputError */
  private isForAll(options: ScopeOptions): boolean {
    return readScope(options) === 'cluster' && this.parts.cluster.isShared;
  }

  /** A run that is being waited for must not wait for what comes after. */
  private assertNotEndingCaller(): void {
    if (this.transitions.isEnding && this.parts.runner.caller()) throw new SchedulerNotRunningError();
  }

  private assertRunning(): void {
    if (this.current === STATE_STOPPED) throw new SchedulerNotRunningError();
  }

  /** Somebody else may have stopped all nodes at the same time. */
  private assertMayRun(): void {
    if (this.wanted !== STATE_STOPPED) return;
    this.follow();
    throw new SchedulerNotRunningError();
  }
}
