import type { Clock } from '../clock.js';
import type { Job } from '../model/job.js';
import type { JobPage, JobQuery } from '../model/job-query.js';
import type { Timeline } from '../model/timeline.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { FaultList } from '../triggers/fault-list.js';
import { countProblem, UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { WorkBudget } from '../util/work-budget.js';
import { MAX_JOBS } from './job-query.js';
import { furtherTime } from './preview.js';
import { TimelineCollector } from './timeline-collector.js';

/** What of the future is to be seen. */
export interface TimelineQuery {
  /** Fire times from here: a Date, epoch milliseconds or ISO 8601 text. @default now */
  from?: DateInput;
  /** Fire times before this; at most 366 days after `from`. */
  to: DateInput;
  /** At most so many fire times, 1 to 10,000. @default 1000 */
  limit?: number;
  /**
   * Time is divided into cells of so many seconds, and the fire times of a job in one cell are one entry: for pictures of jobs that fire
   * often. Cells are made longer until the entries are within the limit; how many times there are in a cell is estimated by the first
   * two of them. @default each fire time is an entry
   */
  resolution?: number;
  /** Only of these jobs. */
  where?: Omit<JobQuery, 'nextFrom' | 'nextTo' | 'sort' | 'limit' | 'cursor'>;
}

export interface TimelineContext {
  readonly clock: Clock;
  readonly timezone: string;
  getJobs(query: JobQuery): Promise<JobPage>;
}

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
  /** Null where each fire time is an entry. */
  readonly cellMs: number | null;
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
  const collector = new TimelineCollector(range);
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
  return { ...collector.result(times.countedTo), from: range.from, to: range.to, countedTo: times.countedTo };
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

  async collect(job: Job, collector: TimelineCollector): Promise<void> {
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
      const isShown = time >= from;
      if (isShown) {
        this.seen++;
        count++;
      }
      const isTooMuch = count > MOST_OF_JOB || this.seen > MOST + MOST_OF_JOB;
      if (isShown && isTooMuch) collector.add(job, { time, count: 1, apart: 0 });
      if (isTooMuch) return this.cut(time);
      if (this.clock.now() >= this.sliceEnd) {
        await this.clock.yield();
        this.sliceEnd = this.clock.now() + SLICE_MS;
      }
      let next = furtherTime(trigger, Math.max(nominal, start), this.budget);
      if (isShown) {
        // Of a job whose runs are limited, each has to be found.
        const end: number = left === Infinity ? Math.min(collector.cellEnd(time), to) : time;
        const apart = next === null ? 0 : next - nominal;
        const isOften = apart > 0 && time + apart < end;
        collector.add(job, { time, apart, count: isOften ? Math.ceil((end - time) / apart) : 1 });
        // The others in this cell are counted: the next one is looked for beyond it.
        if (isOften) next = furtherTime(trigger, (nominal = end - 1), this.budget);
      }
      if (next === null && this.budget.isExhausted) return this.cut(time);
      if (next !== null) nominal = next;
      time = next;
    }
  }

  private cut(time: number): void {
    this.countedTo = Math.min(this.countedTo, Math.max(time, this.range.from));
  }
}

const NAMES: readonly string[] = [
  'from',
  'to',
  'limit',
  'resolution',
  'where',
] satisfies readonly (keyof TimelineQuery)[];

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
  const { limit = 1000, resolution, where = {} } = given;
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_ENTRIES) {
    faults.add('limit', `must be a whole number from 1 to ${MAX_ENTRIES}, got ${show(limit)}`);
  }
  const problem = resolution === undefined ? undefined : countProblem(resolution, 'timelineResolution');
  if (problem !== undefined || resolution === Infinity) {
    faults.add('resolution', problem ?? `must be at most ${UPPER_BOUNDS.timelineResolution}, got Infinity`);
  }
  if (!isPlainObject(where)) faults.add('where', `must be a plain object, got ${show(where)}`);
  else {
    for (const field of ['nextFrom', 'nextTo', 'sort', 'limit', 'cursor']) {
      if (field in where) faults.add(`where.${field}`, 'cannot be given');
    }
  }
  faults.throwIfAny('Invalid query for a timeline');
  const cellMs = resolution === undefined ? null : (resolution as number) * 1000;
  return { from, to: to as number, limit: limit as number, cellMs, where: where as JobQuery };
}
