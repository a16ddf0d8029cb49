import { InvalidInputError } from '../errors.js';
import { UPPER_BOUNDS, type BoundName } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './civil.js';

/** A duration as users write it: a number of seconds, or text that {@link parseDuration} reads: `1h30m`, `PT90S`. */
export type DurationInput = number | string;

/** No two dates are further apart than 9999 years. */
const MAX_DURATION_MS = 9999 * 366 * DAY_MS;

const UNITS_MS = [7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, 1] as const;

const N = String.raw`(\d+(?:\.\d+)?)`;
/** `1h30m`, `2w 3d`: from the largest unit to the smallest, each once. */
const SHORT = new RegExp(
  `^(?=\\d)(?:${N}w ?)?(?:${N}d ?)?(?:${N}h ?)?(?:${N}m(?!s) ?)?(?:${N}s ?)?(?:${N}ms)?(?<=[a-z])$`,
);
/** ISO 8601: `PT90S`, `P1DT2H`, `P2W`. Weeks may stand beside days, as in its second part and in Temporal. */
const ISO = new RegExp(`^P(?=[\\dT])(?:${N}W)?(?:${N}D)?(?:T(?=\\d)(?:${N}H)?(?:${N}M)?(?:${N}S)?)?$`);
const VARYING = /^P[^T]*[YM]|\d ?(?:y|mo)/i;

/**
 * Parses a duration strictly: `1h30m`, `90s`, `1.5h`, `250ms`, `2w 3d`, or ISO 8601 (`PT90S`, `P1DT2H`, `P2W`). The last
 * part may have a fraction. A day is 24 hours; years and months have no fixed length and are rejected.
 *
 * @param field - its name in error messages.
 * @returns whole milliseconds.
 * @throws InvalidInputError
 */
export function parseDuration(text: unknown, field: string): number {
  if (typeof text !== 'string') return refuse(field, `must be ${FORMS}`, text);
  const [, ...amounts] = SHORT.exec(text) ?? ISO.exec(text) ?? [];
  const last = amounts.findLastIndex((amount) => amount !== undefined);
  if (last < 0) return refuse(field, reasonOf(text), text);
  if (amounts.slice(0, last).some((amount) => amount?.includes('.'))) {
    return refuse(field, 'may have a fraction in its last part only', text);
  }
  const sum = amounts.reduce((ms, amount, unit) => ms + Number(amount ?? 0) * (UNITS_MS[unit] ?? 0), 0);
  if (sum > MAX_DURATION_MS) return refuse(field, TOO_LONG, text);
  return Math.round(sum);
}

/**
 * Parses seconds: a number that is not negative, or a duration as text.
 *
 * @param field - its name in error messages.
 * @param bound - which upper bound it has.
 * @returns seconds; a number is returned as given.
 * @throws InvalidInputError
 */
export function parseSeconds(input: unknown, field: string, bound: BoundName): number {
  const seconds = typeof input === 'string' ? parseDuration(input, field) / SECOND_MS : input;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < Infinity)) {
    return refuse(field, `must be a number of seconds from 0 or ${FORMS}`, input);
  }
  const most = UPPER_BOUNDS[bound];
  return seconds <= most ? seconds : refuse(field, `must be at most ${most} seconds`, input);
}

const TOO_LONG = 'must not be longer than 9999 years';
const FORMS = 'a duration such as 1h30m, 90s or PT90S';

function reasonOf(text: string): string {
  if (VARYING.test(text)) return 'must not count in years or months, which have no fixed length';
  if (/^[+-]?[\d.]+$/.test(text)) return 'needs a unit (90s)';
  return `must be ${FORMS}`;
}

function refuse(field: string, problem: string, given: unknown): never {
  throw new InvalidInputError('Invalid duration', [{ field, problem: `${problem}, got ${show(given)}` }]);
}
