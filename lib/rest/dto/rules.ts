// class-transformer's decorators need it, and whoever imports the DTOs need not have Nest loaded.
import 'reflect-metadata';
import { Exclude, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsInt,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { nullable } from '../../arguments/nullable-schema.js';
import { amendSchema, type Amendment } from '../../arguments/schema-amendments.js';
import { MAX_ID_LENGTH } from '../../engine/jobs/job-options.js';
import type { JsonSchema } from '../../engine/model/argument-schema.js';
import { RUN_STATES, type RunState } from '../../engine/model/run-record.js';
import { UPPER_BOUNDS } from '../../engine/util/bounds.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';

/*
 * The rules that class-validator lacks, by name, with what they mean in JSON Schema. What ids, dates, durations and cron fields
 * look like, the engine checks.
 */

type Holds = (value: unknown) => boolean;

/** A value that is not an object and stands for one. */
export interface Alternative {
  readonly holds: Holds;
  readonly schema: JsonSchema;
}

const isText: Holds = (value) => typeof value === 'string' && value !== '';
const isAtLeast = (value: unknown, min: number): boolean => Number.isFinite(value) && (value as number) >= min;

const isAttemptsOrNull: Holds = (value) => value === null || (Number.isSafeInteger(value) && isAtLeast(value, 1));

export const ATTEMPTS_OR_NULL: Alternative = {
  holds: isAttemptsOrNull,
  schema: { type: ['integer', 'null'], minimum: 1 },
};

export const SECONDS_OR_TEXT: Alternative = {
  holds: (value) => isText(value) || Number.isFinite(value),
  schema: { type: ['number', 'string'], minLength: 1 },
};

/** A rule's message. The pipe adds the value that breaks the rule. */
export const must = (what: string): ValidationOptions => ({ message: `must be ${what}` });

/** The rules apply to a member that is present. Unlike with `IsOptional`, null is: on the wire it has a meaning. */
export const IfGiven = () => ValidateIf((_dto: unknown, value: unknown) => value !== undefined);

export const IsText = (what = 'a non-empty string') => rule('isText', what, isText, { type: 'string', minLength: 1 });

/** Why something is done. */
export const IsNote = () =>
  rule(
    'isNote',
    `a text of 1 to ${UPPER_BOUNDS.textLength} characters`,
    (value) => isText(value) && (value as string).length <= UPPER_BOUNDS.textLength,
    { type: 'string', minLength: 1, maxLength: UPPER_BOUNDS.textLength },
  );

export const IsTextOrNull = () =>
  rule('isTextOrNull', 'a text or null', (value) => value === null || typeof value === 'string', {
    type: ['string', 'null'],
  });

export const IsCountOrNull = () =>
  rule('isCountOrNull', 'a whole number of at least 1, or null', isAttemptsOrNull, ATTEMPTS_OR_NULL.schema);

export const IsTags = () =>
  rule('isTags', 'an array of non-empty texts', (value) => Array.isArray(value) && value.every(isText), {
    type: 'array',
    items: { type: 'string', minLength: 1 },
  });

export const IsJobId = () =>
  rule(
    'isJobId',
    `a non-empty string of at most ${MAX_ID_LENGTH} characters`,
    (value) => isText(value) && (value as string).length <= MAX_ID_LENGTH,
    { type: 'string', minLength: 1, maxLength: MAX_ID_LENGTH },
  );

export const IsCronField = () =>
  rule('isCronField', 'a whole number or a cron expression', (value) => isText(value) || Number.isSafeInteger(value), {
    type: ['integer', 'string'],
    minLength: 1,
  });

export const IsDateText = () => rule('isDateText', 'an ISO 8601 date', isText, { type: 'string', minLength: 1 });

export const IsDateTextOrNull = () =>
  rule('isDateTextOrNull', 'an ISO 8601 date or null', (value) => value === null || isText(value), {
    type: ['string', 'null'],
    minLength: 1,
  });

export const IsSeconds = () =>
  rule(
    'isSeconds',
    'a number of seconds or a duration such as 1h30m',
    (value) => isText(value) || isAtLeast(value, 0),
    {
      type: ['number', 'string'],
      minimum: 0,
      minLength: 1,
    },
  );

export const IsPositiveSecondsOrNull = () =>
  rule(
    'isPositiveSecondsOrNull',
    'a positive number of seconds, a duration such as 1h30m, or null',
    (value) => value === null || isText(value) || isAtLeast(value, Number.MIN_VALUE),
    { type: ['number', 'string', 'null'], exclusiveMinimum: 0, minLength: 1 },
  );

export const IsRunStates = () =>
  rule(
    'isRunStates',
    `one or more of ${RUN_STATES.join(', ')}`,
    (value) => Array.isArray(value) && value.every((state) => RUN_STATES.includes(state as RunState)),
    { type: 'array', items: { type: 'string', enum: RUN_STATES } },
  );

/** An array of texts; of some of those that are known, where they are given. */
export const IsOneOrMore = (
  name: 'isTexts' | 'isJobStates' | 'isAuditActions' | 'isEventTypes',
  known?: readonly string[],
) =>
  rule(
    name,
    known ? `one or more of ${known.join(', ')}` : 'one or more non-empty texts',
    (value) => Array.isArray(value) && value.every((one) => isText(one) && (!known || known.includes(one as string))),
    { type: 'array', items: known ? { type: 'string', enum: known } : { type: 'string', minLength: 1 } },
  );

/** A whole number from 1 to `max`. */
export function IsCount(max = Number.MAX_SAFE_INTEGER): PropertyDecorator {
  const isOpen = max === Number.MAX_SAFE_INTEGER;
  const message = must(isOpen ? 'a whole number of at least 1' : `a whole number from 1 to ${max}`);
  return all(IsInt(message), Min(1, message), Max(max, message));
}

/** Digits of a query become a number. Other text stays as it is, and is refused as it was sent. */
export const CountFromText = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : value,
  );

