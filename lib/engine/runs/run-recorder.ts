import type { Clock, Timer } from '../clock.js';
import type { Deadline } from '../lifecycle/deadline.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_JOB_REMOVED } from '../events.js';
import type { Logger } from '../logger.js';
import { SlowWatch } from '../dispatch/slow-watch.js';
import type { DueRun, ReturnedRun } from '../stores/job-store.js';
import type { Trigger } from '../triggers/trigger.js';
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
  returned: ReturnedRun[];
  /** Jobs that have no time left. */
  readonly ended: Set<string>;
  /** How many runs the store is being told of. */
  underWay: number;
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

  /**
   * Records a run that could not begin: its job is to be due for it again, if it still has this trigger.
   *
   * @param next - where its job went on when the run was handed out.
   */
  giveBack(entry: StoreEntry, run: RunEntry, trigger: Trigger, next: DueRun | null): void {
    if (entry.open) this.backlogOf(entry).returned.push({ run, trigger, next });
    this.put(entry, run);
  }

  /** Removes a job that has no time left and nothing under way. */
  release(entry: StoreEntry, jobId: string): void {
    if (!entry.open) return;
    const backlog = this.backlogOf(entry);
    backlog.ended.add(jobId);
    if (!backlog.retry) this.beginWriting(entry, backlog);
  }

  /** How many runs a store has not been told of yet, as they are by now. */
  unrecorded(entry: StoreEntry): number {
    const backlog = this.backlogs.get(entry);
    return backlog ? backlog.runs.length + backlog.underWay : 0;
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
      if (isOwed(backlog)) this.beginWriting(entry, backlog);
    }
    await deadline.wait(this.flushed());
    for (const [{ alias, pulse }, backlog] of this.backlogs) {
      backlog.retry?.cancel();
      backlog.slow.forget();
      pulse.recording.end();
      const unknown = backlog.runs.length + backlog.underWay;
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
      const nothing = {
        runs: [],
        returned: [],
        ended: new Set<string>(),
        underWay: 0,
        waiting: [],
      };
      this.backlogs.set(entry, (backlog = { ...nothing, writing: null, retry: null, slow }));
    }
    return backlog;
  }

  private async writeAll(entry: StoreEntry, backlog: Backlog): Promise<void> {
    // Whatever else ends in this turn goes along.
    await Promise.resolve();
    try {
      while (isOwed(backlog)) {
        if (await this.write(entry, backlog)) answer(backlog);
      }
      if (entry.pulse.recording.now !== null) this.recovered(entry);
    } catch (error) {
      this.backOff(entry, backlog, error);
    } finally {
      backlog.writing = null;
      for (const { resolve } of backlog.waiting.splice(0)) resolve();
    }
  }

  /** @returns whether all went in that was owed when it began. */
  private async write(entry: StoreEntry, backlog: Backlog): Promise<boolean> {
    backlog.slow.begin();
    try {
      const isTaken = backlog.runs.length === 0 || (await this.writeRuns(entry, backlog));
      await this.removeEnded(entry, backlog);
      return isTaken;
    } finally {
      backlog.slow.end();
    }
  }

  /** @returns false when the store took none of them, for some have been overtaken: they are to be written again. */
  private async writeRuns(entry: StoreEntry, backlog: Backlog): Promise<boolean> {
    const { runs, returned } = backlog;
    backlog.runs = [];
    backlog.returned = [];
    backlog.underWay = runs.length;
    try {
      const { removed, refused = [], overtaken = [] } = await entry.store.record(runs, returned);
      const late = overtaken.length > 0 ? returned.filter(({ run }) => overtaken.includes(run.id)) : [];
      if (late.length > 0) {
        this.putBack(backlog, runs, returned);
        for (const one of late) this.separate(backlog, one);
        return false;
      }
      if (refused.length > 0) {
        const what = `how ${refused.length} run(s) went: this node had lost its right to them`;
        this.parts.logger.warn(`Job store "${entry.alias}" did not take ${what}`);
      }
      for (const jobId of removed) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: entry.alias });
      for (const { retryAt } of runs) if (retryAt !== null) this.parts.wake(retryAt, entry);
      for (const { run } of returned) this.parts.wake(run.fireTime, entry);
      return true;
    } catch (error) {
      this.putBack(backlog, runs, returned);
      throw error;
    } finally {
      backlog.underWay = 0;
    }
  }

  /** The store was told in vain. */
  private putBack(backlog: Backlog, runs: readonly RunEntry[], returned: readonly ReturnedRun[]): void {
    backlog.runs = [...runs, ...backlog.runs];
    backlog.returned = [...returned, ...backlog.returned];
  }

  /** Its job has gone on: the run, and those that would have been made after it, are tried again by themselves. */
  private separate(backlog: Backlog, one: ReturnedRun): void {
    const now = this.parts.clock.now();
    const { jobId, nominalTime, lastNominalTime } = one.run;
    for (const other of backlog.runs) {
      const isTold =
        other === one.run || (other.isAbsorbed && other.jobId === jobId && other.nominalTime > nominalTime);
      if (!isTold || other.nominalTime > lastNominalTime || other.reason === null) continue;
      other.isAbsorbed = false;
      other.leaveOut('missed', other.reason, other.finishedAt ?? now).retryAt = now;
    }
    backlog.returned = backlog.returned.filter((other) => other !== one);
  }

  private async removeEnded({ alias, store }: StoreEntry, { ended }: Backlog): Promise<void> {
    for (const jobId of ended) {
      const isRemoved = await store.removeIfEnded(jobId);
      ended.delete(jobId);
      if (isRemoved) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: alias });
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
  const writes = backlog.underWay > 0 && isOwed(backlog) ? 2 : 1;
  return new Promise((resolve) => backlog.waiting.push({ writes, resolve }));
}

/** A write is done. */
function answer(backlog: Backlog): void {
  for (const one of backlog.waiting) one.writes--;
  for (const { resolve } of backlog.waiting.filter(({ writes }) => writes <= 0)) resolve();
  backlog.waiting = backlog.waiting.filter(({ writes }) => writes > 0);
}

function isOwed({ runs, ended }: Backlog): boolean {
  return runs.length + ended.size > 0;
}
