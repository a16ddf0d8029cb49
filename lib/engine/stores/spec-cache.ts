import type { JobSpec } from '../model/job.js';
import { BoundedMap } from '../util/bounded-map.js';

const MOST_JOBS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** About what a job takes beside the text that it was read from. */
const JOB_BYTES = 500;

interface Cached {
  readonly edition: string;
  /** Null when it cannot be read. */
  readonly spec: JobSpec | null;
}

/** Jobs as a store has read them last: making triggers of text costs more than all else in claiming a job. */
export class SpecCache {
  private readonly jobs = new BoundedMap<string, Cached>({ entries: MOST_JOBS, weight: MOST_BYTES });

  /** What a job is in this edition; null when it cannot be read, undefined when it is not known here. */
  recall(id: string, edition: string): JobSpec | null | undefined {
    const known = this.jobs.get(id);
    return known?.edition === edition ? known.spec : undefined;
  }

  /** @param textLength - of what the job was read from. */
  keep(id: string, edition: string, spec: JobSpec | null, textLength: number): void {
    this.jobs.set(id, { edition, spec }, textLength + JOB_BYTES);
  }

  /** A job was removed. */
  forget(id: string): void {
    this.jobs.delete(id);
  }

  clear(): void {
    this.jobs.clear();
  }
}
