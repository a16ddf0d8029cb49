import type { Clock } from '../clock.js';
import type { Job } from '../model/job.js';
import type { JobPage, JobQuery } from '../model/job-query.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { FaultList } from '../triggers/fault-list.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { WorkBudget } from '../util/work-budget.js';
import { MAX_JOBS } from './job-query.js';
import { furtherTime } from './preview.js';

/** What of the future is to be seen. */
export interface TimelineQuery {
  /** Fire times from here: a Date, epoch milliseconds or ISO 8601 text. @default now */
  from?: DateInput;
  /** Fire times before this; at most 366 days after `from`. */
  to: DateInput;
  /** At most so many fire times, 1 to 10,000. @default 1000 */
  limit?: number;
  /** Only of these jobs. */
  where?: Omit<JobQuery, 'nextFrom' | 'nextTo' | 'sort' | 'limit' | 'cursor'>;
}

/** A time at which a job fires. */
export interface TimelineEntry {
  readonly jobId: string;
  readonly jobStore: string;
  /** In epoch milliseconds; of a job's next run with its jitter, of later ones without. */
  readonly time: number;
}

/** How many fire times there are in an interval. */
export interface TimelineCount {
  /** In epoch milliseconds; it ends where the next one begins. */
  readonly from: number;
  readonly count: number;
}

/** The fire times of all jobs in a range of time. */
export interface Timeline {
  /** In epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** The first fire times, in order. */
  readonly entries: readonly TimelineEntry[];
  /** All fire times, those beyond the limit too, in 60 intervals of equal length. */
  readonly counts: readonly TimelineCount[];
  /** Everything before this is counted, in epoch milliseconds: less than `to` where that would have been too much work. */
  readonly countedTo: number;
}

export interface TimelineContext {
  readonly clock: Clock;
  readonly timezone: string;
  getJobs(query: JobQuery): Promise<JobPage>;
}

const INTERVALS = 60;
const LONGEST_MS = 366 * 86_400_000;
const MAX_ENTRIES = UPPER_BOUNDS.timelineEntries;

/** How many fire times are counted: of one job, and of all. */
const MOST_OF_JOB = 10_000;
const MOST = 200_000;
/** What all of it may cost, in steps of triggers. */
const WORK = 1_000_000;
/** How long times are looked for before the event loop gets its turn. */
const SLICE_MS = 5;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly where: JobQuery;
}

/**
 * The fire times of all jobs in a range of time.
 *
 * @param isMeant - leaves jobs out.
 * @throws InvalidInputError with every fault.
 */
export async function timelineOf(
  query: TimelineQuery,
  context: TimelineContext,
  isMeant: (job: Job) => boolean = () => true,
): Promise<Timeline> {
  const range = readQuery(query, context);
  const collector = new Collector(range);
  const times = new FireTimes(range, context.clock);
  const seen = new Set<string>();
  let cursor: string | null | undefined;
  while (cursor !== null && !times.isExhausted) {
    const page: JobPage = await context.getJobs({
      ...range.where,
      nextTo: range.to,
      sort: 'nextRun',
      limit: MAX_JOBS,
      ...(cursor !== undefined && { cursor }),
    });
    for (const job of page.jobs.filter(isMeant)) {
      // One that runs meanwhile comes again, for its next time.
      const key = JSON.stringify([job.jobStore, job.id]);
      if (!seen.has(key)) await times.collect(job, collector);
      seen.add(key);
    }
    cursor = page.nextCursor;
  }
  return collector.timeline(times.countedTo);
}

/** @throws InvalidInputError with every fault. */
export function checkTimeline(query: TimelineQuery, context: Omit<TimelineContext, 'getJobs'>): void {
  readQuery(query, context);
}

/** Goes through the fire times of jobs, the job with the earliest first, as long as that is not too much work. */
class FireTimes {
  private readonly budget = new WorkBudget(WORK);
  private seen = 0;
  private sliceEnd: number;
  /** Beyond this, not all times of the jobs so far have been looked for. */
  countedTo: number;
  isExhausted = false;

  constructor(
    private readonly range: Range,
    private readonly clock: Clock,
  ) {
    this.countedTo = range.to;
    this.sliceEnd = clock.now() + SLICE_MS;
  }

