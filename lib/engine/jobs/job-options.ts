import { InvalidInputError, type Fault } from '../errors.js';
import { countProblem, UPPER_BOUNDS, type BoundName } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { findJsonFaults } from '../util/json-faults.js';
import type { CoalesceMode, JobSpec } from '../model/job.js';
import type { JobDefaults } from './job-definition.js';
import { OVERLAP_POLICIES, type OverlapPolicy, type RetryPolicy } from '../model/job-policies.js';
import { readRetry } from './retry-options.js';
import { taskProblem } from '../executors/tasks.js';
import { SECOND_MS } from '../time/civil.js';
import { parseDuration, parseSeconds } from '../time/duration.js';

/** Says what is wrong with a value, in words that follow the field's name, or as faults; undefined when nothing is. */
export type Check = (value: unknown) => string | readonly Fault[] | undefined;

/** How options are checked, by their names. A map: a hot one is asked by names that come from anywhere. */
export type Checks = ReadonlyMap<string, Check>;

const must =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, got ${show(value)}`;

const count =
  (bound: BoundName): Check =>
  (value) =>
    countProblem(value, bound);

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
/** Whether a value is a {@link RunOnStart}. */
export const isRunOnStart = (value: unknown): boolean => isBoolean(value) || value === 'node' || value === 'cluster';
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The longest id of a job: what every database can index. APScheduler's SQL store has the same bound. */
export const MAX_ID_LENGTH = 191;

/** By the URL standard, also where the dots are encoded. */
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;

const checkId: Check = (value) => {
  if (!isText(value)) return `must be a non-empty string, got ${show(value)}`;
  if (value.length > MAX_ID_LENGTH) return `must have at most ${MAX_ID_LENGTH} characters, got ${value.length}`;
  // HTTP clients resolve them as folders: what is meant for the job ".." would be done to the scheduler.
  if (DOT_SEGMENT.test(value)) return `must not be a folder of a URL's path, got ${show(value)}`;
  // PostgreSQL cannot store NUL; a lone surrogate is no character and cannot be encoded in a URL.
  if (value.includes('\0')) return `must not contain the character NUL, got ${show(value)}`;
  return value.isWellFormed() ? undefined : `must be well-formed Unicode, got ${show(value)}`;
};

/**
 * Reads how late a run may start.
 *
 * @returns seconds; null when it is never too late.
 * @throws InvalidInputError
 */
export function readGraceTime(value: unknown): number | null {
  return readPositiveSeconds(value, 'misfireGraceTime');
}

/**
 * Reads how long a run may take.
 *
 * @returns seconds; null when it may take for ever.
 * @throws InvalidInputError
 */
export function readRunTimeout(value: unknown): number | null {
  return readPositiveSeconds(value, 'timeout');
}

function readPositiveSeconds(value: unknown, field: 'misfireGraceTime' | 'timeout'): number | null {
  if (value === null) return null;
  const seconds = typeof value === 'string' ? parseDuration(value, field) / SECOND_MS : value;
  if (typeof seconds === 'number' && seconds > 0 && seconds < Infinity) return parseSeconds(seconds, field, field);
  const problem = `must be a positive number of seconds, a duration such as 1h30m, or null, got ${show(value)}`;
  throw new InvalidInputError('Invalid option', [{ field, problem }]);
}

/** Reads which missed times are made up. The value must have passed its check. */
export function readCoalesce(value: boolean | CoalesceMode): boolean | 'earliest' {
  return value === 'earliest' ? value : value === true || value === 'latest';
}

/** A check by the function that reads the value. */
const readable =
  (read: (value: unknown) => unknown): Check =>
  (value) => {
    try {
      read(value);
      return undefined;
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      return error.faults;
    }
  };

const COALESCE_MODES: readonly unknown[] = [true, false, 'latest', 'earliest', 'all'];

