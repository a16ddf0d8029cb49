import type { Clock } from '../../engine/clock.js';
import { BoundedMap } from '../../engine/util/bounded-map.js';
import type { FeedRecord } from './feed-record.js';

/** How many jobs are remembered, and for how long what is known of one counts. */
const MOST_JOBS = 10_000;
const KNOWN_FOR_MS = 10_000;
/** How many events wait for their jobs to be looked at. */
const MOST_WAITING = 1000;

/** Whether a job may be seen; undefined when it is gone. */
export type SeesJob = (jobId: string, jobStore: string) => Promise<boolean | undefined>;

interface Known {
  readonly isVisible: boolean;
  readonly at: number;
}

export interface VisibleEventsParts {
  readonly clock: Clock;
  readonly sees: SeesJob;
  /** Is given the events that may be seen, in their order. */
  readonly pass: (record: FeedRecord) => void;
  /** Called when events have been dropped, because there were too many jobs to look at. */
  readonly onDropped: () => void;
}

/** The events of who may see some jobs only. */
export class VisibleEvents {
  private readonly known = new BoundedMap<string, Known>({ entries: MOST_JOBS, weight: Infinity });
  private waiting: FeedRecord[] = [];
  private isLooking = false;
  private hasDropped = false;
  private isClosed = false;

  constructor(private readonly parts: VisibleEventsParts) {}

  /** Whether events wait for their jobs to be looked at. */
  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** A job that may be seen. */
  note(jobId: string, jobStore: string): void {
    this.keep(keyOf(jobId, jobStore), true);
  }

  take(record: FeedRecord): void {
    if (this.waiting.length === 0) {
      const isVisible = this.decide(record);
      if (isVisible) this.parts.pass(record);
      if (isVisible !== undefined) return;
    }
    if (this.waiting.length >= MOST_WAITING) this.hasDropped = true;
    else this.waiting.push(record);
    if (!this.isLooking) void this.look();
  }

  close(): void {
    this.isClosed = true;
    this.waiting = [];
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    for (let record = this.waiting[0]; record; record = this.waiting[0]) {
      const isVisible = this.decide(record) ?? (await this.ask(record));
      if (this.isClosed) return;
      if (isVisible) this.parts.pass(record);
      this.waiting.shift();
    }
    this.isLooking = false;
    if (!this.hasDropped) return;
    this.hasDropped = false;
    this.parts.onDropped();
  }

  /** Undefined where the job has to be looked at: after each change of it, and from time to time. */
  private decide({ change }: FeedRecord): boolean | undefined {
    if (!('jobId' in change)) return true;
    // As in the audit trail: what concerns no single job, only those may see who see all jobs.
    if (change.jobId === null) return false;
    const key = keyOf(change.jobId, change.jobStore);
    const known = this.known.get(key);
    if (change.type === 'job_removed') {
      this.known.delete(key);
      return known?.isVisible ?? false;
    }
    const isFresh = known && Math.abs(this.parts.clock.now() - known.at) < KNOWN_FOR_MS;
    return isFresh && !isJobChange(change) ? known.isVisible : undefined;
  }

  private async ask({ change }: FeedRecord): Promise<boolean> {
    // decide() has an answer for what concerns no single job.
    if (!('jobId' in change) || change.jobId === null) return false;
    const { jobId, jobStore } = change;
    const key = keyOf(jobId, jobStore);
    const before = this.known.get(key)?.isVisible ?? false;
    try {
      const isVisible = await this.parts.sees(jobId, jobStore);
      if (isVisible === undefined) return before;
      this.keep(key, isVisible);
      // Who loses sight of a job is told of the change that it is due to.
      return isVisible || (before && isJobChange(change));
    } catch {
      // What cannot be looked at is not shown; its store reports the failure.
      return false;
    }
  }

  private keep(key: string, isVisible: boolean): void {
    this.known.set(key, { isVisible, at: this.parts.clock.now() }, 0);
  }
}

const keyOf = (jobId: string, jobStore: string): string => `${jobStore}\n${jobId}`;

function isJobChange(change: FeedRecord['change']): boolean {
  return 'jobId' in change && !('runId' in change || 'auditId' in change);
}
