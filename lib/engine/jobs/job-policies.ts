import type { TaskFunction } from './job.js';
import type { DurationInput } from '../time/duration.js';

/** Every answer to "what if it is still running?". */
export const OVERLAP_POLICIES = ['skip', 'queue', 'replace', 'allow'] as const;

/**
 * What becomes of a run whose job has `maxInstances` runs under way: it is left out (`skip`); it waits for its turn, with at
 * most `maxQueued` others (`queue`); the oldest run under way is cancelled in its favour (`replace`); it runs all the
 * same (`allow`).
 */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/**
 * Says whether a failed run is worth another attempt. Called with what the task threw and the number of the attempt. Must
 * answer at once: one that throws, or answers with a promise, is told in the log, and the run is tried again.
 */
export type RetryPredicate = (error: unknown, attempt: number) => boolean;

/**
 * How failed runs are tried again, as users say it. Also a mere number of attempts. What the job says when a run fails decides
 * whether and when there is another attempt; that is made with the task and the arguments that the job has by then.
 */
export interface RetryOptions {
  /** How many attempts there are at most, the first one counted: from 1. */
  attempts: number;
  /** The wait before the second attempt: seconds, or a duration such as `5m`. @default 1 */
  delay?: DurationInput;
  /** Whether each wait is as long as the first (`fixed`) or twice the one before (`exponential`). @default 'exponential' */
  backoff?: 'fixed' | 'exponential';
  /** The longest wait: seconds, or a duration. @default 3600 */
  maxDelay?: DurationInput;
  /** Up to so much is added to each wait, at random: seconds, or a duration. @default 0 */
  jitter?: DurationInput;
  /** Whether an error is worth it: a function, or the name given to `registerPredicate()`. @default every error is */
  retryIf?: string | RetryPredicate;
}

/** How failed runs are tried again, with everything filled in; times are in seconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly delay: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly maxDelay: number;
  readonly jitter: number;
  /** The registered name of the function that says whether an error is worth it. */
  readonly retryIf?: string;
  /** The function itself, when it has no registered name. Only a store in this process can hold it. */
  readonly predicate?: TaskFunction;
}
