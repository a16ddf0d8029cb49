import { SchedulerError } from '../../errors.js';
import { DAY_MS, MAX_INSTANT, MIN_INSTANT } from '../../time/civil.js';
import { TimeZone } from '../../time/time-zone.js';
import type { Trigger } from '../trigger.js';

/** Times in the order of a search. What is asked of one cursor never lies before what was asked of it earlier. */
export interface Cursor {
  /**
   * The first of its times from an instant on.
   *
   * @param limit - how far to look, at least.
   * @returns null when there is none up to the limit.
   */
  seek(from: number, limit: number): number | null;
  /** Whether an instant is one of its times. */
  has(time: number): boolean;
}

/** A search has taken all the effort that it may. */
export class SearchExhausted extends Error {}

/** How much effort a search may take: tens of milliseconds. One unit is an answer of a trigger. */
const EFFORT = 25_000;

/** The first look at a span of time in a zone is slow: 96 days cost what 250 answers do. No answer looks at more than three. */
const EFFORT_PER_DAY = 250 / 96;
const MOST_DAYS = 3 * 96;

/** One search through the times of triggers, with a limit to its effort that they share, however they are nested. */
export class Search {
  /** How many answers were needed. */
  steps = 0;
  /** How far it has got, in epoch milliseconds. */
  reached: number;
  private effort = EFFORT;

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
  hint({ from, to }: { readonly from: number; readonly to: number }): number {
    return this.sign === 1 ? to : from - 1;
  }

  /**
   * The first time of a trigger from an instant on.
   *
   * @param isFirst - whether it was not asked before: that is what any answer costs, and no effort of the search.
   * @throws SearchExhausted; SchedulerError when the answer lies before the question
   */
  ask(source: TimeSource, from: number, isFirst: boolean): number | null {
    if (this.effort < 0) throw new SearchExhausted();
    if (this.isBefore(this.reached, from)) this.reached = from;
    const time = this.sign === 1 ? source.next(from - 1, from) : source.previous(from + 1);
    if (time !== null && time !== from && !this.isBefore(from, time)) {
      throw new SchedulerError('INVALID_INPUT', `A trigger answered ${time} for ${from}: it must move on`);
    }
    this.steps++;
    this.effort -= 1;
    if (!isFirst && time !== null && !TimeZone.of(source.timezone).isFixed) {
      this.effort -= Math.min(Math.abs(time - from) / DAY_MS, MOST_DAYS) * EFFORT_PER_DAY;
    }
    return time;
  }
}

/** What has times of its own: a trigger that is not made of others. */
export type TimeSource = Pick<Trigger, 'next' | 'previous' | 'timezone'>;

/** The times of one trigger. */
export class SourceCursor implements Cursor {
  /** The answer to the latest question, for all instants up to it; undefined before the first. */
  private time: number | null | undefined;

  constructor(
    private readonly source: TimeSource,
    private readonly search: Search,
  ) {}

  seek(from: number): number | null {
    const { time, search } = this;
    if (time === undefined) this.time = search.ask(this.source, from, true);
    else if (time !== null && search.isBefore(time, from)) this.time = search.ask(this.source, from, false);
    return this.time ?? null;
  }

  has(time: number): boolean {
    return this.seek(time) === time;
  }
}
