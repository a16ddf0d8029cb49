import { DAY_MS, epochDay, MAX_INSTANT, MIN_INSTANT, SECOND_MS } from './civil.js';

/**
 * A stretch of time with one offset from UTC. It ends at the zone's next change, or earlier, where the span of time
 * that was looked up at once ends: then the next segment has the same offset.
 */
export interface ZoneSegment {
  /** The first instant, in epoch milliseconds. */
  readonly start: number;
  /** The first instant after it. */
  readonly end: number;
  /** In milliseconds east of UTC. */
  readonly offset: number;
  /** The offset just before `start`: smaller where clocks went forward (a gap), greater where they went back (an overlap). */
  readonly offsetBefore: number;
}

/*
 * Changes of the offset are looked for in steps. A pair of changes between two looks that cancel each other out
 * would be missed: the closest pair in the tz database is 3.99 days apart (Freetown, September 1939), the closest
 * since 1970 6.96 days (Boa Vista 2000, Gaza 2040).
 */
const STEP_MS = 3 * DAY_MS;
const SPAN_MS = 32 * STEP_MS;

/** The number of the span of time that an instant is in. */
export function spanOf(epochMs: number): number {
  return Math.floor(epochMs / SPAN_MS);
}

/** Finds the segments of one span of time, in order. */
export function findSegments(span: number, offsetAt: (epochMs: number) => number): readonly ZoneSegment[] {
  const spanStart = span * SPAN_MS;
  const spanEnd = spanStart + SPAN_MS;
  const changes: number[] = [];
  let before = offsetAt(spanStart);
  for (let from = spanStart; from < spanEnd; from += STEP_MS) {
    // The last second, not the end: a change exactly at the end of the span belongs to the next one.
    const to = Math.min(from + STEP_MS, spanEnd - SECOND_MS);
    const after = offsetAt(to);
    bisect(from, before, to, after, offsetAt, changes);
    before = after;
  }
  return [spanStart, ...changes].map((start, index) => ({
    start,
    end: changes[index] ?? spanEnd,
    offset: offsetAt(start),
    offsetBefore: offsetAt(start - SECOND_MS),
  }));
}

/** Collects every change after `from` and up to `to`; both halves are followed, since there may be two. */
function bisect(
  from: number,
  before: number,
  to: number,
  after: number,
  offsetAt: (epochMs: number) => number,
  changes: number[],
): void {
  if (before === after) return;
  if (to - from <= SECOND_MS) {
    changes.push(to);
    return;
  }
  const middle = from + Math.floor((to - from) / (2 * SECOND_MS)) * SECOND_MS;
  const between = offsetAt(middle);
  bisect(from, before, middle, between, offsetAt, changes);
  bisect(middle, between, to, after, offsetAt, changes);
}

/** Asks the platform's tz data for the offset of an IANA zone at an instant. Slow: its answers are kept in segments. */
export function platformOffsets(timeZone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMs) => {
    const instant = Math.min(Math.max(epochMs, MIN_INSTANT + DAY_MS), MAX_INSTANT - DAY_MS);
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
      format.format(instant).match(/\d+/g) ?? []
    ).map(Number);
    const wall = epochDay(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * SECOND_MS;
    return wall - Math.floor(instant / SECOND_MS) * SECOND_MS;
  };
}
