import { jobVersion } from '../jobs/job-version.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { JobPlace } from '../stores/job-search.js';
import type { JobChange } from './scheduler-change.js';

/** How many jobs are read in one look. */
const MOST_AT_ONCE = 200;
/** Of stores with more jobs, changes by other nodes are not found. */
const MOST_JOBS = 10_000;
/** How many jobs that this node has changed are read in one look. */
const MOST_OWN = 50;

interface KnownJob {
  /** Null when it is to be read anew. */
  readonly version: string | null;
  /** The round in which it was last there. */
  readonly round: number;
}

/** Finds the changes of jobs that other nodes make, by reading all jobs of a shared store again and again, some at a time. */
export class OtherJobs {
  private readonly jobs = new Map<string, KnownJob>();
  /** The jobs that this node has changed since the last look. */
  private readonly own = new Set<string>();
  private place: JobPlace | null = null;
  /** How often all jobs have been read. */
  private round = 0;
  private hasTooMany = false;

  constructor(private readonly entry: StoreEntry) {}

  /** This node has changed a job, and tells it itself. */
  noteOwn({ jobId, type }: JobChange): void {
    if (this.hasTooMany) return;
    if (type === 'job_removed') {
      this.own.delete(jobId);
      this.jobs.delete(jobId);
    } else if (this.own.size < MOST_OWN) this.own.add(jobId);
    else this.jobs.set(jobId, { version: null, round: this.round });
  }

  /** What has changed since these jobs were last looked at; nothing the first time. */
  async look(now: number): Promise<readonly JobChange[]> {
    if (this.hasTooMany) return [];
    const { alias, store } = this.entry;
    const changes: JobChange[] = [];
    const tell = (type: JobChange['type'], jobId: string): void => {
      // The first round only fills the table.
      if (this.round > 0) changes.push({ type, time: now, node: null, jobId, jobStore: alias });
    };
    await this.readOwn();
    const { found, next } = await store.find({
      filter: {},
      order: 'id',
      descending: false,
      limit: MOST_AT_ONCE,
      known: { tasks: [], executors: [] },
      ...(this.place && { after: this.place }),
    });
    for (const { job, place } of found) {
      const known = this.jobs.get(place.id);
      const version = job && jobVersion(job);
      if (!known) tell('job_added', place.id);
      else if (known.version !== null && version !== null && known.version !== version) tell('job_modified', place.id);
      this.jobs.set(place.id, { version, round: this.round });
    }
    this.place = next;
    if (next === null) this.endRound((id) => tell('job_removed', id));
    if (this.jobs.size > MOST_JOBS) this.giveUp();
    return changes;
  }

  private async readOwn(): Promise<void> {
    const ids = [...this.own];
    this.own.clear();
    for (const id of ids) {
      const job = await this.entry.store.get(id);
      if (job) this.jobs.set(id, { version: jobVersion(job), round: this.round });
    }
  }

  /** What has not been there all the round is gone. */
  private endRound(tellRemoved: (id: string) => void): void {
    for (const [id, { round }] of this.jobs) {
      if (round === this.round) continue;
      this.jobs.delete(id);
      tellRemoved(id);
    }
    this.round++;
  }

  private giveUp(): void {
    this.hasTooMany = true;
    this.jobs.clear();
    this.own.clear();
  }
}