/** `true` and `false` of a query. Other text stays as it is, and is refused as it was sent. */
export const BooleanFromText = () =>
  Transform(({ value }: { value: unknown }) => value === 'true' || (value === 'false' ? false : value));

/** The values of a member of a query that may be repeated. */
export const TextsFromText = () => Transform(({ value }: { value: unknown }) => [value].flat());

/** Values of a query that are separated by commas, repeated, or both. */
export const ListFromText = () =>
  Transform(({ value }: { value: unknown }) =>
    [value].flat().flatMap((text: unknown) => (typeof text === 'string' ? text.split(',') : [text])),
  );

/** An object that follows the rules of its class, or another value that stands for one. */
export function IsNested(
  name: string,
  what: string,
  type: () => new () => object,
  other?: Alternative,
): PropertyDecorator {
  return all(
    ValidateIf((_dto: unknown, value: unknown) => value !== undefined && other?.holds(value) !== true),
    ValidateNested(),
    Type(type),
    ...(other ? [amended((schema) => ({ anyOf: [schema, other.schema] }))] : []),
    rule(name, what, (value) => typeof value === 'object' && value !== null && !Array.isArray(value), {}),
  );
}

/** A task's own data, unchanged: class-transformer would drop members called `constructor`, or fail at them. */
export function IsTaskData(name: 'isArguments' | 'isKeywords'): PropertyDecorator {
  return all(
    Type(() => Unread),
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]),
    name === 'isArguments'
      ? rule(name, 'an array', Array.isArray, { type: 'array' })
      : rule(name, 'an object', isPlainObject, { type: 'object' }),
  );
}

@Exclude()
class Unread {}

/** A member that the scheduler sets. It may be there, so that what a response shows can be sent back, and is not read. */
export const Ignored = () =>
  all(
    Exclude(),
    Allow(),
    amended(() => ({ readOnly: true, description: 'Set by the scheduler, and ignored here' })),
  );

/** null counts as absent, since None is the default in Flask-APScheduler. */
export function NullIsAbsent(names: readonly string[], when: (plain: object) => boolean = () => true): ClassDecorator {
  const absent = ({ value, obj }: { value: unknown; obj: object }): unknown =>
    value === null && when(obj) ? undefined : value;
  return ({ prototype }) =>
    names.forEach((name) => {
      Transform(absent)(prototype as object, name);
      amended(nullable)(prototype as object, name);
    });
}

/** What the JSON Schema of a member has beside what its rules mean. */
export const amended =
  (amend: Amendment): PropertyDecorator =>
  (target, name) =>
    amendSchema(target, name, amend);

function rule(name: string, what: string, validate: Holds, keywords: JsonSchema): PropertyDecorator {
  const description = what.charAt(0).toUpperCase() + what.slice(1);
  return all(
    ValidateBy({ name, validator: { validate } }, must(what)),
    amended((schema) => ({ ...schema, ...keywords, description })),
  );
}

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, name) => decorators.forEach((decorate) => decorate(target, name));
}
