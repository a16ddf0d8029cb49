import type { Clock, Timer } from '../clock.js';
import type { Deadline } from '../util/deadline.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_JOB_REMOVED } from '../events.js';
import type { Logger } from '../logger.js';
import { SlowWatch } from '../health/slow-watch.js';
import { RunConfirmations } from './run-confirmations.js';
import type { RunEntry } from './run-entry.js';
import type { RunStatistics } from './run-statistics.js';
import { weightOf } from '../model/run-weight.js';
import type { StoreEntry } from './store-entry.js';

export interface RecorderParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly statistics: RunStatistics;
  /** A job or a retry is due then (epoch milliseconds). */
  readonly wake: (at: number, entry: StoreEntry) => void;
}

/** The most that one write takes, in runs and in bytes of what is kept with them. */
const MOST_RUNS = 1000;
const MOST_BYTES = 2_000_000;
/** How often a run that fails alone is tried as it is, if the store takes no other run meanwhile. */
const TRIES_ALONE = 3;

/** What is to be recorded in one store. */
interface Backlog {
  runs: RunEntry[];
  /** Runs that failed alone, while the others are tried. */
  aside: RunEntry[];
  /** Runs that came before they had settled, which come once more. */
  readonly early: Set<RunEntry>;
  /** How many runs the next write takes at most: fewer after a failure, to find the run that cannot be recorded. */
  limit: number;
  /** How often runs have failed alone. */
  readonly failedAlone: Map<RunEntry, number>;
  readonly confirmations: RunConfirmations;
  /** How many runs have come and have been recorded so far. */
  received: number;
  recorded: number;
  /** The runs that are being written. */
  underWay: readonly RunEntry[];
  /** The write under way, or that begins in this turn. */
  writing: Promise<void> | null;
  /** Who wait until so many runs have been recorded. */
  waiting: { readonly until: number; readonly resolve: () => void }[];
  retry: Timer | null;
  readonly slow: SlowWatch;
}

/**
 * Brings what became of runs to their stores. What comes while a store is being written to goes with the next
 * write, so a slow store makes larger batches, up to a limit; a failing one is tried again, at growing distances, and nothing
 * is lost. A batch that fails is halved until the run that the store refuses is found: it must not hold up the others.
 */
export class RunRecorder {
  private readonly backlogs = new Map<StoreEntry, Backlog>();

  constructor(private readonly parts: RecorderParts) {}

  /** Records a run as it stands when its turn comes. */
  put(entry: StoreEntry, run: RunEntry): void {
    // A durable store that has been closed hears no more: its leases tell what became of the run.
    if (!entry.open) return;
    const backlog = this.backlogOf(entry);
    backlog.runs.push(run);
    if (!run.settled) backlog.early.add(run);
    backlog.received++;
    if (!backlog.retry) this.beginWriting(entry, backlog);
  }

  /**
   * Records a run, and resolves once that is done: whether the store has taken it. Never rejects, and never resolves if the
   * recorder is closed before.
   */
  confirmed(entry: StoreEntry, run: RunEntry): Promise<boolean> {
    this.put(entry, run);
    return this.confirmation(entry, run);
  }

  /** The same for a run that has just been put: in the same turn. */
  confirmation(entry: StoreEntry, run: RunEntry): Promise<boolean> {
    // Without one the store has been closed.
    return this.backlogs.get(entry)?.confirmations.wait(run) ?? Promise.resolve(false);
  }

  /** The runs that a store has not recorded yet, as they are by now. */
  unrecorded(entry: StoreEntry): readonly RunEntry[] {
    const backlog = this.backlogs.get(entry);
    return backlog ? [...backlog.underWay, ...backlog.aside, ...backlog.runs] : [];
  }

  /** Resolves once everything up to now has been recorded, or its store has failed to. */
  async flushed(): Promise<void> {
    await Promise.all(Array.from(this.backlogs.values(), (backlog) => upToNow(backlog)));
  }

