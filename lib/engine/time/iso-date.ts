import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';
import {
  DAY_MS,
  dateOfEpochDay,
  dayOf,
  daysInMonth,
  epochDay,
  HOUR_MS,
  MAX_INSTANT,
  MIN_INSTANT,
  MINUTE_MS,
  monthOf,
  SECOND_MS,
  yearOf,
} from './civil.js';
import { formatOffset, parseOffset } from './fixed-offset.js';
import { TimeZone } from './time-zone.js';

/** A date as users write it: a `Date`, epoch milliseconds, or an ISO 8601 string (without an offset it is in the trigger's time zone). */
export type DateInput = Date | number | string;

/** A date as given by a user. */
export interface ParsedDate {
  /** Whole milliseconds; finer digits are truncated. */
  readonly epochMs: number;
  /** The offset in the text (`+02:00`; `+00:00` for `Z`); null if there is none. */
  readonly offset: string | null;
}

// APScheduler's forms (apscheduler/util.py: month, day, hour ... of one or two digits), and ISO 8601's short forms.
const DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;

/**
 * Parses a date strictly: a `Date`, epoch milliseconds or an ISO 8601 string.
 *
 * @param field - its name in error messages.
 * @param timezone - the zone of a string without an offset.
 * @throws InvalidInputError if it is not a date, or not within the years 1 to 9999
 */
export function parseDate(input: DateInput, field: string, timezone: string): ParsedDate {
  const parsed = typeof input === 'string' ? parseText(input, field, timezone) : parseInstant(input);
  if (parsed === undefined) {
    const forms = 'a Date, epoch milliseconds or ISO 8601 (2030-01-31T09:00:00+01:00)';
    return refuse(field, `must be a date: ${forms}, got ${show(input)}`);
  }
  if (parsed.epochMs < MIN_INSTANT || parsed.epochMs > MAX_INSTANT) {
    return refuse(field, `must be between the years 1 and 9999, got ${show(input)}`);
  }
  return parsed;
}

/** Formats an instant as Python's `isoformat` does: `2030-05-05T12:00:00+02:00`, with six digits of fraction or none. */
export function formatDate(epochMs: number, timezone: string): string {
  const offset = TimeZone.of(timezone).offsetAt(epochMs);
  const wall = epochMs + offset;
  // At both ends of the calendar, the zone's wall-clock time may be outside the years 1 to 9999.
  if (wall < MIN_INSTANT || wall > MAX_INSTANT) {
    const isNamed = epochMs >= MIN_INSTANT && epochMs <= MAX_INSTANT;
    return isNamed ? formatDate(epochMs, 'UTC') : new Date(epochMs).toISOString().replace('Z', '+00:00');
  }
  const day = Math.floor(wall / DAY_MS);
  const time = Math.floor(wall - day * DAY_MS);
  const date = dateOfEpochDay(day);
  const [hour, minute] = [Math.floor(time / HOUR_MS), Math.floor((time % HOUR_MS) / MINUTE_MS)];
  const second = Math.floor((time % MINUTE_MS) / SECOND_MS);
  const fraction = time % SECOND_MS;
  return (
    `${digits(yearOf(date), 4)}-${digits(monthOf(date), 2)}-${digits(dayOf(date), 2)}` +
    `T${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}` +
    `${fraction === 0 ? '' : `.${digits(fraction, 3)}000`}${formatOffset(offset)}`
  );
}

/**
 * Normalizes a date string without an offset, for a date whose zone is not known yet.
 */
export function formatWall(text: string): string {
  return formatDate(parseDate(text, 'date', 'UTC').epochMs, 'UTC').slice(0, -'+00:00'.length);
}

function parseInstant(input: unknown): ParsedDate | undefined {
  const value: unknown = input instanceof Date ? input.getTime() : input;
  return typeof value === 'number' && Number.isFinite(value) ? { epochMs: Math.floor(value), offset: null } : undefined;
}

function parseText(text: string, field: string, timezone: string): ParsedDate | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  // Not destructured from an array, for speed: every job with a date that a database returns is parsed here.
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (year < 1) return refuse(field, `must be between the years 1 and 9999, got ${show(text)}`);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return refuse(field, `must be a day of the calendar, got ${show(text)}`);
  }
  if (hour > 23 || minute > 59 || second > 59) return refuse(field, `must have a time of day, got ${show(text)}`);
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const wall =
    epochDay(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + milliseconds;
  const written = match[8];
  if (written === undefined) return { epochMs: TimeZone.of(timezone).toInstant(wall), offset: null };
  const offset = written === 'Z' ? 0 : parseOffset(written);
  if (offset === undefined) return refuse(field, `must have an offset below 24 hours, got ${show(text)}`);
  return { epochMs: wall - offset, offset: formatOffset(offset) };
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function refuse(field: string, problem: string): never {
  throw new InvalidInputError('Invalid date', [{ field, problem }]);
}
