import type { AsyncResource } from 'node:async_hooks';
import { Stopwatch, type Clock } from '../clock.js';
import { SlowWatch } from '../health/slow-watch.js';
import { SchedulerError, SchedulerNotRunningError } from '../errors.js';
import { reasonOf } from '../health/reason-of.js';
import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';

export interface StoreOpeningParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The async context of what stores begin when they are opened: connections, subscriptions. */
  readonly scope: AsyncResource;
}

/** One opening of a job store: tried again with backoff, as long as waiting may help. */
export class StoreOpening {
  /** Also resolves, with the store not open, once it has been cancelled. Rejects with a SchedulerError that names the store. */
  readonly done: Promise<void>;
  private readonly slow: SlowWatch;
  private end: 'cancelled' | 'shutdown' | null = null;
  private endWait: () => void = () => undefined;

  /** @param limit - for how many seconds a store that cannot be opened is tried again; `Infinity` for no limit. */
  constructor(
    private readonly parts: StoreOpeningParts,
    private readonly entry: StoreEntry,
    limit: number,
  ) {
    this.slow = new SlowWatch(parts, `Job store "${entry.alias}"`, 'opened; the start waits for it');
    this.done = this.open(limit * 1000);
  }

  /** The store is not needed any more: the attempt under way is the last. */
  cancel(): void {
    this.slow.forget();
    this.endBy('cancelled');
  }

  /** The start must not wait any longer: the attempt under way is the last. */
  giveUp(): void {
    this.endBy('shutdown');
  }

  private endBy(reason: 'cancelled' | 'shutdown'): void {
    this.end ??= reason;
    this.endWait();
  }

  private async open(limitMs: number): Promise<void> {
    const { clock, logger } = this.parts;
    const { alias, pulse } = this.entry;
    const watch = new Stopwatch(clock);
    let told: string | null = null;
    for (let failures = 1; ; failures++) {
      const error = await this.attempt();
      if (error === null) {
        if (told !== null) logger.info(`Job store "${alias}" is open, after ${failures - 1} failure(s)`);
        return;
      }
      const delay = pulse.opening.failed(error, clock.now());
      const left = limitMs - watch.elapsedMs;
      const reason = reasonOf(error);
      const problem = `Job store "${alias}" cannot be opened: ${reason}`;
      const isRetried = left > 0 && this.end === null && !isPermanent(error);
      if (isRetried && reason !== told) {
        const most = limitMs === Infinity ? '' : `, for at most ${Math.ceil(left / 1000)} s`;
        logger.warn(`${problem}. The start waits and tries again with backoff${most}`);
        told = reason;
      }
      if (isRetried) await this.wait(Math.min(delay, left));
      if (isRetried && this.end === null) continue;
      pulse.opening.givenUp();
      if (this.end === 'cancelled') return;
      throw isRetried ? new SchedulerNotRunningError() : new SchedulerError('CONFIGURATION', problem, { cause: error });
    }
  }

  /** @returns why it failed; null if the store is open. */
  private async attempt(): Promise<unknown> {
    this.slow.begin();
    try {
      await this.parts.scope.runInAsyncScope(() => this.entry.store.start?.());
      return null;
    } catch (error) {
      return error ?? new Error('it does not say why');
    } finally {
      this.slow.end();
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.parts.clock.setTimer(resolve, ms);
      this.endWait = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

/** Whether the store itself says that its configuration is wrong: no waiting mends that. */
function isPermanent(error: unknown): boolean {
  return error instanceof SchedulerError && error.code === 'CONFIGURATION';
}