  /** Tries once more what could not be recorded, as long as there is time, and then gives it up. */
  async close(deadline: Deadline): Promise<void> {
    for (const [entry, backlog] of this.backlogs) {
      backlog.retry?.cancel();
      backlog.retry = null;
      if (backlog.runs.length + backlog.aside.length > 0) this.beginWriting(entry, backlog);
    }
    await deadline.wait(this.flushed().then(() => this.parts.statistics.flushAll()));
    for (const [{ alias, pulse }, backlog] of this.backlogs) {
      backlog.retry?.cancel();
      backlog.slow.forget();
      pulse.recording.end();
      const unknown = backlog.runs.length + backlog.aside.length + backlog.underWay.length;
      if (unknown > 0) this.parts.logger.error(`Job store "${alias}" has not recorded how ${unknown} run(s) went`);
    }
    this.backlogs.clear();
    this.parts.statistics.close();
  }

  private beginWriting(entry: StoreEntry, backlog: Backlog): void {
    if (backlog.writing) return;
    backlog.writing = this.writeAll(entry, backlog);
    this.parts.clock.track?.(backlog.writing);
  }

  private backlogOf(entry: StoreEntry): Backlog {
    let backlog = this.backlogs.get(entry);
    if (!backlog) {
      const slow = new SlowWatch(
        this.parts,
        `Job store "${entry.alias}"`,
        'recorded how runs went; they are kept here',
        (since) => entry.pulse.recording.silent(since),
      );
      const counts = { limit: MOST_RUNS, received: 0, recorded: 0 };
      const nothing = {
        runs: [],
        aside: [],
        underWay: [],
        waiting: [],
        early: new Set<RunEntry>(),
        failedAlone: new Map<RunEntry, number>(),
        confirmations: new RunConfirmations(),
        ...counts,
      };
      backlog = { ...nothing, writing: null, retry: null, slow };
      this.backlogs.set(entry, backlog);
    }
    return backlog;
  }

  private async writeAll(entry: StoreEntry, backlog: Backlog): Promise<void> {
    // Whatever else ends in this turn goes along.
    await Promise.resolve();
    try {
      await this.drain(entry, backlog);
      if (entry.pulse.recording.now !== null) this.recovered(entry);
    } catch (error) {
      this.backOff(entry, backlog, error);
    } finally {
      backlog.writing = null;
      for (const { resolve } of backlog.waiting.splice(0)) resolve();
    }
  }

  private async drain(entry: StoreEntry, backlog: Backlog): Promise<void> {
    let hasRecorded = false;
    let failures = 0;
    backlog.runs = [...backlog.aside.splice(0), ...backlog.runs];
    for (;;) {
      if (backlog.runs.length === 0) backlog.runs = backlog.aside.splice(0);
      if (backlog.runs.length === 0) return;
      const runs = backlog.runs.splice(0, batchSize(backlog));
      try {
        await this.write(entry, backlog, runs);
        hasRecorded = true;
        failures = 0;
        backlog.limit = Math.min(backlog.limit * 2, MOST_RUNS);
      } catch (error) {
        const [run] = runs;
        const isAlone = runs.length === 1 && run !== undefined;
        backlog.limit = Math.ceil(runs.length / 2);
        if (!isAlone) {
          backlog.runs = [...runs, ...backlog.runs];
        } else if (!(await this.recordBare(entry, backlog, run, error, hasRecorded))) {
          // The others are tried before it; when the next one fails alone as well, it is the store that fails.
          backlog.aside.push(run);
          if (++failures === 2 || backlog.runs.length === 0) throw error;
        }
      }
      answer(backlog);
    }
  }