  async collect(job: Job, collector: Collector): Promise<void> {
    const { from, to } = this.range;
    const { nextNominalTime, nextRunTime, trigger } = job;
    if (nextRunTime === null) return;
    // This job and those after it have no earlier times.
    if (this.seen >= MOST) {
      this.isExhausted = true;
      this.cut(nextRunTime);
      return;
    }
    let count = 0;
    // The next run has its jitter; an overdue one is made now.
    let time: number | null = Math.max(nextRunTime, Math.min(from, this.clock.now()));
    let nominal = nextNominalTime ?? nextRunTime;
    // Where runs are limited, those before the range count.
    const start = job.runsLeft === undefined ? from - 1 : -Infinity;
    for (let left = job.runsLeft ?? Infinity; time !== null && time < to && left > 0; left--) {
      if (time >= from) {
        collector.add(job, time);
        this.seen++;
        count++;
      }
      if (count > MOST_OF_JOB || this.seen > MOST + MOST_OF_JOB) return this.cut(time);
      if (this.clock.now() >= this.sliceEnd) {
        await this.clock.yield();
        this.sliceEnd = this.clock.now() + SLICE_MS;
      }
      const next = furtherTime(trigger, Math.max(nominal, start), this.budget);
      if (next === null && this.budget.isExhausted) return this.cut(time);
      if (next !== null) nominal = next;
      time = next;
    }
  }

  private cut(time: number): void {
    this.countedTo = Math.min(this.countedTo, Math.max(time, this.range.from));
  }
}

/** Keeps the first fire times, and counts all of them. */
class Collector {
  private entries: TimelineEntry[] = [];
  private readonly counts = Array.from({ length: INTERVALS }, () => 0);

  constructor(private readonly range: Range) {}

  add({ id, jobStore }: Job, time: number): void {
    const { from, limit, to } = this.range;
    const interval = Math.min(INTERVALS - 1, Math.floor(((time - from) * INTERVALS) / (to - from)));
    this.counts[interval] = (this.counts[interval] ?? 0) + 1;
    this.entries.push({ jobId: id, jobStore, time });
    if (this.entries.length >= 2 * limit + 1000) this.keepFirst();
  }

  timeline(countedTo: number): Timeline {
    const { from, to } = this.range;
    this.keepFirst();
    const startOf = (interval: number): number => from + Math.floor(((to - from) * interval) / INTERVALS);
    const counts = this.counts.map((count, interval) => ({ from: startOf(interval), count }));
    return { from, to, entries: this.entries.filter(({ time }) => time < countedTo), counts, countedTo };
  }

  private keepFirst(): void {
    this.entries.sort((a, b) => a.time - b.time);
    this.entries.length = Math.min(this.entries.length, this.range.limit);
  }
}

const NAMES: readonly string[] = ['from', 'to', 'limit', 'where'] satisfies readonly (keyof TimelineQuery)[];

function readQuery(query: unknown, { clock, timezone }: Omit<TimelineContext, 'getJobs'>): Range {
  const faults = new FaultList();
  const given = isPlainObject(query) ? query : {};
  if (given !== query) faults.add('query', `must be a plain object, got ${show(query)}`);
  for (const field of Object.keys(given)) {
    if (!NAMES.includes(field)) faults.add(field, `is not known here; known are ${NAMES.join(', ')}`);
  }
  const instant = (field: 'from' | 'to'): number | undefined =>
    given[field] === undefined
      ? undefined
      : faults.attempt(() => parseDate(given[field] as DateInput, field, timezone).epochMs);
  const from = instant('from') ?? clock.now();
  const to = instant('to');
  if (given['to'] === undefined) faults.add('to', 'is missing');
  if (to !== undefined && to <= from) faults.add('to', 'must be after from');
  if (to !== undefined && to - from > LONGEST_MS) faults.add('to', 'must be at most 366 days after from');
  const { limit = 1000, where = {} } = given;
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_ENTRIES) {
    faults.add('limit', `must be a whole number from 1 to ${MAX_ENTRIES}, got ${show(limit)}`);
  }
  if (!isPlainObject(where)) faults.add('where', `must be a plain object, got ${show(where)}`);
  else {
    for (const field of ['nextFrom', 'nextTo', 'sort', 'limit', 'cursor']) {
      if (field in where) faults.add(`where.${field}`, 'cannot be given');
    }
  }
  faults.throwIfAny('Invalid query for a timeline');
  return { from, to: to as number, limit: limit as number, where: where as JobQuery };
}
