import { InvalidInputError, JobLookupError, JobUnreadableError } from '../errors.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { JobRecord } from '../model/job.js';

/** Finds jobs in the open stores of a scheduler. */
export class StoredJobs {
  constructor(private readonly stores: ReadonlyMap<string, StoreEntry>) {}

  /** The open stores, or one of them. @throws InvalidInputError when there is no store of this alias. */
  entries(jobStore?: string): readonly StoreEntry[] {
    const { stores } = this;
    if (jobStore !== undefined && !stores.has(jobStore)) {
      const problem = `"${jobStore}" is not known; known are ${[...stores.keys()].join(', ') || 'none'}`;
      throw new InvalidInputError('Invalid job store', [{ field: 'jobStore', problem }]);
    }
    return [...stores.values()].filter(({ alias, open }) => open && (jobStore === undefined || alias === jobStore));
  }

  /** @throws JobUnreadableError */
  read(entry: StoreEntry, id: string): Promise<JobRecord | undefined> {
    return entry.store.get(id, (job) => {
      throw new JobUnreadableError({ ...job, jobStore: entry.alias });
    });
  }

  /** The store that has a job. @throws JobLookupError; JobUnreadableError */
  async locate(id: string, jobStore?: string): Promise<StoreEntry> {
    for (const entry of this.entries(jobStore)) {
      if (await this.read(entry, id)) return entry;
    }
    throw new JobLookupError(id, jobStore);
  }

  /** Changes a job. @throws JobLookupError; what `change` throws */
  async update(entry: StoreEntry, id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    try {
      return await entry.store.update(id, change);
    } catch (error) {
      // A store does not know its alias; errors name it.
      if (error instanceof JobLookupError) throw new JobLookupError(id, entry.alias);
      throw error;
    }
  }

  /** A job, wherever it is; undefined as well when it cannot be read. */
  async findReadable(id: string, entries: readonly StoreEntry[]): Promise<JobRecord | undefined> {
    for (const { store } of entries) {
      const job = await store.get(id);
      if (job) return job;
    }
    return undefined;
  }

  /** Removes a job, also one that cannot be read. Answers which store had it; undefined when none has. */
  async remove(id: string, entries: readonly StoreEntry[]): Promise<StoreEntry | undefined> {
    for (const entry of entries) {
      try {
        await entry.store.remove(id);
      } catch (error) {
        if (error instanceof JobLookupError) continue;
        throw error;
      }
      return entry;
    }
    return undefined;
  }
}
