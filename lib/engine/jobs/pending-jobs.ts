import type { Acting } from '../audit/acting.js';
import type { JobRecord } from '../model/job.js';
import type { JobInput } from './job-input.js';

/** A job that was added before the start. */
export interface PendingJob {
  readonly record: JobRecord;
  readonly jobStore: string;
  /** As it was given: at the start it may have to take the place of a stored job. */
  readonly input: JobInput;
  /** Whether its next run time was said, by its definition or by a pause. Else it is found at the start. */
  readonly timeGiven: boolean;
  /** For whom it was added. */
  readonly by: Acting;
}

/** Jobs that wait for the start, in the order of their adding. */
export class PendingJobs {
  private readonly stores = new Map<string, Map<string, PendingJob>>();

  set(pending: PendingJob): void {
    const { jobStore, record } = pending;
    const jobs = this.stores.get(jobStore) ?? new Map<string, PendingJob>();
    this.stores.set(jobStore, jobs.set(record.id, pending));
  }

  find(id: string, jobStore?: string): PendingJob | undefined {
    if (jobStore !== undefined) return this.stores.get(jobStore)?.get(id);
    for (const jobs of this.stores.values()) {
      const found = jobs.get(id);
      if (found) return found;
    }
    return undefined;
  }

  list(jobStore?: string): readonly PendingJob[] {
    const stores = jobStore === undefined ? [...this.stores.values()] : [this.stores.get(jobStore) ?? new Map()];
    return stores.flatMap((jobs) => [...jobs.values()] as PendingJob[]);
  }

  remove({ record, jobStore }: PendingJob): void {
    this.stores.get(jobStore)?.delete(record.id);
  }

  clear(jobStore?: string): void {
    if (jobStore === undefined) this.stores.clear();
    else this.stores.delete(jobStore);
  }
}
