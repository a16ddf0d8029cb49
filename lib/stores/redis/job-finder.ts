import { JOB_STATES, type JobOrder } from '../../engine/model/job-query.js';
import type { JobCounts } from '../../engine/model/statistics.js';
import type { OnUnreadable } from '../../engine/model/unreadable-job.js';
import {
  comparePlaces,
  isBeyond,
  jobMatcher,
  knownSets,
  stateOf,
  type FoundJob,
  type FoundJobs,
  type JobFacts,
  type JobFilter,
  type JobPlace,
  type JobSearch,
  type KnownWork,
} from '../../engine/stores/job-search.js';
import { SCRIPT_BOUNDS, type Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { escapeKey, unescapeKey } from './job-facts.js';
import type { JobIndex, Mending } from './job-index.js';
import { BEGIN_SEARCH, SHOW_JOBS, WALK_JOBS } from './scripts/find-scripts.js';
import { GET_JOBS } from './scripts/job-scripts.js';
import { goneJob, readShown, type SeenJob, type Shown } from './shown-jobs.js';

/** How many places of an order are looked at in one step. */
const WINDOW = 500;
/** After how many places a search ends, however few jobs it has found. */
const MOST_LOOKED_AT = 10_000;
/** Up to how many jobs are looked at all together rather than by their order, where a part of the filter leaves no others. */
const FEW = 2000;
/** How many definitions are read in one step: making jobs of them takes more than looking at facts. */
const READ_AT_ONCE = 100;

type Begun = [missing: number, unplaced: number, ids: string[] | null];
type Walked = [keys: string[], ids: string[], isMore: number, ...Shown];

/** Places in the order asked for, and where the search has to go on. */
interface Places {
  readonly places: readonly JobPlace[];
  readonly next: JobPlace | null;
}

/**
 * Finds jobs by indexes: it walks through an order, window by window, and looks at what jobs are found by; or at all jobs that
 * a filter may leave, where these are few. Only the definitions of a page are read.
 */
export class JobFinder {
  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
    private readonly index: JobIndex,
  ) {}

  async find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    const few = await this.begin(search);
    return this.read(few ? await this.sort(few, search) : await this.walk(search), onUnreadable);
  }

  async count(known: KnownWork): Promise<JobCounts> {
    const counts = { scheduled: 0, paused: 0, waiting: 0, running: 0 };
    const sets = knownSets(known);
    const search = { filter: { states: JOB_STATES }, order: 'id', descending: false, limit: WINDOW, known } as const;
    await this.begin(search);
    for (let after: JobPlace | undefined | null; after !== null;) {
      const { next, seen } = await this.look(search, after, false, WINDOW);
      // Nobody knows what one that cannot be read waits for.
      for (const { job } of seen) counts[isReadable(job) ? stateOf(job, sets) : 'waiting']++;
      after = next;
    }
    return counts;
  }

  /** The ids of all jobs that the filter may leave; null when they are many. */
  private async begin({ filter, order }: JobSearch): Promise<readonly string[] | null> {
    const { nextFrom, nextTo, states, tags } = filter;
    const isRunning = states?.every((state) => state === 'running') ?? false;
    // In this order the range is walked through.
    const isRange = order !== 'nextRun' && (nextFrom !== undefined || nextTo !== undefined);
    const range = isRange ? [nextFrom ?? '-inf', nextTo === undefined ? '+inf' : `(${nextTo}`] : ['', ''];
    const args = [FEW, isRunning ? 1 : 0, ...range, tags ? 1 : 0, ...(tags ?? []).map(escapeKey)];
    const [missing, unplaced, ids] = await this.backend.run<Begun>(BEGIN_SEARCH, ...args);
    if (unplaced > 0) this.index.suspect();
    if (!this.index.lacks(missing)) return ids;
    await this.index.complete();
    return (await this.backend.run<Begun>(BEGIN_SEARCH, ...args))[2];
  }

  private async sort(ids: readonly string[], search: JobSearch): Promise<Places> {
    const { descending, limit, order } = search;
    const fits = testOf(search);
    const left = [...new Set(ids)];
    const places: JobPlace[] = [];
    for (let from = 0; from < left.length;) {
      const some = left.slice(from, from + WINDOW);
      const shown = await this.backend.run<Shown>(SHOW_JOBS, ...asked(search.filter), ...some);
      for (const job of await readShown(some, shown, this.index)) {
        if (!job || !fits(job)) continue;
        const place = { key: keyOf(job, order), id: job.id };
        if (isBeyond(place, search)) places.push(place);
      }
      from += shown[0];
    }
    places.sort((a, b) => (descending ? comparePlaces(b, a) : comparePlaces(a, b)));
    return pageOf(places, limit);
  }

  private async walk(search: JobSearch): Promise<Places> {
    const { filter, limit } = search;
    const fits = testOf(search);
    const isFiltered = Object.keys(filter).length > 0;
    const places: JobPlace[] = [];
    let [after, isInclusive] = [search.after, search.inclusive ?? false];
    for (let looked = 0; ;) {
      const size = isFiltered ? WINDOW : Math.min(limit + 1 - places.length, SCRIPT_BOUNDS.items);
      const { seen, next } = await this.look(search, after, isInclusive, size);
      for (const { job, place } of seen) if (fits(job)) places.push(place);
      if (places.length > limit || !next) return pageOf(places, limit);
      looked += size;
      if (looked >= MOST_LOOKED_AT) return { places, next };
      [after, isInclusive] = [next, false];
    }
  }

  /** Some places of an order, and where to go on. Members that are out of date are taken out of the index. */
  private async look(
    { descending, filter, order }: JobSearch,
    after: JobPlace | undefined,
    isInclusive: boolean,
    size: number,
  ): Promise<{ readonly seen: readonly { job: SeenJob; place: JobPlace }[]; readonly next: JobPlace | null }> {
    const [keys, ids, isMore, ...shown] = await this.backend.run<Walked>(
      WALK_JOBS,
      ...[order, descending ? 1 : 0, size],
      ...(after ? [1, encodeKey(after.key, order), after.id] : [0, '', '']),
      ...[isInclusive ? 1 : 0, filter.nextFrom ?? '', filter.nextTo ?? ''],
      ...asked(filter),
    );
    const mendings: Mending[] = [];
    const seen = (await readShown(ids, shown, this.index)).flatMap((job, at) => {
      const [id, encoded] = [ids[at] as string, keys[at] as string];
      const key = decodeKey(encoded, order);
      if (job && isAt(job, key, order)) return [{ job, place: { key, id } }];
      const stale = `${encoded}\0${id}`;
      if (order === 'name' || order === 'lastRun')
        mendings.push({ ...(job?.indexed ?? goneJob(id)), stale: [order, stale] });
      else if (job) mendings.push(job.indexed);
      return [];
    });
    await this.index.mend(mendings);
    const last = shown[0] - 1;
    const isCut = isMore === 1 || shown[0] < ids.length;
    const next = isCut ? { key: decodeKey(keys[last] as string, order), id: ids[last] as string } : null;
    return { seen, next };
  }

  private async read({ places, next }: Places, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    const found: FoundJob[] = [];
    let bytes = 0;
    for (let from = 0; from < places.length;) {
      if (bytes > SCRIPT_BOUNDS.bytes) return { found, next: places[from - 1] as JobPlace };
      const some = places.slice(from, from + READ_AT_ONCE);
      const ids = some.map(({ id }) => id);
      const [states, definitions] = await this.backend.run<[(string | null)[], (string | null)[]]>(GET_JOBS, ...ids);
      states.forEach((state, index) => {
        const [place, definition] = [some[index] as JobPlace, definitions[index] ?? null];
        // It may have been removed meanwhile.
        if (state === null && definition === null) return;
        bytes += definition?.length ?? 0;
        found.push({ place, job: this.cache.record(place.id, state ?? '', definition ?? '', onUnreadable) });
      });
      from += Math.max(states.length, 1);
    }
    return { found, next };
  }
}

