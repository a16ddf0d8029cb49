import { SchedulerError } from '../../errors.js';
import { DAY_MS, MAX_INSTANT, MIN_INSTANT } from '../../time/civil.js';
import { TimeZone } from '../../time/time-zone.js';
import { WorkBudget } from '../../util/work-budget.js';
import type { Trigger } from '../trigger.js';

/** Tens of milliseconds. One unit is an answer of a trigger. */
const SEARCH_WORK = 25_000;
/** To ask a cursor that may know the answer already. */
const VISIT_WORK = 1 / 16;
/** The first look at a span of time in a zone is slow: a day costs what an answer does. No answer looks at more than three spans. */
const WORK_PER_DAY = 1;
const MOST_DAYS = 3 * 189;
const FIRST_LOOK_WORK = 5;

/** One search through the times of triggers. All cursors in it share one work budget, however they are nested. */
export class Search {
  /** How many answers were needed. */
  steps = 0;
  /** How far it has got, in epoch milliseconds. */
  reached: number;
  readonly budget = new WorkBudget(SEARCH_WORK);

  /**
   * @param sign - 1 to go forward, -1 to go back.
   * @param from - the instant that it begins with.
   */
  constructor(
    private readonly sign: 1 | -1,
    from: number,
  ) {
    this.reached = from;
  }

  /** The end of the calendar, as it is seen from this search. */
  get end(): number {
    return this.sign === 1 ? MAX_INSTANT : MIN_INSTANT;
  }

  isBefore(a: number, b: number): boolean {
    return this.sign === 1 ? a < b : a > b;
  }

  earlier(a: number, b: number): number {
    return this.isBefore(a, b) ? a : b;
  }

  later(a: number, b: number): number {
    return this.isBefore(a, b) ? b : a;
  }

  /** An instant further on. */
  after(time: number, ms: number): number {
    return time + this.sign * ms;
  }

  /** As an instant is in a window, where the search comes out of it. */
  leave({ from, to }: { readonly from: number; readonly to: number }): number {
    return this.sign === 1 ? to : from - 1;
  }

  /**
   * The first time of a cursor from an instant on, up to the end of the calendar.
   *
   * @throws WorkExhausted
   */
  first(cursor: Cursor, from: number): number | null {
    return this.budget.run(() => cursor.seek(from, this.end));
  }

  /**
   * The first time of a trigger from an instant on.
   *
   * @param isFirst - whether it was not asked before: then it hardly counts how far the answer is, which says nothing
   *   about how long the search will take.
   * @throws WorkExhausted; SchedulerError when the answer lies before the question
   */
  ask(source: TimeSource, from: number, isFirst: boolean): number | null {
    if (this.isBefore(this.reached, from)) this.reached = from;
    const time = this.sign === 1 ? source.next(from - 1, from) : source.previous(from + 1);
    if (time !== null && time !== from && !this.isBefore(from, time)) {
      throw new SchedulerError('INVALID_INPUT', `A trigger answered ${time} for ${from}: it must move on`);
    }
    this.steps++;
    let work = 1;
    if (time !== null && !TimeZone.of(source.timezone).isFixed) {
      work += isFirst ? FIRST_LOOK_WORK : Math.min(Math.abs(time - from) / DAY_MS, MOST_DAYS) * WORK_PER_DAY;
    }
    this.budget.spend(work);
    return time;
  }
}

/**
 * Times in the order of a search. What is asked of one cursor never lies before what was asked of it earlier, so it
 * remembers what it has found and how far there is nothing: no stretch of time is searched twice.
 */
export abstract class Cursor {
  private time: number | null = null;
  /** It has no time before this one. */
  private clearedTo: number | undefined;

  constructor(protected readonly search: Search) {}

  /**
   * The first of its times from an instant on.
   *
   * @param limit - how far to look, at least.
   * @returns null when there is none up to the limit.
   */
  seek(from: number, limit: number): number | null {
    this.search.budget.spend(VISIT_WORK);
    const { search, time, clearedTo = from } = this;
    if (time !== null && !search.isBefore(time, from)) return time;
    const start = search.later(from, clearedTo);
    if (search.isBefore(limit, start)) return null;
    this.time = this.find(start, limit);
    this.clear(this.time ?? search.after(limit, 1));
    return this.time;
  }

  /** Whether an instant is one of its times. */
  has(time: number): boolean {
    return this.seek(time, time) === time;
  }

  /** Looks for the first time from an instant on, up to a limit or further. */
  protected abstract find(from: number, limit: number): number | null;

  /** Remembers that there is no time before an instant. */
  protected clear(to: number): void {
    this.clearedTo = this.clearedTo === undefined ? to : this.search.later(this.clearedTo, to);
  }
}

/** What has times of its own: a trigger that is not made of others. */
export type TimeSource = Pick<Trigger, 'next' | 'previous' | 'timezone'>;

/** The times of one trigger. */
export class SourceCursor extends Cursor {
  private isFirst = true;

  constructor(
    private readonly source: TimeSource,
    search: Search,
  ) {
    super(search);
  }

  protected find(from: number): number | null {
    const time = this.search.ask(this.source, from, this.isFirst);
    this.isFirst = false;
    if (time === null) this.clear(this.search.after(this.search.end, 1));
    return time;
  }
}
