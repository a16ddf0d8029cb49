import { MAX_INSTANT, MIN_INSTANT, SECOND_MS } from '../../time/civil.js';
import type { TimeSource } from './search.js';

/**
 * The first time after `previous` of those that begin at `start` and are `period` apart, up to `last`. All in milliseconds.
 *
 * @returns null when there is none.
 */
export function nextInGrid(start: number, period: number, last: number, previous: number): number | null {
  const steps = Math.max(0, Math.floor((previous - start) / period) + 1);
  const time = start + steps * period;
  return time <= last ? time : null;
}

/** The last of them before an instant; null when there is none. */
export function previousInGrid(start: number, period: number, last: number, before: number): number | null {
  const latest = Math.min(Math.ceil(before) - 1, last);
  return latest < start ? null : latest - ((latest - start) % period);
}

const CALENDAR_MS = BigInt(MAX_INSTANT - MIN_INSTANT + 1);

/** The times of an interval: `start`, and every `period` after it up to `last`. All in milliseconds. */
export class IntervalGrid implements TimeSource {
  /** Real distances are the same in every zone. */
  readonly timezone = 'UTC';

  constructor(
    readonly start: number,
    readonly period: number,
    readonly last: number,
  ) {}

  next(previous: number): number | null {
    return nextInGrid(this.start, this.period, this.last, previous);
  }

  previous(before: number): number | null {
    return previousInGrid(this.start, this.period, this.last, before);
  }

  /** The times that are in both; null when none is. */
  meet(other: IntervalGrid): IntervalGrid | null {
    const divisor = gcd(this.period, other.period);
    const distance = other.start - this.start;
    if (distance % divisor !== 0) return null;
    // The Chinese remainder theorem. Products of two periods are beyond what numbers hold exactly.
    const modulus = BigInt(other.period / divisor);
    const steps = (BigInt(distance / divisor) * inverse(BigInt(this.period / divisor), modulus)) % modulus;
    const period = BigInt(this.period) * modulus;
    const begin = BigInt(Math.max(this.start, other.start));
    const common = BigInt(this.start) + BigInt(this.period) * steps;
    const start = Number(begin + ((((common - begin) % period) + period) % period));
    const last = Math.min(this.last, other.last);
    if (start > last) return null;
    // A period beyond the calendar leaves one time. Kept as it is, the next product would soon be no number.
    const isOnce = period > CALENDAR_MS;
    return isOnce ? new IntervalGrid(start, Number(CALENDAR_MS), start) : new IntervalGrid(start, Number(period), last);
  }

  /** Whether each time of another grid is one of this. */
  covers(other: IntervalGrid): boolean {
    const isWithin = other.start >= this.start && other.last <= this.last;
    return isWithin && other.period % this.period === 0 && (other.start - this.start) % this.period === 0;
  }
}

/** The times of cron triggers and calendar intervals are among these. */
export const WHOLE_SECONDS = new IntervalGrid(MIN_INSTANT, SECOND_MS, MAX_INSTANT);

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** The inverse of a number in a modulus that shares no divisor with it (Euclid's extended algorithm). */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b] = [value % modulus, modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}
