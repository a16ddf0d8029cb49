import type { RunRecord } from '../../model/run-record.js';
import type { JobRecord, JobSchedule, JobSpec } from '../../model/job.js';
import type { JobOrder } from '../../model/job-query.js';
import type { Due } from './due-heap.js';
import type { JobPlace } from '../job-search.js';
import type { DueJob } from '../job-store.js';

/** A job at the place that it had in an order when it was put there. */
export interface PlacedJob extends JobPlace {
  readonly entry: MemoryEntry;
  /** The ordered jobs that it stands among; others of that order may have taken their place. */
  readonly among: object;
}

/**
 * A job in memory. Its schedule changes with every run, so it is kept here, and a record is made only on request.
 */
export class MemoryEntry implements Due, DueJob {
  /** Infinity if there is no next time. */
  nominalTime = Infinity;
  paused = false;
  runsLeft: number | undefined;
  ref = -1;
  runs: JobRuns | null = null;
  /** Where it stands in the orders that have been searched. */
  places: Record<JobOrder, PlacedJob | null> | null = null;
  /** The delay from the nominal time to the fire time, in milliseconds. */
  private delay = 0;
  private kept: JobSpec;

  constructor({ nextRunTime, nextNominalTime, paused, runsLeft }: JobSchedule, spec: JobSpec) {
    this.kept = spec;
    this.reschedule(nextRunTime, nextNominalTime, paused, runsLeft);
  }

  get id(): string {
    return this.kept.id;
  }

  get fireTime(): number {
    return this.nominalTime + this.delay;
  }

  get dueAt(): number {
    return this.nominalTime + this.delay;
  }

  /** Its schedule, where it has one, may be an old one. */
  get spec(): JobSpec {
    return this.kept;
  }

  get record(): JobRecord {
    const { fireTime, kept, nominalTime, paused, runsLeft } = this;
    const hasTime = nominalTime !== Infinity;
    const record = {
      ...kept,
      nextRunTime: hasTime ? fireTime : null,
      nextNominalTime: hasTime ? nominalTime : null,
      paused,
    };
    return runsLeft === undefined ? record : { ...record, runsLeft };
  }

  set record(job: JobRecord) {
    this.kept = job;
    this.reschedule(job.nextRunTime, job.nextNominalTime, job.paused, job.runsLeft);
  }

  get isDeclared(): boolean {
    return this.kept.declaredBy !== undefined;
  }

  /** Whether it has neither a next time, nor active runs, nor pending retries. */
  get hasEnded(): boolean {
    return this.nominalTime === Infinity && !this.paused && !this.runs?.live.length && !this.runs?.retries?.size;
  }

  reschedule(nextRunTime: number | null, nextNominalTime: number | null, paused: boolean, runsLeft?: number): void {
    this.nominalTime = nextRunTime === null ? Infinity : (nextNominalTime ?? nextRunTime);
    const delay = nextRunTime === null ? 0 : nextRunTime - this.nominalTime;
    // What comes of a subtraction takes an object of its own, a 0 that is written down takes none.
    this.delay = delay === 0 ? 0 : delay;
    this.paused = paused;
    this.runsLeft = runsLeft;
  }
}

/** A run in memory that is waiting for its retry. */
export class MemoryRetry implements Due {
  ref = -1;

  constructor(
    readonly entry: MemoryEntry,
    readonly run: RunRecord,
    readonly dueAt: number,
  ) {}
}

/** The runs of one job: the active ones, and those that have ended, the oldest first. */
export class JobRuns {
  /** Those that have not settled: few. */
  readonly live: RunRecord[] = [];
  readonly ended: EndedRun[] = [];
  retries: Map<RunRecord, MemoryRetry> | null = null;
  /** The one that was begun last. */
  last: RunRecord | null = null;
  /** The one that was begun last among those that have ended. */
  lastEnded: RunRecord | null = null;

  /** @param entry - the job itself; null once it is gone, since history outlives it and must not keep its arguments. */
  constructor(public entry: MemoryEntry | null) {}
}

/** A run that has ended, for the history to find it in all of its lists. */
export class EndedRun {
  isForgotten = false;

  constructor(
    readonly run: RunRecord,
    readonly owner: JobRuns,
    readonly weight: number,
  ) {}
}
