import type { Random } from '../jitter.js';
import type { JobSpec } from '../job.js';
import type { RetryPolicy } from '../job-policies.js';
import type { Logger } from '../logger.js';
import type { TaskRegistry } from '../tasks.js';
import { retryDelayMs } from './retry-delay.js';
import type { RunEntry } from './run-entry.js';

export interface RetryDeciderParts {
  readonly logger: Logger;
  readonly random: Random;
  readonly tasks: TaskRegistry;
}

/** Decides whether and when a run is tried again. */
export class RetryDecider {
  constructor(private readonly parts: RetryDeciderParts) {}

  /** Writes into a run that has settled when it is tried again, if it is. */
  decide({ id, retry }: JobSpec, run: RunEntry, error: unknown, now: number): void {
    if (retry === null || (run.state !== 'failed' && run.state !== 'timed_out')) return;
    if (run.attempt >= retry.attempts || !this.isWorthIt(id, retry, error, run.attempt)) return;
    run.retryAt = now + retryDelayMs(retry, run.attempt, this.parts.random);
  }

  private isWorthIt(jobId: string, { predicate, retryIf }: RetryPolicy, error: unknown, attempt: number): boolean {
    const { logger, tasks } = this.parts;
    const ask = predicate ?? (retryIf === undefined ? undefined : tasks.get(retryIf));
    if (!ask) {
      if (retryIf !== undefined) logger.warn(`Job "${jobId}" is tried again unasked: "${retryIf}" is not registered`);
      return true;
    }
    try {
      return Boolean(ask(error, attempt));
    } catch (failure) {
      // The number of attempts still bounds it.
      logger.error(`The retryIf of job "${jobId}" failed; the run is tried again`, failure);
      return true;
    }
  }
}
