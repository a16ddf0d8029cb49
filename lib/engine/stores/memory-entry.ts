import type { JobRecord, JobSpec } from '../job.js';
import type { RunEntry } from '../runs/run-entry.js';
import type { Due } from './due-heap.js';
import type { DueRun } from './job-store.js';
import type { JobRuns } from './run-history.js';

/**
 * A job in memory. Its place in time moves with every run, so it stands here, and goes into a new record only when
 * somebody asks for one.
 */
export class MemoryEntry implements Due, DueRun {
  /** Infinity when there is no next time. */
  nominalTime: number;
  paused: boolean;
  ref = -1;
  runs: JobRuns | null = null;
  isGone = false;
  /** From the nominal time to the fire time, in milliseconds. */
  private delay: number;
  private current: JobRecord;

  constructor(job: JobRecord) {
    const { nextRunTime, nextNominalTime, paused } = job;
    this.current = job;
    this.paused = paused;
    this.nominalTime = nextRunTime === null ? Infinity : (nextNominalTime ?? nextRunTime);
    this.delay = nextRunTime === null ? 0 : nextRunTime - this.nominalTime;
  }

  get id(): string {
    return this.current.id;
  }

  get fireTime(): number {
    return this.nominalTime + this.delay;
  }

  get dueAt(): number {
    return this.nominalTime + this.delay;
  }

  /** Its schedule may be an old one. */
  get spec(): JobSpec {
    return this.current;
  }

  get record(): JobRecord {
    const { current, paused } = this;
    const hasTime = this.nominalTime !== Infinity;
    const nextRunTime = hasTime ? this.fireTime : null;
    const nextNominalTime = hasTime ? this.nominalTime : null;
    const hasMoved =
      current.nextRunTime !== nextRunTime || current.nextNominalTime !== nextNominalTime || current.paused !== paused;
    return hasMoved ? (this.current = { ...current, nextRunTime, nextNominalTime, paused }) : current;
  }

  set record(job: JobRecord) {
    this.current = job;
    this.reschedule(job.nextRunTime, job.nextNominalTime, job.paused);
  }

  /** No time is left, nothing is under way and nothing to be tried again. */
  get hasEnded(): boolean {
    return this.nominalTime === Infinity && !this.paused && !this.runs?.live && !this.runs?.retries?.size;
  }

  reschedule(nextRunTime: number | null, nextNominalTime: number | null, paused: boolean): void {
    this.nominalTime = nextRunTime === null ? Infinity : (nextNominalTime ?? nextRunTime);
    this.delay = nextRunTime === null ? 0 : nextRunTime - this.nominalTime;
    this.paused = paused;
  }
}

/** A run in memory that is to be tried again. */
export class MemoryRetry implements Due {
  ref = -1;

  constructor(
    readonly entry: MemoryEntry,
    readonly run: RunEntry,
    readonly dueAt: number,
  ) {}
}
