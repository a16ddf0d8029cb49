import type { Clock, Timer } from '../clock.js';
import { LatenessWatch } from '../health/lateness-watch.js';
import type { Logger } from '../logger.js';
import type { JobSpec } from '../model/job.js';
import type { RunEntry } from '../runs/run-entry.js';
import type { Runner } from '../runs/runner.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { SlowWatch } from '../health/slow-watch.js';
import type { ClaimResult } from '../stores/job-store.js';
import type { Planner } from './planner.js';

/** The longest sleep: clock changes are noticed within it, and it stays below the limit of timers. */
const LONGEST_SLEEP_MS = 30_000;
/** How many due jobs are claimed in one step. */
const BATCH = 500;
/** How long runs are started before yielding to the event loop. */
const SLICE_MS = 2;
/** The smallest step back of the clock that is reported. */
const CLOCK_TOLERANCE_MS = 1000;

export interface StoreLoopParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly planner: Planner;
  readonly runner: Runner;
  /** Called when the computer's clock has been set back, with the difference, before jobs are claimed. */
  readonly clockSetBack: (entry: StoreEntry, ms: number) => Promise<void>;
}

/**
 * Wakes when the first job of a store falls due, claims due work, hands it over and sleeps again. It never ends by itself: a
 * failing store is retried with backoff, and one that does not answer is not asked twice.
 */
export class StoreLoop {
  private active = false;
  private timer: Timer | null = null;
  private armedFor = Infinity;
  private looking = false;
  private round: Promise<void> = Promise.resolve();
  /** The earliest instant that was requested during a round. */
  private wanted = Infinity;
  /** How far the wall clock was ahead of the monotonic one. */
  private clockOffset: number;
  private readonly slow: SlowWatch;
  private readonly lateness: LatenessWatch;

  constructor(
    private readonly parts: StoreLoopParts,
    private readonly entry: StoreEntry,
  ) {
    const { alias, pulse } = entry;
    this.clockOffset = this.measureOffset();
    const matter = 'said what is due; its jobs wait, all others go on';
    this.slow = new SlowWatch(parts, `Job store "${alias}"`, matter, (since) => pulse.taking.silent(since));
    this.lateness = new LatenessWatch(parts, alias, pulse);
  }

  start(): void {
    if (this.active) return;
    this.active = true;
    this.wake(-Infinity);
  }

  /** Claims nothing more. Resolves when everything claimed has been handed over. */
  async stop(): Promise<void> {
    this.active = false;
    this.disarm();
    this.slow.forget();
    this.lateness.forget();
    // It is not asked any more, so its failure would be shown long after it has recovered.
    if (!this.looking) this.entry.pulse.taking.end();
    await this.round;
  }

  /** Ensures that due work is claimed at an instant (epoch milliseconds). */
  wake(at: number): void {
    if (!this.active) return;
    if (this.looking) this.wanted = Math.min(this.wanted, at);
    else if (at < this.armedFor) this.arm(at);
  }

  private arm(at: number): void {
    const { clock } = this.parts;
    this.disarm();
    this.armedFor = at;
    const needed = Math.max(0, at - clock.now());
    const delay = Math.min(needed, LONGEST_SLEEP_MS);
    const look = (): void => {
      this.disarm();
      this.round = this.look();
      clock.track?.(this.round);
    };
    this.timer = clock.setTimer(look, delay, needed);
  }

  private disarm(): void {
    this.timer?.cancel();
    this.timer = null;
    this.armedFor = Infinity;
  }

  private async look(): Promise<void> {
    this.looking = true;
    this.wanted = Infinity;
    let next = Infinity;
    try {
      await this.followClock();
      next = await this.takeAll();
    } catch (error) {
      this.parts.logger.error(`A look for due jobs in job store "${this.entry.alias}" failed`, error);
    } finally {
      this.looking = false;
    }
    // arm() limits the sleep.
    if (this.active) this.arm(Math.min(next, this.wanted));
  }

