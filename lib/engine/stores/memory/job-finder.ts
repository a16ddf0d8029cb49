import type { JobRecord } from '../../model/job.js';
import type { JobCounts } from '../../model/statistics.js';
import type { JobOrder } from '../../model/job-query.js';
import { isActive } from '../../model/run-record.js';
import {
  comparePlaces,
  isBeyond,
  jobMatcher,
  knownSets,
  stateOf,
  type FoundJobs,
  type JobFacts,
  type JobPlace,
  type JobSearch,
  type KnownWork,
} from '../job-search.js';
import type { MemoryEntry, PlacedJob } from './memory-entry.js';
import { OrderedJobs } from './ordered-jobs.js';

/** How many jobs are looked at before others have their turn: a few milliseconds. */
const AT_ONCE = 2000;
/** After how many jobs a search ends, however few it has found. */
const MOST_LOOKED_AT = 10_000;

/** All jobs, or the declared ones: by next run time, those without one last. */
export function listJobs(entries: ReadonlyMap<string, MemoryEntry>, which?: 'declared'): readonly JobRecord[] {
  const meant = [...entries.values()].filter(({ isDeclared }) => which === undefined || isDeclared);
  const timeOf = ({ nextRunTime }: JobRecord): number => nextRunTime ?? Infinity;
  return meant.map(({ record }) => record).sort((a, b) => timeOf(a) - timeOf(b) || 0);
}

/**
 * Finds jobs by walking through them in the order asked for. An order is kept from its first search on, until more changes
 * than searches need it.
 */
export class JobFinder {
  private readonly orders = new Map<JobOrder, OrderedJobs>();

  /** @param pause - lets others have their turn; jobs may come and go meanwhile. */
  constructor(
    private readonly entries: ReadonlyMap<string, MemoryEntry>,
    private readonly pause: () => Promise<void>,
  ) {}

  /** To be called when a job is there, or has another place in an order. */
  note(entry: MemoryEntry, order: JobOrder): void {
    const jobs = this.orders.get(order);
    if (!jobs) return;
    jobs.note(entry);
    if (jobs.isAbandoned) this.orders.delete(order);
  }

  noteInAll(entry: MemoryEntry): void {
    for (const order of this.orders.keys()) this.note(entry, order);
  }

  remove(entry: MemoryEntry): void {
    for (const jobs of this.orders.values()) jobs.remove(entry);
  }

  clear(): void {
    this.orders.clear();
  }

  async find(search: JobSearch): Promise<FoundJobs> {
    const { filter, known, limit, order } = search;
    const jobs = this.orders.get(order) ?? new OrderedJobs(this.entries, order, this.pause);
    this.orders.set(order, jobs);
    await jobs.bringUpToDate();
    const matches = jobMatcher(filter, known);
    const found: PlacedJob[] = [];
    let rest: JobSearch | null = search;
    for (let looked = 0; rest && found.length <= limit && looked < MOST_LOOKED_AT; looked += AT_ONCE) {
      if (looked > 0) await this.pause();
      rest = look(jobs, rest, (job) => {
        if (matches(factsOf(job.entry))) found.push(job);
        return found.length > limit;
      });
    }
    const page = found.slice(0, limit);
    const next = found.length > limit ? page.at(-1) : rest?.after;
    const there = page.filter(({ entry, id }) => this.entries.get(id) === entry);
    return {
      found: there.map((job) => ({ place: placeOf(job), job: job.entry.record })),
      next: next ? placeOf(next) : null,
    };
  }
}

/**
 * Looks at some jobs, until one is the last that is wanted.
 *
 * @returns the search for those beyond them; null when there are none.
 */
function look(jobs: OrderedJobs, search: JobSearch, isLast: (job: PlacedJob) => boolean): JobSearch | null {
  const { descending } = search;
  const { from, isOver } = rangeOf(search);
  let looked = 0;
  let areBeyond = false;
  for (const job of jobs.places.from(from, descending)) {
    areBeyond ||= isBeyond(job, search);
    if (!areBeyond) continue;
    if (isOver(job.key)) return null;
    if (isLast(job) || ++looked === AT_ONCE) return { ...search, after: job, inclusive: false };
  }
  return null;
}

/** Where a search begins, and behind which keys it ends: those with a next run time in a range stand together. */
function rangeOf({ after, descending, filter, order }: JobSearch): {
  readonly from: JobPlace | undefined;
  readonly isOver: (key: string | number) => boolean;
} {
  const { nextFrom, nextTo } = filter;
  if (order !== 'nextRun' || (nextFrom === undefined && nextTo === undefined)) {
    return { from: after, isOver: () => false };
  }
  const [first, end] = [nextFrom ?? -Infinity, nextTo ?? Infinity];
  const edge = { key: descending ? end : first, id: '' };
  const isWithin = after && (descending ? comparePlaces(after, edge) < 0 : comparePlaces(after, edge) > 0);
  return { from: isWithin ? after : edge, isOver: (key) => (descending ? Number(key) < first : Number(key) >= end) };
}

/** @param pause - lets others have their turn; jobs may come and go meanwhile. */
export async function countJobs(
  entries: ReadonlyMap<string, MemoryEntry>,
  known: KnownWork,
  pause: () => Promise<void>,
): Promise<JobCounts> {
  const counts = { scheduled: 0, paused: 0, waiting: 0, running: 0 };
  const sets = knownSets(known);
  let looked = 0;
  for (const entry of entries.values()) {
    if (++looked % AT_ONCE === 0) await pause();
    counts[stateOf(factsOf(entry), sets)]++;
  }
  return counts;
}

function factsOf({ dueAt, paused, runs, spec }: MemoryEntry): JobFacts {
  return {
    spec,
    paused,
    nextRunTime: dueAt === Infinity ? null : dueAt,
    isRunning: runs?.live.some(({ state }) => isActive(state)) ?? false,
    lastOutcome: runs?.last?.state ?? null,
  };
}

const placeOf = ({ id, key }: JobPlace): JobPlace => ({ id, key });
