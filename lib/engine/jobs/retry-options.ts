import { types } from 'node:util';
import { InvalidInputError } from '../errors.js';
import { countProblem } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import type { RetryOptions, RetryPolicy } from '../model/job-policies.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { parseSeconds } from '../time/duration.js';
import { FaultList } from '../triggers/fault-list.js';

const NAMES = [
  'attempts',
  'delay',
  'backoff',
  'maxDelay',
  'jitter',
  'retryIf',
] as const satisfies readonly (keyof RetryOptions)[];
const SUBJECT = 'Invalid option';

/**
 * Reads how failed runs are tried again.
 *
 * @returns null when they are not.
 * @throws InvalidInputError with every fault; their fields begin with `retry`.
 */
export function readRetry(given: unknown): RetryPolicy | null {
  if (given === null) return null;
  const options = typeof given === 'number' ? { attempts: given } : given;
  if (!isPlainObject(options)) {
    const problem = `must be options, a number of attempts or null, got ${show(given)}`;
    throw new InvalidInputError(SUBJECT, [{ field: 'retry', problem }]);
  }
  const faults = new FaultList();
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      faults.add(`retry.${name}`, `is not known here; known are ${NAMES.join(', ')}`);
    }
  }
  const { attempts, backoff = 'exponential', retryIf } = options;
  const attemptsProblem = countProblem(attempts, 'retryAttempts');
  if (attemptsProblem !== undefined) faults.add('retry.attempts', attemptsProblem);
  if (backoff !== 'fixed' && backoff !== 'exponential') {
    faults.add('retry.backoff', `must be "fixed" or "exponential", got ${show(backoff)}`);
  }
  if (retryIf !== undefined && typeof retryIf !== 'function' && (typeof retryIf !== 'string' || retryIf === '')) {
    faults.add('retry.retryIf', `must be a function or the name of one, got ${show(retryIf)}`);
  }
  if (types.isAsyncFunction(retryIf)) {
    faults.add('retry.retryIf', 'must answer at once, got an async function');
  }
  const seconds = (name: 'delay' | 'maxDelay' | 'jitter', otherwise: number): number =>
    faults.attempt(() => parseSeconds(options[name] ?? otherwise, `retry.${name}`, 'retryDelay')) ?? otherwise;
  const policy = {
    attempts: attempts as number,
    delay: seconds('delay', 1),
    backoff: backoff as RetryPolicy['backoff'],
    maxDelay: seconds('maxDelay', 3600),
    jitter: seconds('jitter', 0),
  };
  faults.throwIfAny(SUBJECT);
  if (policy.attempts === 1) return null;
  if (typeof retryIf === 'string') return { ...policy, retryIf };
  return retryIf ? { ...policy, predicate: retryIf as (error: unknown, attempt: number) => boolean } : policy;
}
