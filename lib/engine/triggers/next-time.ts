import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';
import { MAX_INSTANT } from '../time/civil.js';
import type { Trigger } from './trigger.js';

/**
 * The next nominal time of a trigger. A trigger may be the user's own: what it answers must be an instant, or a job with
 * it could never be shown, and a later one than before.
 *
 * @param previous - the nominal time before, or null when there was none.
 * @param now - only looked at when there is no previous time.
 * @throws InvalidInputError when it answers anything else
 */
export function nextTime(trigger: Trigger, previous: number | null, now: number): number | null {
  const answer: unknown = trigger.next(previous, now);
  if (answer === null) return null;
  if (typeof answer !== 'number' || !(Math.abs(answer) <= MAX_INSTANT)) {
    throw badTrigger(trigger, `answered ${show(answer)}: it must be epoch milliseconds or null`);
  }
  if (previous !== null && answer <= previous) {
    throw badTrigger(trigger, `answered ${answer} after ${previous}: it must move forward`);
  }
  return answer;
}

function badTrigger({ type }: Trigger, problem: string): InvalidInputError {
  return new InvalidInputError(`Invalid ${type} trigger`, [{ field: 'trigger', problem }]);
}
