import type { AsyncResource } from 'node:async_hooks';
import { InvalidArgumentsError } from '../errors.js';
import { MAX_INSTANT, SECOND_MS } from '../time/civil.js';
import type { Random } from '../triggers/jitter.js';
import { isThenable } from '../util/is-thenable.js';
import type { JobSpec } from '../model/job.js';
import type { TaskFunction } from '../model/task.js';
import type { RetryPolicy } from '../model/job-policies.js';
import type { Logger } from '../logger.js';
import type { TaskRegistry } from '../executors/tasks.js';
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
    // The same arguments would be refused again.
    if (isRefusal(error)) return;
    if (retry === null || (run.state !== 'failed' && run.state !== 'timed_out')) return;
    if (run.attempt >= retry.attempts || !this.isWorthIt(id, retry, error, run.attempt)) return;
    run.retryAt = Math.min(now + retryDelayMs(retry, run.attempt, this.parts.random), MAX_INSTANT);
  }

  /**
   * Writes into a run that was lost with its worker when it is tried again: at once, if it is.
   *
   * @param recoveryAttempts - how often a run that is lost is made at most, unless its job allows more.
   */
  decideLost({ retry }: JobSpec, run: RunEntry, recoveryAttempts: number, now: number): void {
    if (run.attempt < Math.max(retry?.attempts ?? 1, recoveryAttempts)) run.retryAt = now;
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

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * @param attempt - the one that has failed: 1 for the first.
 */
function retryDelayMs(policy: RetryPolicy, attempt: number, random: Random): number {
  const { delay, backoff, maxDelay, jitter } = policy;
  // The power may be endless, and nothing times that is no number.
  const seconds = backoff === 'fixed' || delay === 0 ? delay : delay * 2 ** (attempt - 1);
  return Math.round((Math.min(seconds, maxDelay) + random() * jitter) * SECOND_MS);
}

/** Whether a task was not called because of its arguments. A task may throw anything, also what cannot be looked at. */
function isRefusal(error: unknown): boolean {
  try {
    return error instanceof InvalidArgumentsError;
  } catch {
    return false;
  }
}
