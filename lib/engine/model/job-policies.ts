import type { DurationInput } from '../time/duration.js';
import type { RetryPredicate, TaskFunction } from './task.js';

/** All overlap policies. */
export const OVERLAP_POLICIES = ['skip', 'queue', 'replace', 'allow'] as const;

/**
 * What happens to a run whose job has `maxInstances` active runs: it is skipped (`skip`); it waits for its turn, with at most
 * `maxQueued` others (`queue`); it replaces the oldest active run, which is cancelled (`replace`); or it runs anyway (`allow`).
 */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/**
 * How failed runs are retried; also just a number of attempts. The job's options at the time of the failure decide whether and
 * when there is another attempt, which uses the job's task and arguments at the time of the retry.
 */
export interface RetryOptions {
  /** The maximum number of attempts, including the first one: at least 1. */
  attempts: number;
  /** The delay before the second attempt: seconds, or a duration such as `5m`. @default 1 */
  delay?: DurationInput;
  /** Whether each delay equals the first one (`fixed`) or doubles (`exponential`). @default 'exponential' */
  backoff?: 'fixed' | 'exponential';
  /** The longest delay: seconds, or a duration. @default 3600 */
  maxDelay?: DurationInput;
  /** The maximum random addition to each delay: seconds, or a duration. @default 0 */
  jitter?: DurationInput;
  /** Whether an error is retried: a function, or the name given to `registerPredicate()`. @default all errors are */
  retryIf?: string | RetryPredicate;
}

/** How failed runs are retried, with all defaults; times are in seconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly delay: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly maxDelay: number;
  readonly jitter: number;
  /** The registered name of the predicate. */
  readonly retryIf?: string;
  /** The function itself, if it has no registered name. Only a store in this process can hold it. */
  readonly predicate?: TaskFunction;
}
