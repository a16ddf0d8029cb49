import type { RunnableWork } from '../dispatch/runnable-work.js';
import type { Job } from '../model/job.js';
import type { JobOrder, JobPage, JobQuery } from '../model/job-query.js';
import type { OnUnreadable, UnreadableJob } from '../model/unreadable-job.js';
import type { StoreEntry } from '../runs/store-entry.js';
import {
  comparePlaces,
  jobMatcher,
  nameKey,
  type FoundJob,
  type FoundJobs,
  type JobSearch,
} from '../stores/job-search.js';
import type { JobDirectory } from './job-directory.js';
import { cursorAt, MAX_JOBS, parseJobQuery, type JobListRequest, type ListPlace } from './job-query.js';
import type { JobViews } from './job-view.js';

export interface JobListParts {
  /** The time zone of dates without an offset. */
  readonly timezone: string;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly work: RunnableWork;
  readonly views: JobViews;
  readonly directory: JobDirectory;
}

/** A job, or one that cannot be read, at its place among all. */
interface Listed {
  readonly place: ListPlace;
  readonly job?: Job;
  readonly unreadable?: UnreadableJob;
}

/** What one store, or the jobs that wait for the start, have for a page. */
interface Part {
  readonly listed: readonly Listed[];
  /** Beyond this place it may have more; null when it has not. */
  readonly next: ListPlace | null;
}

/** Lists jobs page by page, of all stores in one order. */
export class JobLists {
  constructor(private readonly parts: JobListParts) {}

  /** @throws InvalidInputError with every fault. */
  async page(query: JobQuery): Promise<JobPage> {
    const request = parseJobQuery(query, this.parts);
    await this.parts.work.refresh();
    const pending = await this.parts.directory.pendingJobs(request.jobStore);
    const hidden = new Set(pending.map(({ id, jobStore }) => keyOf(jobStore, id)));
    const parts = [this.pendingPart(pending, request)];
    for (const entry of this.entries(request.jobStore)) parts.push(await this.storedPart(entry, request, hidden));
    return this.merge(parts, request);
  }

  /**
   * Says whether a query can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  check(query: JobQuery): void {
    parseJobQuery(query, this.parts);
  }

  /**
   * All jobs, as {@link JobDirectory.list} lists them, in parts that do not take much memory. Jobs that change meanwhile may be
   * listed as they were before or after, each once; one that moves forward in the order may be left out.
   */
  async *all(onUnreadable: OnUnreadable): AsyncGenerator<readonly Job[]> {
    const pending = await this.parts.directory.pendingJobs();
    if (pending.length > 0) yield pending;
    const seen = new Set(pending.map(({ id, jobStore }) => keyOf(jobStore, id)));
    for (const entry of this.entries()) {
      const isNew = ({ id }: { readonly id: string }): boolean => {
        const key = keyOf(entry.alias, id);
        return !seen.has(key) && seen.add(key) !== undefined;
      };
      const known = this.parts.work.of(entry.alias);
      const search = { filter: {}, order: 'nextRun', descending: false, limit: MAX_JOBS, known } as const;
      for (let next: FoundJobs['next'] | undefined; next !== null;) {
        const page: FoundJobs = await entry.store.find({ ...search, ...(next && { after: next }) }, (job) => {
          if (isNew(job)) onUnreadable({ ...job, jobStore: entry.alias });
        });
        const records = page.found.flatMap(({ job }) => (job && isNew(job) ? [job] : []));
        if (records.length > 0) yield await this.parts.views.withLastRuns(records, entry);
        next = page.next;
      }
    }
  }

  private entries(jobStore?: string): readonly StoreEntry[] {
    return [...this.parts.stores.values()].filter(
      ({ alias, open }) => open && (jobStore === undefined || alias === jobStore),
    );
  }

  private async storedPart(entry: StoreEntry, request: JobListRequest, hidden: ReadonlySet<string>): Promise<Part> {
    const { after, ...search } = request;
    const { alias } = entry;
    const unreadable = new Map<string, UnreadableJob>();
    const asked: JobSearch = {
      filter: search.filter,
      order: search.order,
      descending: search.descending,
      limit: search.limit,
      known: this.parts.work.of(alias),
      ...(after && { after, inclusive: this.rankOf(alias) > this.rankOf(after.jobStore) }),
    };
    const page = await entry.store.find(asked, (job) => unreadable.set(job.id, { ...job, jobStore: alias }));
    const isShown = ({ place }: FoundJob): boolean => !hidden.has(keyOf(alias, place.id));
    const found = page.found.filter(isShown);
    const records = found.flatMap(({ job }) => job ?? []);
    const jobs = await this.parts.views.withLastRuns(records, entry);
    const byId = new Map(jobs.map((job) => [job.id, job]));
    return {
      listed: found.map(({ place }) => {
        const [job, broken] = [byId.get(place.id), unreadable.get(place.id)];
        return { place: { ...place, jobStore: alias }, ...(job && { job }), ...(broken && { unreadable: broken }) };
      }),
      next: page.next && { ...page.next, jobStore: alias },
    };
  }

  private pendingPart(pending: readonly Job[], request: JobListRequest): Part {
    const matches = jobMatcher(request.filter, this.parts.work.own);
    const listed = pending
      .filter((job) =>
        matches({ spec: job, paused: job.paused, nextRunTime: job.nextRunTime, isRunning: false, lastOutcome: null }),
      )
      .map((job) => ({ job, place: { key: orderKey(job, request.order), id: job.id, jobStore: job.jobStore } }));
    const { after } = request;
    return {
      listed: after ? listed.filter(({ place }) => this.compare(place, after, request) > 0) : listed,
      next: null,
    };
  }

  /** A page ends where a store has not looked further: another store's jobs beyond that place may have to wait for its next ones. */
  private merge(parts: readonly Part[], request: JobListRequest): JobPage {
    const listed = parts.flatMap((part) => part.listed).sort((a, b) => this.compare(a.place, b.place, request));
    const ends = parts.flatMap(({ next }) => next ?? []).sort((a, b) => this.compare(a, b, request));
    const [end] = ends;
    const within = end ? listed.filter(({ place }) => this.compare(place, end, request) <= 0) : listed;
    const page = within.slice(0, request.limit);
    const unreadable = page.flatMap((one) => one.unreadable ?? []);
    const last = within.length > page.length ? page.at(-1)?.place : end;
    return {
      jobs: page.flatMap(({ job }) => job ?? []),
      ...(unreadable.length > 0 && { unreadable }),
      nextCursor: last ? cursorAt(last, request) : null,
    };
  }

  private compare(a: ListPlace, b: ListPlace, { descending }: JobListRequest): number {
    const order = comparePlaces(a, b);
    return (descending ? -order : order) || this.rankOf(a.jobStore) - this.rankOf(b.jobStore);
  }

  /** Of a store that is not there any more: before all others. */
  private rankOf(jobStore: string): number {
    return [...this.parts.stores.keys()].indexOf(jobStore);
  }
}

function keyOf(jobStore: string, id: string): string {
  return JSON.stringify([jobStore, id]);
}

function orderKey(job: Job, order: JobOrder): string | number {
  if (order === 'name') return nameKey(job.name);
  return order === 'nextRun' ? (job.nextRunTime ?? Infinity) : '';
}
