import { messageOf } from '../../../engine/util/inspect.js';
import type { JobRecord, JobSpec } from '../../../engine/jobs/job.js';
import type { Logger } from '../../../engine/logger.js';
import { SpecCache } from '../../../engine/stores/spec-cache.js';
import { decodeJob } from './job-codec.js';
import { numberOrNull, type JobRow } from './job-row.js';

/** Reads jobs from their rows: each as long as it does not change once, and one that cannot be read is told once. */
export class JobReader {
  private readonly known = new SpecCache();

  constructor(private readonly logger: Logger) {}

  /** What a job is, when it is known; null when it cannot be read. */
  recall({ id, spec_hash }: Pick<JobRow, 'id' | 'spec_hash'>): JobSpec | null | undefined {
    return this.known.recall(id, spec_hash);
  }

  /** What a job is; null when it cannot be read. */
  specOf(row: Omit<JobRow, 'next_run_time' | 'next_nominal_time' | 'paused'>): JobSpec | null {
    const known = this.recall(row);
    if (known !== undefined) return known;
    const spec = this.decode(row);
    this.known.keep(row.id, row.spec_hash, spec, row.spec.length);
    return spec;
  }

  /** A job that was written down here need not be read here; unless somebody may change its arguments behind its back. */
  remember(job: JobSpec, { id, spec_hash, spec }: Pick<JobRow, 'id' | 'spec_hash' | 'spec'>): void {
    const isFixed = (value: unknown): boolean => typeof value !== 'object' || value === null;
    if (job.args.every(isFixed) && Object.values(job.kwargs).every(isFixed)) {
      this.known.keep(id, spec_hash, job, spec.length);
    }
  }

  /** A job was removed; all, where none is named. */
  forget(id?: string): void {
    if (id === undefined) this.known.clear();
    else this.known.forget(id);
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
