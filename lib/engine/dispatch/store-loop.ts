import type { Clock, Timer } from '../clock.js';
import { LatenessWatch } from '../health/lateness-watch.js';
import type { Logger } from '../logger.js';
import type { JobSpec } from '../jobs/job.js';
import type { RunRecord } from '../runs/run-record.js';
import type { RunEntry } from '../runs/run-entry.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { SlowWatch } from './slow-watch.js';
import type { DueRun, RunPlan, ClaimedJob, ClaimedRetry, ClaimResult } from '../stores/job-store.js';

/** The longest sleep: a jump of the computer's clock is noticed within it, and no timer limit is ever met. */
const LONGEST_SLEEP_MS = 30_000;
/** How many due jobs are taken in one step. */
const BATCH = 500;
/** How long runs are started before the event loop gets its turn. */
const SLICE_MS = 2;
/** A timer that wakes so much too early by the clock did not: the clock has been set back. */
const CLOCK_TOLERANCE_MS = 1000;

export interface StoreLoopParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Decides about a due job; null leaves it where it is. */
  readonly plan: (
    entry: StoreEntry,
    job: JobSpec,
    due: DueRun,
    now: number,
    runningElsewhere?: number,
  ) => RunPlan | null;
  /** Makes the next attempt of a run; null leaves it where it is. */
  readonly retry: (job: JobSpec, failed: RunRecord, now: number) => RunEntry | null;
  /** The computer's clock has been set back, by so many milliseconds. */
  readonly clockSetBack: (ms: number) => void;
  readonly submit: (entry: StoreEntry, claimed: ClaimedJob) => void;
  readonly submitRetry: (entry: StoreEntry, claimed: ClaimedRetry) => void;
}

/**
 * Wakes when the first job of a store falls due, takes what is due, hands it over and sleeps again. It never ends by
 * itself: a store that fails is left alone for a while and asked again, and one that does not answer is not asked twice.
 */
export class StoreLoop {
  private active = false;
  private timer: Timer | null = null;
  private armedFor = Infinity;
  private looking = false;
  private round: Promise<void> = Promise.resolve();
  /** The earliest instant that somebody asked for during a round. */
  private wanted = Infinity;
  private readonly slow: SlowWatch;
  private readonly lateness: LatenessWatch;

  constructor(
    private readonly parts: StoreLoopParts,
    private readonly entry: StoreEntry,
  ) {
    const { alias, pulse } = entry;
    const matter = 'said what is due; its jobs wait, all others go on';
    this.slow = new SlowWatch(parts, `Job store "${alias}"`, matter, (since) => pulse.taking.silent(since));
    this.lateness = new LatenessWatch(parts, alias, pulse);
  }

  start(): void {
    if (this.active) return;
    this.active = true;
    this.wake(-Infinity);
  }

  /** Takes nothing more. Resolves when what was taken has been handed over. */
  async stop(): Promise<void> {
    this.active = false;
    this.disarm();
    this.slow.forget();
    this.lateness.forget();
    // Nobody asks it any more, and it may be well for long before somebody does.
    if (!this.looking) this.entry.pulse.taking.end();
    await this.round;
  }

  /** Makes sure of a look at an instant (epoch milliseconds). */
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
    const wakesAt = clock.now() + delay;
    const look = (): void => {
      this.disarm();
      const early = wakesAt - clock.now();
      if (early > CLOCK_TOLERANCE_MS) this.parts.clockSetBack(early);
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
      next = await this.takeAll();
    } catch (error) {
      this.parts.logger.error(`A look for due jobs in job store "${this.entry.alias}" failed`, error);
    } finally {
      this.looking = false;
    }
    // A far instant still makes a sleep: arm() cuts it to the longest one.
    if (this.active) this.arm(Math.min(next, this.wanted));
  }

  private async takeAll(): Promise<number> {
    const { clock } = this.parts;
    while (this.active) {
      const askAgainAt = await this.ask();
      if (askAgainAt > clock.now()) return askAgainAt;
      await clock.yield();
    }
    return Infinity;
  }

  /** Takes a batch of what is due. Answers when to ask again. */
  private async ask(): Promise<number> {
    const { taking } = this.entry.pulse;
    const retryAt = taking.now?.retryAt ?? -Infinity;
    const wait = retryAt - this.parts.clock.now();
    // A longer wait was never meant: the computer's clock has been set back.
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
    const { submit, submitRetry } = this.parts;
    this.slow.begin();
    try {
      const { claimed, retries, nextDue } = await this.take().finally(() => this.slow.end());
      if (retries.length > 0) await this.handOver(retries, (one) => submitRetry(entry, one));
      if (claimed.length > 0) await this.handOver(claimed, (one) => submit(entry, one));
      return nextDue;
    } finally {
      entry.claiming = [];
    }
  }

  private async take(): Promise<ClaimResult> {
    const { entry } = this;
    const { clock, plan, retry } = this.parts;
    let oldest = 0;
    const result = await entry.store.claimDue({
      now: clock.now(),
      limit: BATCH,
      plan: (job, due, now, runningElsewhere) => {
        const planned = plan(entry, job, due, now, runningElsewhere);
        if (planned === null) return null;
        if (now - due.fireTime > oldest) oldest = now - due.fireTime;
        for (const run of planned.runs) entry.claiming.push(run);
        return planned;
      },
      retry: (job, failed, now) => {
        const run = retry(job, failed, now);
        if (run !== null) entry.claiming.push(run);
        return run;
      },
    });
    if (this.active) this.lateness.note(oldest);
    return result;
  }

  /** What goes wrong with one job is neither its store's fault nor the other jobs'. */
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
    const failures = pulse.taking.end();
    // That one answers again which only was silent has been told.
    if (failures === 0) return;
    this.parts.logger.info(`Job store "${alias}" hands out due jobs again, after ${failures} failure(s)`);
  }
}
