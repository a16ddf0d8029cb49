import { messageOf } from '../../../engine/util/inspect.js';
import type { JobRecord, JobSpec } from '../../../engine/jobs/job.js';
import type { Logger } from '../../../engine/logger.js';
import { decodeJob } from './job-codec.js';
import { numberOrNull, type JobRow } from './job-row.js';

/** How many jobs are known by heart. */
const MOST_KNOWN = 100_000;

interface Known {
  readonly hash: string;
  /** Null when it cannot be read. */
  readonly spec: JobSpec | null;
}

/** Reads jobs from their rows: each as long as it does not change once, and one that cannot be read is told once. */
export class JobReader {
  private readonly known = new Map<string, Known>();

  constructor(private readonly logger: Logger) {}

  /** What a job is, when it is known; null when it cannot be read. */
  recall({ id, spec_hash }: Pick<JobRow, 'id' | 'spec_hash'>): JobSpec | null | undefined {
    const known = this.known.get(id);
    return known?.hash === spec_hash ? known.spec : undefined;
  }

  /** What a job is; null when it cannot be read. */
  specOf(row: Omit<JobRow, 'next_run_time' | 'next_nominal_time' | 'paused'>): JobSpec | null {
    const known = this.recall(row);
    if (known !== undefined) return known;
    const spec = this.decode(row);
    this.keep(row, spec);
    return spec;
  }

  /** A job that was written down here need not be read here; unless somebody may change its arguments behind its back. */
  remember(job: JobSpec, { id, spec_hash }: Pick<JobRow, 'id' | 'spec_hash'>): void {
    const isFixed = (value: unknown): boolean => typeof value !== 'object' || value === null;
    if (job.args.every(isFixed) && Object.values(job.kwargs).every(isFixed)) this.keep({ id, spec_hash }, job);
  }

  recordOf(row: JobRow): JobRecord | null {
    const spec = this.specOf(row);
    return (
      spec && {
        ...spec,
        nextRunTime: numberOrNull(row.next_run_time),
        nextNominalTime: numberOrNull(row.next_nominal_time),
        paused: row.paused === 1,
      }
    );
  }

  private keep({ id, spec_hash }: Pick<JobRow, 'id' | 'spec_hash'>, spec: JobSpec | null): void {
    if (this.known.size >= MOST_KNOWN) for (const oldest of this.known.keys()) if (this.known.delete(oldest)) break;
    this.known.set(id, { hash: spec_hash, spec });
  }

  private decode(row: Pick<JobRow, 'id' | 'task' | 'executor' | 'spec'>): JobSpec | null {
    try {
      return decodeJob(row);
    } catch (error) {
      this.logger.error(
        `Job "${row.id}" is left alone: this release cannot read it (${messageOf(error)}); another one may have written it`,
      );
      return null;
    }
  }
}
