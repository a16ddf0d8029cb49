import type { AsyncResource } from 'node:async_hooks';
import { MAX_INSTANT } from '../time/civil.js';
import type { Random } from '../dispatch/jitter.js';
import { isThenable } from '../util/is-thenable.js';
import type { JobSpec, TaskFunction } from '../jobs/job.js';
import type { RetryPolicy } from '../jobs/job-policies.js';
import type { Logger } from '../logger.js';
import type { TaskRegistry } from '../jobs/tasks.js';
import { retryDelayMs } from './retry-delay.js';
import type { RunEntry } from './run-entry.js';

export interface RetryDeciderParts {
  readonly logger: Logger;
  readonly random: Random;
  readonly predicates: TaskRegistry;
  /** The async context of predicates. */
  readonly scope: AsyncResource;
}

/** Decides whether and when a run is tried again. */
export class RetryDecider {
  /** Names of predicates that have been logged as missing. */
  private readonly missing = new Set<string>();
  /** Predicates that have been logged as failing. */
  private readonly failing = new WeakSet<TaskFunction>();

  constructor(private readonly parts: RetryDeciderParts) {}

  /** Writes into a run that has settled when it is tried again, if it is. */
  decide({ id, retry }: JobSpec, run: RunEntry, error: unknown, now: number): void {
    if (retry === null || (run.state !== 'failed' && run.state !== 'timed_out')) return;
    if (run.attempt >= retry.attempts || !this.isWorthIt(id, retry, error, run.attempt)) return;
    run.retryAt = Math.min(now + retryDelayMs(retry, run.attempt, this.parts.random), MAX_INSTANT);
  }

  private isWorthIt(jobId: string, { predicate, retryIf }: RetryPolicy, error: unknown, attempt: number): boolean {
    const { logger, predicates } = this.parts;
    const ask = predicate ?? (retryIf === undefined ? undefined : predicates.get(retryIf));
    if (!ask) {
      if (retryIf !== undefined && !this.missing.has(retryIf)) {
        this.missing.add(retryIf);
        logger.warn(`Runs of job "${jobId}" are tried again unasked: the predicate "${retryIf}" is not registered`);
      }
      return true;
    }
    try {
      return this.parts.scope.runInAsyncScope(answerOf, undefined, ask, error, attempt);
    } catch (failure) {
      // The number of attempts still bounds it.
      if (!this.failing.has(ask)) logger.error(`The retryIf of job "${jobId}" failed; the run is tried again`, failure);
      this.failing.add(ask);
      return true;
    }
  }
}

function answerOf(ask: TaskFunction, error: unknown, attempt: number): boolean {
  const answer = ask(error, attempt);
  if (!isThenable(answer)) return Boolean(answer);
  // A promise is no answer, and an unhandled rejection must not end the process.
  Promise.resolve(answer).catch(() => undefined);
  throw new TypeError('It must answer at once, and answered with a promise');
}
