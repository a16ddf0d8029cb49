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
  dueAt: number;
  nominalTime: number;
  paused: boolean;
  position = -1;
  runs: JobRuns | null = null;
  /** Runs that are to be tried again. */
  retries: Set<MemoryRetry> | null = null;
  private current: JobRecord;
  private isStale = false;

  constructor(job: JobRecord) {
    this.current = job;
    this.paused = job.paused;
    this.dueAt = job.nextRunTime ?? Infinity;
    this.nominalTime = job.nextNominalTime ?? this.dueAt;
  }

  get fireTime(): number {
    return this.dueAt;
  }

  /** Its schedule may be an old one. */
  get spec(): JobSpec {
    return this.current;
  }

  get record(): JobRecord {
    if (this.isStale) {
      const hasTime = this.dueAt !== Infinity;
      this.current = {
        ...this.current,
        nextRunTime: hasTime ? this.dueAt : null,
        nextNominalTime: hasTime ? this.nominalTime : null,
        paused: this.paused,
      };
      this.isStale = false;
    }
    return this.current;
  }

  set record(job: JobRecord) {
    this.current = job;
    this.reschedule(job.nextRunTime, job.nextNominalTime, job.paused);
    this.isStale = false;
  }

  /** No time is left, nothing is under way and nothing to be tried again. */
  get hasEnded(): boolean {
    return this.dueAt === Infinity && !this.paused && !this.runs?.live && !this.retries?.size;
  }

  reschedule(nextRunTime: number | null, nextNominalTime: number | null, paused: boolean): void {
    this.dueAt = nextRunTime ?? Infinity;
    this.nominalTime = nextNominalTime ?? this.dueAt;
    this.paused = paused;
    this.isStale = true;
  }
}

/** A run in memory that is to be tried again. */
export class MemoryRetry implements Due {
  position = -1;

  constructor(
    readonly entry: MemoryEntry,
    readonly run: RunEntry,
    readonly dueAt: number,
  ) {}
}
