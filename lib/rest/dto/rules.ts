import { ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { MAX_ID_LENGTH } from '../../engine/jobs/job-options.js';
import { RUN_STATES, type RunState } from '../../engine/model/run-record.js';

/** A rule's message; the value that breaks it is added where the faults are gathered. */
export const must = (what: string): ValidationOptions => ({ message: `must be ${what}` });

/**
 * The rules of a member only count when it is there. Unlike `IsOptional`, null is there: on the wire it says something
 * else than nothing.
 */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_dto: unknown, value: unknown) => value !== undefined);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** A string with something in it. */
export function IsText(what = 'a non-empty string'): PropertyDecorator {
  return satisfies('isText', what, isText);
}

/** A new job's id. Which characters it may have, the engine knows. */
export function IsJobId(): PropertyDecorator {
  return satisfies(
    'isJobId',
    `a non-empty string of at most ${MAX_ID_LENGTH} characters`,
    (value) => isText(value) && value.length <= MAX_ID_LENGTH,
  );
}

/** A JSON object. */
export function IsMembers(): PropertyDecorator {
  return satisfies('isMembers', 'an object', isPlainObject);
}

/** A whole number or an expression. */
export function IsCronField(): PropertyDecorator {
  return satisfies(
    'isCronField',
    'a whole number or a cron expression',
    (value) => Number.isSafeInteger(value) || (typeof value === 'string' && value !== ''),
  );
}

/** A whole number from 1 on, as text: what queries have. */
export function IsCountText(max: number): PropertyDecorator {
  return satisfies(
    'isCountText',
    `a whole number from 1 to ${max}`,
    (value) => typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) && Number(value) <= max,
  );
}

/** A date as text: what JSON has. What dates look like, the engine knows. */
export function IsDateText(): PropertyDecorator {
  return satisfies('isDateText', 'an ISO 8601 date', isText);
}

/** As {@link IsDateText}, or null. */
export function IsDateTextOrNull(): PropertyDecorator {
  return satisfies('isDateTextOrNull', 'an ISO 8601 date or null', (value) => value === null || isText(value));
}

/** A number of seconds, a duration as text, or null for none. What durations look like, the engine knows. */
export function IsPositiveSecondsOrNull(): PropertyDecorator {
  return satisfies(
    'isPositiveSecondsOrNull',
    'a positive number of seconds, a duration such as 1h30m, or null',
    (value) => value === null || isText(value) || (typeof value === 'number' && Number.isFinite(value) && value > 0),
  );
}

/** A number of seconds, or a duration as text. What durations look like, the engine knows. */
export function IsSeconds(): PropertyDecorator {
  return satisfies(
    'isSeconds',
    'a number of seconds or a duration such as 1h30m',
    (value) => isText(value) || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
  );
}

/** `{ attempts }` and more, or the number of attempts alone, or null for one. */
export function IsRetry(): PropertyDecorator {
  return satisfies(
    'isRetry',
    'an object with attempts, a whole number of attempts of at least 1, or null',
    (value) => value === null || isPlainObject(value) || (Number.isSafeInteger(value) && (value as number) >= 1),
  );
}

/** Run states: one, several with commas, or a list of either. */
export function IsRunStates(): PropertyDecorator {
  return satisfies('isRunStates', `one or more of ${RUN_STATES.join(', ')}`, (value) => statesOf(value) !== undefined);
}

/** The run states that a query names; undefined when it names anything else. */
export function statesOf(value: unknown): RunState[] | undefined {
  const names = [value].flat().flatMap((text) => (typeof text === 'string' ? text.split(',') : [text]));
  return names.every((name) => RUN_STATES.includes(name as RunState)) ? (names as RunState[]) : undefined;
}

/** A number of seconds, a duration as text, or `{ max, seed }`. What is inside, the engine knows. */
export function IsJitter(): PropertyDecorator {
  return satisfies(
    'isJitter',
    'a number of seconds, a duration such as 1h30m, or an object with max and seed',
    (value) => isText(value) || isPlainObject(value) || (typeof value === 'number' && Number.isFinite(value)),
  );
}

function satisfies(name: string, what: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate } }, must(what));
}