  private async followClock(): Promise<void> {
    const offset = this.measureOffset();
    const setBackMs = this.clockOffset - offset;
    this.clockOffset = offset;
    if (setBackMs > CLOCK_TOLERANCE_MS) await this.parts.clockSetBack(this.entry, setBackMs);
  }

  private measureOffset(): number {
    const { clock } = this.parts;
    return clock.now() - (clock.monotonic?.() ?? clock.now());
  }

  private async takeAll(): Promise<number> {
    const { clock, planner } = this.parts;
    if (planner.executors?.length === 0) return Infinity;
    while (this.active) {
      const askAgainAt = await this.ask();
      if (askAgainAt > clock.now()) return askAgainAt;
      await clock.yield();
    }
    return Infinity;
  }

  /** Claims a batch of due work. @returns when to ask again */
  private async ask(): Promise<number> {
    const { taking } = this.entry.pulse;
    const retryAt = taking.now?.retryAt ?? -Infinity;
    const wait = retryAt - this.parts.clock.now();
    // A longer wait means that the computer's clock was set back.
    if (wait > 0 && wait <= LONGEST_SLEEP_MS) return retryAt;
    try {
      const nextDue = await this.takeBatch();
      if (taking.now !== null) this.recovered();
      return nextDue ?? Infinity;
    } catch (error) {
      return this.backOff(error);
    }
  }

  private async takeBatch(): Promise<number | null> {
    const { entry } = this;
    const { runner } = this.parts;
    this.slow.begin();
    try {
      const { claimed, retries, nextDue } = await this.take().finally(() => this.slow.end());
      if (retries.length > 0) await this.handOver(retries, (one) => runner.submitRetry(entry, one));
      if (claimed.length > 0) await this.handOver(claimed, (one) => runner.submit(entry, one));
      return nextDue;
    } finally {
      entry.claiming = [];
    }
  }

  private async take(): Promise<ClaimResult<RunEntry>> {
    const { entry } = this;
    const { clock, planner } = this.parts;
    let oldest = 0;
    const { executors } = planner;
    const result = await entry.store.claimDue({
      now: clock.now(),
      limit: BATCH,
      ...(executors && { executors }),
      plan: (job, due, now, runningElsewhere) => {
        const planned = planner.plan(entry, job, due, now, runningElsewhere);
        if (planned === null) return null;
        if (now - due.fireTime > oldest) oldest = now - due.fireTime;
        for (const run of planned.runs) entry.claiming.push(run);
        return planned;
      },
      retry: (job, failed, now, runningElsewhere) => {
        const run = planner.retry(entry, job, failed, now, runningElsewhere);
        if (run !== null) entry.claiming.push(run);
        return run;
      },
    });
    if (this.active) this.lateness.note(oldest);
    // A store hands back the plans and runs that it was given here.
    return result as ClaimResult<RunEntry>;
  }

  /** A failing job must not affect its store or other jobs. */
  private async handOver<T extends { readonly job: JobSpec }>(
    claimed: readonly T[],
    submit: (one: T) => void,
  ): Promise<void> {
    const { clock, logger } = this.parts;
    let sliceEnd = clock.now() + SLICE_MS;
    for (const one of claimed) {
      try {
        submit(one);
      } catch (error) {
        logger.error(`Job "${one.job.id}" could not be handed over`, error);
      }
      if (clock.now() < sliceEnd) continue;
      await clock.yield();
      sliceEnd = clock.now() + SLICE_MS;
    }
  }

  private backOff(error: unknown): number {
    const { alias, pulse } = this.entry;
    const { clock, logger } = this.parts;
    if (pulse.taking.failures === 0) {
      logger.error(`Job store "${alias}" fails to hand out due jobs; it is asked again, at growing distances`, error);
    }
    return clock.now() + pulse.taking.failed(error, clock.now());
  }

  private recovered(): void {
    const { alias, pulse } = this.entry;
    const failures = pulse.taking.end(this.parts.clock.now());
    // The recovery of a store that only did not answer has been logged already.
    if (failures === 0) return;
    this.parts.logger.info(`Job store "${alias}" hands out due jobs again, after ${failures} failure(s)`);
  }
}