const defaultChecks: Checks = checksOf({
  coalesce: must('true, false, "latest", "earliest" or "all"', (value) => COALESCE_MODES.includes(value)),
  catchUpLimit: count('catchUpLimit'),
  misfireGraceTime: readable(readGraceTime),
  maxInstances: count('maxInstances'),
  overlap: must(`one of ${OVERLAP_POLICIES.join(', ')}`, (value) => OVERLAP_POLICIES.includes(value as OverlapPolicy)),
  maxQueued: count('maxQueued'),
  timeout: readable(readRunTimeout),
  retry: readable(readRetry),
} satisfies Record<keyof JobDefaults, Check>);

/** How each option of a job but its trigger is checked. */
export const jobOptionChecks: Checks = new Map([
  ...defaultChecks,
  ...checksOf({
    id: checkId,
    name: must('a non-empty string', isText),
    task: (value) =>
      isText(value) || typeof value === 'function'
        ? taskProblem(value)
        : `must be the name of a task or a function, got ${show(value)}`,
    args: must('an array', Array.isArray),
    kwargs: must('a plain object', isPlainObject),
    executor: must("an executor's alias", isText),
    jobStore: must("a job store's alias", isText),
    replaceExisting: must('true or false', isBoolean),
    runOnStart: must('true, false, "node" or "cluster"', isRunOnStart),
    tags: checkTags,
    metadata: checkMetadata,
    description: nullable(textUpTo(UPPER_BOUNDS.textLength)),
    maxRuns: nullable(count('maxRuns')),
    pauseAfterFailures: nullable(count('pauseAfterFailures')),
    enabled: must('true or false', isBoolean),
  }),
]);

/** Checks a text that an operator gives along: a note, a name. */
export function textUpTo(length: number): Check {
  return (value) => {
    if (typeof value !== 'string') return `must be text, got ${show(value)}`;
    return value.length > length ? `must have at most ${length} characters, got ${value.length}` : undefined;
  };
}

export function nullable(check: Check): Check {
  return (value) => (value === null ? undefined : check(value));
}

function checkTags(value: unknown): string | undefined {
  if (!Array.isArray(value)) return `must be an array of texts, got ${show(value)}`;
  if (value.length > UPPER_BOUNDS.tags) return `must have at most ${UPPER_BOUNDS.tags} members, got ${value.length}`;
  const wrong = value.find((tag) => !isTag(tag)) as unknown;
  if (wrong === undefined && !value.includes(undefined)) return undefined;
  return `must have texts of 1 to ${UPPER_BOUNDS.tagLength} characters without control characters, got ${show(wrong)}`;
}

// oxlint-disable-next-line no-control-regex -- a tag stands in logs and in URLs
const CONTROLS = /[\0-\x1f\x7f]/;

function isTag(value: unknown): boolean {
  return isText(value) && value.length <= UPPER_BOUNDS.tagLength && value.isWellFormed() && !CONTROLS.test(value);
}

function checkMetadata(value: unknown): string | readonly Fault[] | undefined {
  if (!isPlainObject(value)) return `must be a plain object, got ${show(value)}`;
  const faults = findJsonFaults(value, 'metadata');
  if (faults.length > 0) return faults;
  const { length } = JSON.stringify(value);
  const most = UPPER_BOUNDS.textLength;
  return length > most ? `must have at most ${most} characters as JSON, got ${length}` : undefined;
}

export function checksOf(checks: Readonly<Record<string, Check>>): Checks {
  return new Map(Object.entries(checks));
}

/** Checks options against a table; adds what is wrong to `faults`. Members that are undefined count as absent. */
export function checkOptions(options: Readonly<Record<string, unknown>>, checks: Checks, faults: Fault[]): void {
  for (const field of Object.keys(options)) {
    const value = options[field];
    if (value !== undefined) checkOption(field, value, checks, faults);
  }
}

