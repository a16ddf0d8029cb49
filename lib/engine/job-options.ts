import { InvalidInputError, type Fault } from './errors.js';
import { show } from './inspect.js';
import type { JobDefaults } from './job-definition.js';
import { SECOND_MS } from './time/civil.js';
import { parseDuration } from './time/duration.js';

/** Says what is wrong with a value, in words that follow the field's name; undefined when nothing is. */
export type Check = (value: unknown) => string | undefined;

const must =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, got ${show(value)}`;

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

/** An object made by `{}` or JSON: not an array, a date or an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The longest id of a job: what every database can index. APScheduler's SQL store has the same bound. */
export const MAX_ID_LENGTH = 191;

const checkId: Check = (value) => {
  if (!isText(value)) return `must be a non-empty string, got ${show(value)}`;
  if (value.length > MAX_ID_LENGTH) return `must have at most ${MAX_ID_LENGTH} characters, got ${value.length}`;
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
  if (value === null) return null;
  const seconds = typeof value === 'string' ? parseDuration(value, 'misfireGraceTime') / SECOND_MS : value;
  if (typeof seconds === 'number' && seconds > 0 && seconds < Infinity) return seconds;
  const problem = `must be a positive number of seconds, a duration such as 1h30m, or null, got ${show(value)}`;
  throw new InvalidInputError('Invalid option', [{ field: 'misfireGraceTime', problem }]);
}

const checkGraceTime: Check = (value) => {
  try {
    readGraceTime(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.faults.map(({ problem }) => problem).join('; ');
  }
};

const defaultChecks: Readonly<Record<keyof JobDefaults, Check>> = {
  coalesce: must('true or false', isBoolean),
  misfireGraceTime: checkGraceTime,
  maxInstances: must('a whole number of at least 1', isCount),
};

/** How each option of a job but its trigger is checked. */
export const jobOptionChecks: Readonly<Record<string, Check>> = {
  ...defaultChecks,
  id: checkId,
  name: must('a non-empty string', isText),
  task: must('the name of a task or a function', (value) => isText(value) || typeof value === 'function'),
  args: must('an array', Array.isArray),
  kwargs: must('a plain object', isPlainObject),
  executor: must("an executor's alias", isText),
  jobStore: must("a job store's alias", isText),
  replaceExisting: must('true or false', isBoolean),
};

/** Checks options against a table; adds what is wrong to `faults`. Members that are undefined count as absent. */
export function checkOptions(
  options: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
  faults: Fault[],
): void {
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, field) ? checks[field] : undefined;
    const problem = check ? check(value) : `is not known here; known are ${Object.keys(checks).join(', ')}`;
    if (problem !== undefined) faults.push({ field, problem });
  }
}

/** Job defaults with what was left open filled in. */
export interface ResolvedJobDefaults extends Readonly<Required<JobDefaults>> {
  /** In seconds. */
  readonly misfireGraceTime: number | null;
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
  return {
    coalesce: defaults.coalesce ?? true,
    misfireGraceTime: readGraceTime(defaults.misfireGraceTime ?? null),
    maxInstances: defaults.maxInstances ?? 1,
  };
}
