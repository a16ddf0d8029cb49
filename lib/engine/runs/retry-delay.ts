import type { Random } from '../dispatch/jitter.js';
import type { RetryPolicy } from '../jobs/job-policies.js';
import { SECOND_MS } from '../time/civil.js';

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * @param attempt - the one that has failed: 1 for the first.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: Random): number {
  const { delay, backoff, maxDelay, jitter } = policy;
  // The power may be endless, and nothing times that is no number.
  const seconds = backoff === 'fixed' || delay === 0 ? delay : delay * 2 ** (attempt - 1);
  return Math.round((Math.min(seconds, maxDelay) + random() * jitter) * SECOND_MS);
}