/** Checks one option. */
export function checkOption(field: string, value: unknown, checks: Checks, faults: Fault[]): void {
  const check = checks.get(field);
  const problem = check ? check(value) : `is not known here; known are ${[...checks.keys()].join(', ')}`;
  if (typeof problem === 'string') faults.push({ field, problem });
  else if (problem !== undefined) faults.push(...problem);
}

/** Job options as they stand in records: numbers of seconds, nothing open. */
export interface ResolvedJobDefaults {
  readonly coalesce: boolean | 'earliest';
  readonly catchUpLimit: number;
  readonly misfireGraceTime: number | null;
  readonly maxInstances: number;
  readonly overlap: OverlapPolicy;
  readonly maxQueued: number;
  readonly timeout: number | null;
  readonly retry: RetryPolicy | null;
}

/** The options of jobs that are not given. */
const FALLBACK: ResolvedJobDefaults = {
  coalesce: true,
  catchUpLimit: 1000,
  misfireGraceTime: null,
  maxInstances: 1,
  overlap: 'skip',
  maxQueued: 100,
  timeout: null,
  retry: null,
};

/** Options that have passed their checks, as records have them. Writes on what it is given: most options stay as they are. */
export function normalizeOptions(options: Record<string, unknown>): Record<string, unknown> {
  const { coalesce, misfireGraceTime, timeout, retry } = options;
  if (coalesce !== undefined) options['coalesce'] = readCoalesce(coalesce as boolean | CoalesceMode);
  if (misfireGraceTime !== undefined) options['misfireGraceTime'] = readGraceTime(misfireGraceTime);
  if (timeout !== undefined) options['timeout'] = readRunTimeout(timeout);
  if (retry !== undefined) options['retry'] = readRetry(retry);
  const { tags } = options;
  if (tags !== undefined) options['tags'] = Object.freeze([...new Set(tags as readonly string[])].sort());
  return options;
}

/**
 * Fills job defaults in.
 *
 * @throws InvalidInputError
 */
export function resolveJobDefaults(defaults: JobDefaults = {}): ResolvedJobDefaults {
  const faults: Fault[] = [];
  if (isPlainObject(defaults)) checkOptions(defaults, defaultChecks, faults);
  else faults.push({ field: 'jobDefaults', problem: `must be a plain object, got ${show(defaults)}` });
  if (faults.length > 0) throw new InvalidInputError('Invalid job defaults', faults);
  const given = Object.entries(defaults).filter(([, value]) => value !== undefined);
  return { ...FALLBACK, ...normalizeOptions(Object.fromEntries(given)) };
}

/** A job out of a store. What an earlier release allowed beyond today's bounds counts as the bound. */
export function withinBounds<T extends JobSpec>(job: T): T {
  const { catchUpLimit, maxInstances, maxQueued, retry } = job;
  const isWithin =
    catchUpLimit <= UPPER_BOUNDS.catchUpLimit &&
    maxInstances <= UPPER_BOUNDS.maxInstances &&
    maxQueued <= UPPER_BOUNDS.maxQueued;
  const isRetryWithin =
    !retry ||
    (retry.attempts <= UPPER_BOUNDS.retryAttempts &&
      Math.max(retry.delay, retry.maxDelay, retry.jitter) <= UPPER_BOUNDS.retryDelay);
  if (isWithin && isRetryWithin) return job;
  return {
    ...job,
    catchUpLimit: Math.min(catchUpLimit, UPPER_BOUNDS.catchUpLimit),
    maxInstances: Math.min(maxInstances, UPPER_BOUNDS.maxInstances),
    maxQueued: Math.min(maxQueued, UPPER_BOUNDS.maxQueued),
    retry: retry && {
      ...retry,
      attempts: Math.min(retry.attempts, UPPER_BOUNDS.retryAttempts),
      delay: Math.min(retry.delay, UPPER_BOUNDS.retryDelay),
      maxDelay: Math.min(retry.maxDelay, UPPER_BOUNDS.retryDelay),
      jitter: Math.min(retry.jitter, UPPER_BOUNDS.retryDelay),
    },
  };
}