  private async write(entry: StoreEntry, backlog: Backlog, runs: readonly RunEntry[]): Promise<void> {
    backlog.underWay = runs;
    backlog.slow.begin();
    const { confirmations } = backlog;
    const waits = confirmations.begin(runs);
    try {
      const { removed, refused = [] } = await entry.store.record(runs);
      backlog.recorded += runs.length;
      this.count(entry, backlog, runs, refused);
      confirmations.done(waits, refused);
      if (backlog.failedAlone.size > 0) for (const run of runs) backlog.failedAlone.delete(run);
      if (refused.length > 0) {
        const what = `how ${refused.length} run(s) went: this node had lost its right to them`;
        this.parts.logger.warn(`Job store "${entry.alias}" did not take ${what}`);
      }
      for (const jobId of removed) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: entry.alias });
      for (const { retryAt } of runs) if (retryAt !== null) this.parts.wake(retryAt, entry);
    } catch (error) {
      confirmations.failed(waits);
      throw error;
    } finally {
      backlog.underWay = [];
      backlog.slow.end();
    }
  }

  /** Counts each run once: with the write that has its end, though it may have settled before an earlier one. */
  private count(entry: StoreEntry, backlog: Backlog, runs: readonly RunEntry[], refused: readonly string[]): void {
    // It has been given up.
    if (this.backlogs.get(entry) !== backlog) return;
    const others = new Set(refused);
    for (const run of runs) {
      const isEarly = backlog.early.size > 0 && backlog.early.delete(run);
      if (!isEarly && run.settled && !(others.size > 0 && others.has(run.id))) this.parts.statistics.add(entry, run);
    }
  }

  /**
   * Records how a run ended without its result, error and log, once it is likely that the store refuses those and does not
   * fail itself.
   *
   * @param isStoreFine - whether the store has recorded other runs just now.
   */
  private async recordBare(
    entry: StoreEntry,
    backlog: Backlog,
    run: RunEntry,
    reason: unknown,
    isStoreFine: boolean,
  ): Promise<boolean> {
    const failures = (backlog.failedAlone.get(run) ?? 0) + 1;
    backlog.failedAlone.set(run, failures);
    if (!run.settled || (!isStoreFine && failures < TRIES_ALONE)) return false;
    const { error, log, result, resultOmitted } = run;
    const message = `Job store "${entry.alias}" refuses what was kept with the run`;
    const bare = { log: [], result: null, resultOmitted: result === null ? resultOmitted : message };
    Object.assign(run, bare, error !== null && { error: { name: error.name, message, stack: null } });
    try {
      await this.write(entry, backlog, [run]);
    } catch {
      Object.assign(run, { error, log, result, resultOmitted });
      return false;
    }
    const what = `the result, error and log of run ${run.id} of job "${run.jobId}"`;
    this.parts.logger.error(`Job store "${entry.alias}" refuses ${what}: it is recorded without them`, reason);
    return true;
  }

  private backOff(entry: StoreEntry, backlog: Backlog, error: unknown): void {
    const { clock, logger } = this.parts;
    // It has been given up.
    if (this.backlogs.get(entry) !== backlog) return;
    const { recording } = entry.pulse;
    if (recording.failures === 0) {
      logger.error(`Job store "${entry.alias}" fails to record runs; it is tried again, at growing distances`, error);
    }
    const delay = recording.failed(error, clock.now());
    backlog.retry = clock.setTimer(() => {
      backlog.retry = null;
      this.beginWriting(entry, backlog);
    }, delay);
  }

  private recovered({ alias, pulse }: StoreEntry): void {
    const { clock, logger } = this.parts;
    const failures = pulse.recording.end(clock.now());
    if (failures > 0) logger.info(`Job store "${alias}" records runs again, after ${failures} failure(s)`);
  }
}

/** How many runs go with the next write: as many as are allowed, and at least one. */
function batchSize({ runs, limit }: Backlog): number {
  let bytes = 0;
  for (let size = 0; size < runs.length; size++) {
    bytes += weightOf(runs[size] as RunEntry);
    if (size === limit || (size > 0 && bytes > MOST_BYTES)) return size;
  }
  return runs.length;
}

/** Resolves once what is owed now has been recorded, however much comes after it; or when there is none any more. */
function upToNow(backlog: Backlog): Promise<void> {
  if (!backlog.writing) return Promise.resolve();
  return new Promise((resolve) => backlog.waiting.push({ until: backlog.received, resolve }));
}

/** A write is done. */
function answer(backlog: Backlog): void {
  for (const { until, resolve } of backlog.waiting) if (until <= backlog.recorded) resolve();
  backlog.waiting = backlog.waiting.filter(({ until }) => until > backlog.recorded);
}
