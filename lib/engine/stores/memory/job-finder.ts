import type { JobRecord } from '../../model/job.js';
import type { JobCounts } from '../../model/statistics.js';
import type { JobOrder } from '../../model/job-query.js';
import {
  comparePlaces,
  isBeyond,
  jobMatcher,
  knownSets,
  nameKey,
  stateOf,
  type FoundJobs,
  type JobFacts,
  type JobPlace,
  type JobSearch,
  type KnownWork,
} from '../job-search.js';
import type { MemoryEntry } from './memory-entry.js';

/** How many jobs are looked at before others have their turn: a few milliseconds. */
const AT_ONCE = 2000;

interface Candidate {
  readonly place: JobPlace;
  readonly entry: MemoryEntry;
}

/** All jobs, or the declared ones: by next run time, those without one last. */
export function listJobs(entries: ReadonlyMap<string, MemoryEntry>, which?: 'declared'): readonly JobRecord[] {
  const meant = [...entries.values()].filter(({ isDeclared }) => which === undefined || isDeclared);
  const timeOf = ({ nextRunTime }: JobRecord): number => nextRunTime ?? Infinity;
  return meant.map(({ record }) => record).sort((a, b) => timeOf(a) - timeOf(b) || 0);
}

/**
 * Finds jobs by looking at each of them: a page costs more the more jobs there are. An index by each order would cost every
 * change instead.
 *
 * @param pause - lets others have their turn; jobs may come and go meanwhile.
 */
export async function findJobs(
  entries: ReadonlyMap<string, MemoryEntry>,
  search: JobSearch,
  pause: () => Promise<void>,
): Promise<FoundJobs> {
  const { descending, filter, known, limit, order } = search;
  const matches = jobMatcher(filter, known);
  const kept = new Candidates(limit + 1, descending);
  let looked = 0;
  for (const entry of entries.values()) {
    if (++looked % AT_ONCE === 0) await pause();
    const place = { key: keyOf(entry, order), id: entry.id };
    if (kept.excludes(place) || !isBeyond(place, search) || !matches(factsOf(entry))) continue;
    kept.add({ place, entry });
  }
  const page = kept.list.slice(0, limit);
  const there = page.filter(({ entry, place: { id } }) => entries.get(id) === entry);
  return {
    found: there.map(({ entry, place }) => ({ place, job: entry.record })),
    next: kept.list.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
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

/** The first of many places, in order. */
class Candidates {
  readonly list: Candidate[] = [];

  constructor(
    private readonly size: number,
    private readonly descending: boolean,
  ) {}

  /** Whether a place is beyond all of them, and there is no room. */
  excludes(place: JobPlace): boolean {
    const last = this.list[this.size - 1];
    return last !== undefined && this.compare(place, last.place) > 0;
  }

  add(candidate: Candidate): void {
    const { list, size } = this;
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare((list[middle] as Candidate).place, candidate.place) < 0) low = middle + 1;
      else high = middle;
    }
    list.splice(low, 0, candidate);
    if (list.length > size) list.pop();
  }

  private compare(a: JobPlace, b: JobPlace): number {
    return this.descending ? comparePlaces(b, a) : comparePlaces(a, b);
  }
}

function keyOf(entry: MemoryEntry, order: JobOrder): string | number {
  if (order === 'name') return nameKey(entry.spec.name);
  if (order === 'nextRun') return entry.dueAt;
  return order === 'lastRun' ? (entry.runs?.last?.id ?? '') : '';
}

function factsOf({ dueAt, paused, runs, spec }: MemoryEntry): JobFacts {
  return {
    spec,
    paused,
    nextRunTime: dueAt === Infinity ? null : dueAt,
    isRunning: runs?.live.some(({ state }) => state === 'running') ?? false,
    lastOutcome: runs?.last?.state ?? null,
  };
}
