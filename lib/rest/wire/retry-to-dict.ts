import type { RetryPolicy } from '../../engine/model/job-policies.js';

/** How failed runs are tried again, as the wire shows it; times are in seconds. */
export function retryToDict({ attempts, delay, backoff, maxDelay, jitter, retryIf, predicate }: RetryPolicy) {
  // As with a task: a function without a registered name is shown by the one that it has.
  const name = retryIf ?? (predicate && (predicate.name || 'anonymous'));
  return { attempts, delay, backoff, max_delay: maxDelay, jitter, ...(name !== undefined && { retry_if: name }) };
}
