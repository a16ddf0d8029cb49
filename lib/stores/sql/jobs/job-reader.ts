import { messageOf, show } from '../../../engine/util/inspect.js';
import type { JobRecord, JobSchedule, JobSpec } from '../../../engine/model/job.js';
import { scheduleProblem, unreadableJob } from '../../../engine/jobs/stored-job.js';
import type { OnUnreadable } from '../../../engine/model/unreadable-job.js';
import type { Logger } from '../../../engine/logger.js';
import { SpecCache } from '../../../engine/stores/spec-cache.js';
import { OnceLogger } from '../../../engine/util/once-logger.js';
import { decodeJob } from './job-codec.js';
import { numberOrNull, type JobRow } from './job-row.js';

type ScheduleRow = Pick<JobRow, 'next_run_time' | 'next_nominal_time' | 'paused' | 'runs_left'>;

/** Reads jobs from their rows: each as long as it does not change once, and one that cannot be read is logged once. */
export class JobReader {
  private readonly known = new SpecCache();
  private readonly reports: OnceLogger;

  constructor(logger: Logger) {
    this.reports = new OnceLogger(() => logger);
  }

  /** What a job is, when it is known; null when it cannot be read. */
  recall({ id, spec_hash }: Pick<JobRow, 'id' | 'spec_hash'>): JobSpec | null | undefined {
    return this.known.recall(id, spec_hash);
  }

  /** What a job is; null when it cannot be read. */
  specOf(row: Omit<JobRow, keyof ScheduleRow>): JobSpec | null {
    const known = this.recall(row);
    if (known !== undefined) return known;
    const { spec, problem } = decoded(row);
    if (spec === null) this.report(row.id, problem);
    this.known.keep(row.id, row.spec_hash, spec, row.spec.length);
    return spec;
  }

  /** A job that was written down here need not be read here; unless somebody may change its arguments behind its back. */
  remember(job: JobSpec, { id, spec_hash, spec }: Pick<JobRow, 'id' | 'spec_hash' | 'spec'>): void {
    const isFixed = (value: unknown): boolean => typeof value !== 'object' || value === null;
    // What is left of a limit of runs is no part of what the job is.
    if ('runsLeft' in job) return;
    if (job.args.every(isFixed) && Object.values(job.kwargs).every(isFixed)) {
      this.known.keep(id, spec_hash, job, spec.length);
    }
  }

  /** A job was removed; all, where none is named. */
  forget(id?: string): void {
    if (id === undefined) this.known.clear();
    else this.known.forget(id);
  }

  /** Where a job stands in time; null when that cannot be read. */
  scheduleOf(row: ScheduleRow & { readonly id: string }): JobSchedule | null {
    const problem = problemOf(row);
    if (problem === null) return decodeSchedule(row);
    this.report(row.id, problem);
    return null;
  }

  recordOf(row: JobRow, onUnreadable?: OnUnreadable): JobRecord | null {
    const problem = problemOf(row);
    const spec = problem === null ? this.specOf(row) : null;
    if (spec) return { ...spec, ...decodeSchedule(row) };
    const reason = problem ?? decoded(row).problem;
    this.report(row.id, reason);
    const { task, executor, spec: text } = row;
    onUnreadable?.(unreadableJob(row.id, reason, { ...row }, { text, task, executor, ...decodeSchedule(row) }));
    return null;
  }

  private report(id: string, problem: string): void {
    this.reports.add(
      JSON.stringify([id, problem]),
      `Job "${id}" is left alone: this release cannot read it (${problem}); another one may have written it`,
    );
  }
}

const decodeSchedule = (row: ScheduleRow): JobSchedule => ({
  nextRunTime: numberOrNull(row.next_run_time),
  nextNominalTime: numberOrNull(row.next_nominal_time),
  paused: row.paused === 1,
  ...(row.runs_left !== null && { runsLeft: Number(row.runs_left) }),
});

function problemOf(row: ScheduleRow): string | null {
  if (row.paused !== 0 && row.paused !== 1) return `its paused is ${show(row.paused)}`;
  return scheduleProblem(decodeSchedule(row));
}

/** What a job's row says of it, or why it cannot be read. */
function decoded(row: Pick<JobRow, 'id' | 'task' | 'executor' | 'spec'>): {
  readonly spec: JobSpec | null;
  readonly problem: string;
} {
  try {
    return { spec: decodeJob(row), problem: '' };
  } catch (error) {
    return { spec: null, problem: messageOf(error) };
  }
}
