import type { Logger } from './logger.js';

/** What a task is told about the run that it is in: its last argument. */
export interface RunContext {
  readonly jobId: string;
  readonly runId: string;
  /** The nominal time that this run is for, in epoch milliseconds. For a run by hand, when it was asked for. */
  readonly scheduledTime: number;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborted when the scheduler stops without waiting any longer. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** How a run ended. */
export type RunOutcome =
  | { readonly state: 'succeeded'; readonly returnValue: unknown }
  | { readonly state: 'failed'; readonly error: unknown };
