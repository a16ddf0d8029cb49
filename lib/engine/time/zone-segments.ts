import { DAY_MS, epochDay, MAX_INSTANT, MIN_INSTANT, MINUTE_MS, SECOND_MS } from './civil.js';

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
 * since 1970 6.96 days (Boa Vista 2000, Gaza 2040). From 2088 on there are only rules for every year.
 */
const STEPS = [
  { until: 0, stepMs: 3 * DAY_MS },
  { until: epochDay(2100, 1, 1) * DAY_MS, stepMs: 6 * DAY_MS },
  { until: Infinity, stepMs: 21 * DAY_MS },
];
/** 400 years are a whole number of these. */
const SPAN_MS = 189 * DAY_MS;

/** The number of the span of time that an instant is in. */
export function spanOf(epochMs: number): number {
  return Math.floor(epochMs / SPAN_MS);
}

/*
 * The tz database knows no change before 1835, and from 2088 on only rules that repeat every year. The calendar repeats
 * every 400 years, weekdays included. So a zone has few different spans, however far away a date is.
 */
const CYCLE_MS = 146_097 * DAY_MS;
const CYCLE_SPANS = CYCLE_MS / SPAN_MS;
const FIRST_SPAN = spanOf(epochDay(1800, 1, 1) * DAY_MS);
const REPEATS_FROM = spanOf(epochDay(2600, 1, 1) * DAY_MS);

/**
 * A span with the same changes that is looked up in place of a given one.
 *
 * @returns null before the first change of any zone.
 */
export function representativeSpan(span: number): { readonly span: number; readonly shiftMs: number } | null {
  if (span < FIRST_SPAN) return null;
  const cycles = span < REPEATS_FROM ? 0 : Math.floor((span - REPEATS_FROM) / CYCLE_SPANS) + 1;
  return { span: span - cycles * CYCLE_SPANS, shiftMs: cycles * CYCLE_MS };
}

/** The time before the first change of any zone. */
export function firstSegment(offsetAt: (epochMs: number) => number): ZoneSegment {
  const end = FIRST_SPAN * SPAN_MS;
  const offset = offsetAt(end - SECOND_MS);
  return { start: -Infinity, end, offset, offsetBefore: offset };
}

/** Finds the segments of one span of time, in order. */
export function findSegments(span: number, offsetAt: (epochMs: number) => number): readonly ZoneSegment[] {
  const spanStart = span * SPAN_MS;
  const spanEnd = spanStart + SPAN_MS;
  const changes: number[] = [];
  const stepMs = STEPS.find(({ until }) => spanStart < until)?.stepMs ?? DAY_MS;
  let before = offsetAt(spanStart);
  for (let from = spanStart; from < spanEnd; from += stepMs) {
    // The last second, not the end: a change exactly at the end of the span belongs to the next one.
    const to = Math.min(from + stepMs, spanEnd - SECOND_MS);
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

/** Nearly all changes are at whole quarters of an hour: other instants are looked at only when it is not there. */
const QUARTER_MS = 15 * MINUTE_MS;

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
  if (to - from === QUARTER_MS && offsetAt(to - SECOND_MS) === before) {
    changes.push(to);
    return;
  }
  const unitMs = to - from > QUARTER_MS ? QUARTER_MS : SECOND_MS;
  const middle = from + Math.max(1, Math.floor((to - from) / (2 * unitMs))) * unitMs;
  const between = offsetAt(middle);
  bisect(from, before, middle, between, offsetAt, changes);
  bisect(middle, between, to, after, offsetAt, changes);
}

const FORMATTED = /(\d+)\D+(\d+)\D+(\d+)\D+(\d+)\D+(\d+)\D+(\d+)/;

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
    const [, month, day, year, hour, minute, second] = FORMATTED.exec(format.format(instant)) ?? [];
    const time = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
    const wall = epochDay(Number(year), Number(month), Number(day)) * DAY_MS + time * SECOND_MS;
    return wall - Math.floor(instant / SECOND_MS) * SECOND_MS;
  };
}
