import type { Clock, Timer } from '../clock.js';
import type { Deadline } from '../lifecycle/deadline.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_JOB_REMOVED } from '../events.js';
import type { Logger } from '../logger.js';
import { SlowWatch } from '../dispatch/slow-watch.js';
import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

export interface RecorderParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  /** A job or a retry is due then (epoch milliseconds). */
  readonly wake: (at: number, entry: StoreEntry) => void;
}

/** What is to be recorded in one store. */
interface Backlog {
  runs: RunEntry[];
  /** The runs that are being written. */
  underWay: readonly RunEntry[];
  /** The write under way, or that begins in this turn. */
  writing: Promise<void> | null;
  /** Who wait for what is owed now, and how many writes that takes. */
  waiting: { writes: number; readonly resolve: () => void }[];
  retry: Timer | null;
  readonly slow: SlowWatch;
}

/**
 * Brings what became of runs to their stores. What comes while a store is being written to goes with the next
 * write, so a slow store makes larger batches; a failing one is tried again, at growing distances, and nothing is lost.
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
    if (!backlog.retry) this.beginWriting(entry, backlog);
  }

  /** The runs that a store has not recorded yet, as they are by now. */
  unrecorded(entry: StoreEntry): readonly RunEntry[] {
    const backlog = this.backlogs.get(entry);
    return backlog ? [...backlog.underWay, ...backlog.runs] : [];
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
      if (backlog.runs.length > 0) this.beginWriting(entry, backlog);
    }
    await deadline.wait(this.flushed());
    for (const [{ alias, pulse }, backlog] of this.backlogs) {
      backlog.retry?.cancel();
      backlog.slow.forget();
      pulse.recording.end();
      const unknown = backlog.runs.length + backlog.underWay.length;
      if (unknown > 0) this.parts.logger.error(`Job store "${alias}" has not recorded how ${unknown} run(s) went`);
    }
    this.backlogs.clear();
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
      backlog = { runs: [], underWay: [], waiting: [], writing: null, retry: null, slow };
      this.backlogs.set(entry, backlog);
    }
    return backlog;
  }

  private async writeAll(entry: StoreEntry, backlog: Backlog): Promise<void> {
    // Whatever else ends in this turn goes along.
    await Promise.resolve();
    try {
      while (backlog.runs.length > 0) {
        await this.write(entry, backlog);
        answer(backlog);
      }
      if (entry.pulse.recording.now !== null) this.recovered(entry);
    } catch (error) {
      this.backOff(entry, backlog, error);
    } finally {
      backlog.writing = null;
      for (const { resolve } of backlog.waiting.splice(0)) resolve();
    }
  }

  private async write(entry: StoreEntry, backlog: Backlog): Promise<void> {
    const { runs } = backlog;
    backlog.runs = [];
    backlog.underWay = runs;
    backlog.slow.begin();
    try {
      const { removed, refused = [] } = await entry.store.record(runs);
      if (refused.length > 0) {
        const what = `how ${refused.length} run(s) went: this node had lost its right to them`;
        this.parts.logger.warn(`Job store "${entry.alias}" did not take ${what}`);
      }
      for (const jobId of removed) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: entry.alias });
      for (const { retryAt } of runs) if (retryAt !== null) this.parts.wake(retryAt, entry);
    } catch (error) {
      backlog.runs = [...runs, ...backlog.runs];
      throw error;
    } finally {
      backlog.underWay = [];
      backlog.slow.end();
    }
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
    const failures = pulse.recording.end();
    if (failures > 0) this.parts.logger.info(`Job store "${alias}" records runs again, after ${failures} failure(s)`);
  }
}

/** Resolves with the write that has what is owed now, however much comes after it; or when there is none any more. */
function upToNow(backlog: Backlog): Promise<void> {
  if (!backlog.writing) return Promise.resolve();
  // What came after the write under way had begun goes with the next one.
  const writes = backlog.underWay.length > 0 && backlog.runs.length > 0 ? 2 : 1;
  return new Promise((resolve) => backlog.waiting.push({ writes, resolve }));
}

/** A write is done. */
function answer(backlog: Backlog): void {
  for (const one of backlog.waiting) one.writes--;
  for (const { resolve } of backlog.waiting.filter(({ writes }) => writes <= 0)) resolve();
  backlog.waiting = backlog.waiting.filter(({ writes }) => writes > 0);
}
