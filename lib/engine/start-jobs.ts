import type { JobRecord } from './job.js';
import type { StoreEntry } from './runs/store-entry.js';

/** A job and where it is. */
export interface StoredJob {
  readonly entry: StoreEntry;
  readonly job: JobRecord;
}

/** The jobs that are to run at each start of this scheduler: those that it was given with `runOnStart`. */
export class StartJobs {
  private readonly known = new Map<string, { readonly entry: StoreEntry; readonly id: string }>();

  note(entry: StoreEntry, { id, runOnStart }: JobRecord): void {
    if (runOnStart) this.known.set(JSON.stringify([entry.alias, id]), { entry, id });
  }

  /** Those that are still to, and are not paused. */
  async list(): Promise<readonly StoredJob[]> {
    const found: StoredJob[] = [];
    for (const [key, { entry, id }] of this.known) {
      const job = await entry.store.get(id);
      if (!job?.runOnStart) this.known.delete(key);
      else if (!job.paused) found.push({ entry, job });
    }
    return found;
  }
}