function pageOf(places: readonly JobPlace[], limit: number): Places {
  const page = places.slice(0, limit);
  return { places: page, next: places.length > limit ? (page.at(-1) ?? null) : null };
}

/** Whether a filter asks for runs under way, and for outcomes. */
function asked({ lastOutcomes, states }: JobFilter): readonly (0 | 1)[] {
  return [states ? 1 : 0, lastOutcomes ? 1 : 0];
}

/** Whether a job is one that is looked for. What a filter would say of one that cannot be read is unknown. */
function testOf({ filter, known }: JobSearch): (job: SeenJob) => boolean {
  const matches = jobMatcher(filter, known);
  const isFiltered = Object.keys(filter).length > 0;
  return (job) => (isReadable(job) ? matches(job) : !isFiltered);
}

function isReadable(job: SeenJob): job is SeenJob & JobFacts {
  return job.spec !== null;
}

function keyOf({ last, nameKey, nextRunTime }: SeenJob, order: JobOrder): string | number {
  if (order === 'name') return nameKey;
  if (order === 'nextRun') return nextRunTime ?? Infinity;
  return order === 'lastRun' ? last : '';
}

/** Whether a job belongs where the index has it. A due job that is shown to a node is kept from the others until later. */
function isAt(job: SeenJob, key: string | number, order: JobOrder): boolean {
  if (order !== 'nextRun') return keyOf(job, order) === key;
  return key !== Infinity || job.nextRunTime === null;
}

function encodeKey(key: string | number, order: JobOrder): string {
  if (order === 'nextRun') return key === Infinity ? 'inf' : String(key);
  return order === 'name' ? escapeKey(String(key)) : String(key);
}

function decodeKey(key: string, order: JobOrder): string | number {
  if (order === 'nextRun') return key === 'inf' ? Infinity : Number(key);
  return order === 'name' ? unescapeKey(key) : key;
}
