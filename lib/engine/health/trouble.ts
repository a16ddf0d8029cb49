import { StoreFailedError } from '../errors.js';
import { reasonOf } from './reason-of.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** How long it must succeed before its failures count as over: while connections are cut, it fails and succeeds in turn. */
const STEADY_MS = 5_000;

/** A current failure. Instants are epoch milliseconds. */
export interface Failing {
  readonly since: number;
  /** Consecutive failures. 0 if there is no answer at all. */
  readonly failures: number;
  /** A message without secrets. */
  readonly reason: string;
  /** Null if unknown. */
  readonly retryAt: number | null;
}

/** The store's name is shown next to the reason, so the wrapper's message would repeat it. */
export const causeOf = (error: unknown): unknown => (error instanceof StoreFailedError ? error.cause : error);

/** Tracks an operation of a store that is repeated: whether it fails, and when to retry, with exponential backoff. */
export class Trouble {
  private failing: Failing | null = null;
  /** The failures before the latest success. */
  private ended: { readonly failing: Failing; readonly at: number } | null = null;

  /** Null while it does not fail. */
  get now(): Failing | null {
    return this.failing;
  }

  /** What health shows: null once it has succeeded for some seconds. */
  shown(now: number): Failing | null {
    return this.failing ?? this.recent(now);
  }

  get failures(): number {
    return this.failing?.failures ?? 0;
  }

  /** Notes a failure. @returns the delay before the next try, in milliseconds */
  failed(error: unknown, now: number): number {
    const { since = now } = this.shown(now) ?? {};
    const delay = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.failing = { since, failures: this.failures + 1, reason: reasonOf(causeOf(error)), retryAt: now + delay };
    return delay;
  }

  /** Notes that an answer has been awaited for too long, and still is. */
  silent(since: number): void {
    this.failing ??= { since, failures: 0, reason: 'It does not answer', retryAt: null };
  }

  /** Notes that it stays failed, and is not retried. */
  givenUp(): void {
    if (this.failing) this.failing = { ...this.failing, retryAt: null };
  }

  /**
   * Notes a success, or that the operation is not repeated any more.
   *
   * @param now - the instant of the success.
   * @returns how often it had failed
   */
  end(now?: number): number {
    const { failing, failures } = this;
    this.failing = null;
    if (now === undefined) this.ended = null;
    else if (failing !== null && failures > 0) this.ended = { failing: { ...failing, retryAt: null }, at: now };
    return failures;
  }

  /**
   * Notes what a store says of an operation of its own, when somebody asks.
   *
   * @returns what health shows: null once it has not failed for some seconds.
   */
  observe(failing: Failing | null, now: number): Failing | null {
    if (failing === null) return this.recent(now);
    const { since } = this.recent(now) ?? failing;
    this.ended = { failing: { ...failing, since, retryAt: null }, at: now };
    return { ...failing, since };
  }

  private recent(now: number): Failing | null {
    const { ended } = this;
    return ended !== null && Math.abs(now - ended.at) < STEADY_MS ? ended.failing : null;
  }
}
