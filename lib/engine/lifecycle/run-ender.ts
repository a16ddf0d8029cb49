import type { Clock } from '../clock.js';
import type { Components } from './components.js';
import { within } from '../util/deadline.js';
import type { Logger } from '../logger.js';
import type { Runner } from '../runs/runner.js';
import type { RunAdoption } from './run-adoption.js';

/** How long an end or a pause waits for stores and executors to answer, in seconds. Runs have their own time-out. */
export const PATIENCE = 5;

/** How long an end waits for runs. */
export interface Waits {
  /** In seconds. */
  readonly limit: number;
  /** Resolves when somebody will not wait any longer. */
  readonly isCut: Promise<void>;
}

export interface RunEnderParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly components: Components;
  readonly adoption: RunAdoption;
  readonly runner: Runner;
}

/** Sees runs to their end when a scheduler stops. */
export class RunEnder {
  constructor(private readonly parts: RunEnderParts) {}

  /**
   * Closes what has not started as missed; waits for what has, then aborts it.
   *
   * @param isLast - whether the process goes: runs still active are lost then. Otherwise they go on, and are recorded when they end.
   */
  async endAll(waits: Waits, isLast: boolean): Promise<void> {
    const { clock, runner } = this.parts;
    await this.waitForAll(waits, 'shutdown');
    if (runner.waitedRuns > 0) await this.abortAll('stops');
    if (!isLast || runner.activeRuns === 0) return;
    // A run that stops the scheduler and returns without waiting is recorded as it ends.
    await clock.yield();
    runner.abandon();
  }

  /**
   * Lets a paused scheduler end what it has under way: as when it stops, but for what has gone on before the time is over.
   *
   * @param isDrained - whether it is still to be so.
   */
  async drain(waits: Waits, isDrained: () => boolean): Promise<void> {
    const { clock, runner } = this.parts;
    await this.waitForAll(waits, 'paused');
    if (!isDrained()) return;
    if (runner.waitedRuns > 0) await this.abortAll('is drained');
    await within(clock, PATIENCE, runner.recorder.flushed());
  }

  /** Closes what has not started as missed; waits for what has. */
  private async waitForAll({ limit, isCut }: Waits, reason: 'shutdown' | 'paused'): Promise<void> {
    const { adoption, clock, components, runner } = this.parts;
    const adopted = adoption.stop();
    // They go on elsewhere, and other nodes adopt them.
    const left = runner.handedOver.leave();
    components.dropQueued();
    runner.missWaiting(components.stores.values(), reason);
    await within(clock, PATIENCE, Promise.all([adopted, left, runner.recordedFirst()]));
    if (limit > 0) await within(clock, limit, Promise.race([runner.idle(), isCut]));
  }

  private async abortAll(why: string): Promise<void> {
    const { logger, runner } = this.parts;
    logger.warn(`Scheduler ${why} with ${runner.waitedRuns} run(s) under way; their signals are aborted`);
    runner.abort();
    // A handler that observes its signal ends now, and its own outcome is recorded.
    await runner.endOfAborted();
  }
}
