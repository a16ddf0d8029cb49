import type { Logger } from '../logger.js';

/**
 * What a job runs. Called with the job's args, then its kwargs object if it has one, then a {@link RunContext}.
 * May return a promise.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- args are the user's own; only `any` accepts every signature
export type TaskFunction = (...args: any[]) => unknown;

/**
 * Decides whether a failed run is retried. Called with what the task threw and the number of the attempt. Must be synchronous: if
 * it throws or returns a promise, this is logged, and the run is retried.
 */
export type RetryPredicate = (error: unknown, attempt: number) => boolean;

/**
 * What a task knows about its run: its last argument, and what `currentRun()` answers.
 *
 * A class only so that it may stand in a decorated method's signature, imported with or without `type`: builders write the
 * types of parameters as values into the metadata.
 */
export abstract class RunContext {
  abstract readonly jobId: string;
  abstract readonly runId: string;
  /** The nominal time that this run is for, in epoch milliseconds. For a run by hand, when it was asked for. */
  abstract readonly scheduledTime: number;
  /** 1 for the first. */
  abstract readonly attempt: number;
  /** Aborted when the run has timed out or is cancelled, or the scheduler stops without waiting any longer. */
  abstract readonly signal: AbortSignal;
  /** The application's log, each line marked with the job's id. */
  abstract readonly logger: Logger;
  /** Keeps a line with the run: each cut to a thousand characters, the latest within `limits.logBytes`. Does nothing once the run is over. */
  abstract log(message: string): void;
  /**
   * Says how far the run is. Does nothing once the run is over.
   *
   * @param fraction - from 0 to 1.
   * @throws InvalidInputError
   */
  abstract progress(fraction: number): void;
}
