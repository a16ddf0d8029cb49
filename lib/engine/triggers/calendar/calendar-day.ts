import { DAY_MS } from '../../time/civil.js';
import { formatDate, parseDate } from '../../time/iso-date.js';
import type { TimeZone } from '../../time/time-zone.js';

/** A stretch of time: `from` belongs to it, `to` does not. In epoch milliseconds. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/* Days of the calendar as numbers: 0 is 1970-01-01. */

const DAY_ONLY = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** Whether a date names a whole day, as `2030-01-31` does. Whether there is such a day is not asked. */
export function isDay(input: unknown): input is string {
  return typeof input === 'string' && DAY_ONLY.test(input);
}

/**
 * The number of a day that is written `2030-01-31`.
 *
 * @param field - its name in an error.
 * @throws InvalidInputError
 */
export function parseDay(text: string, field: string): number {
  return parseDate(text, field, 'UTC').epochMs / DAY_MS;
}

/** The inverse of {@link parseDay}. */
export function formatDay(day: number): string {
  return formatDate(day * DAY_MS, 'UTC').slice(0, 10);
}

/** The day that clocks in a zone show at an instant. */
export function dayAt(epochMs: number, zone: TimeZone): number {
  return Math.floor((epochMs + zone.offsetAt(epochMs)) / DAY_MS);
}

/**
 * When clocks in a zone show a day. Mostly that is one stretch of time; it is two where an overlap turns midnight back,
 * and none where a place has lost the day.
 */
export function timesOfDay(day: number, zone: TimeZone): TimeWindow[] {
  const [begin, end] = [day * DAY_MS, (day + 1) * DAY_MS];
  const windows: TimeWindow[] = [];
  for (let segment = zone.segmentAt(begin - DAY_MS); ; segment = zone.segmentAt(segment.end)) {
    const from = Math.max(segment.start, begin - segment.offset);
    const to = Math.min(segment.end, end - segment.offset);
    if (from < to) windows.push({ from, to });
    if (segment.end > end + DAY_MS) return windows;
  }
}

/** The first instant of a day; of one that a place has lost, the first of the day after it. */
export function startOfDay(day: number, zone: TimeZone): number {
  return timesOfDay(day, zone)[0]?.from ?? zone.toInstant(day * DAY_MS);
}
