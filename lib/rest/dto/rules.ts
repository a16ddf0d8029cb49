import { ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { isPlainObject } from '../../engine/is-plain-object.js';
import { MAX_ID_LENGTH } from '../../engine/job-options.js';

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
export function IsGraceTime(): PropertyDecorator {
  return satisfies(
    'isGraceTime',
    'a positive number of seconds, a duration such as 1h30m, or null',
    (value) => value === null || isText(value) || (typeof value === 'number' && Number.isFinite(value) && value > 0),
  );
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
