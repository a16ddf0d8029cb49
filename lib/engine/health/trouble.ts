import { StoreFailedError } from '../errors.js';
import { reasonOf } from './reason-of.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What fails just now, and since when. Instants are in epoch milliseconds. */
export interface Failing {
  readonly since: number;
  /** How often in a row. 0 where it gives no answer at all. */
  readonly failures: number;
  /** In words, without secrets. */
  readonly reason: string;
  /** Null where nobody knows. */
  readonly retryAt: number | null;
}

/** Whose failure it is stands beside it. */
const causeOf = (error: unknown): unknown => (error instanceof StoreFailedError ? error.cause : error);

/** Something that a store is asked for again and again: whether it fails, and when to ask again, at growing distances. */
export class Trouble {
  private failing: Failing | null = null;

  /** Null while all is well. */
  get now(): Failing | null {
    return this.failing;
  }

  get failures(): number {
    return this.failing?.failures ?? 0;
  }

  /** It has failed. Answers after how many milliseconds to try again. */
  failed(error: unknown, now: number): number {
    const { since = now } = this.failing ?? {};
    const delay = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.failing = { since, failures: this.failures + 1, reason: reasonOf(causeOf(error)), retryAt: now + delay };
    return delay;
  }

  /** It has been waited for in vain, and still is. */
  silent(since: number): void {
    this.failing ??= { since, failures: 0, reason: 'It does not answer', retryAt: null };
  }

  /** It is well, or nobody asks any more. Answers how often it had failed. */
  end(): number {
    const { failures } = this;
    this.failing = null;
    return failures;
  }
}
