import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { isInstant } from '../time/civil.js';
import { triggerFromJson } from '../triggers/trigger-factory.js';
import type { JobPause, JobSchedule, JobSpec } from '../model/job.js';
import { isRunOnStart, withinBounds } from './job-options.js';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../model/job-policies.js';
import type { UnreadableJob } from '../model/unreadable-job.js';

type Stored = Omit<JobSpec, 'id' | 'task' | 'executor' | 'handler' | 'trigger'>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity;
const isLimit = (value: unknown): boolean => value === null || (isAmount(value) && value !== 0);

/** The members of a stored job, and what each may hold. Others are a later release's. */
const CHECKS: { readonly [Name in keyof Required<Stored>]: (value: unknown) => boolean } = {
  name: isText,
  args: Array.isArray,
  kwargs: isPlainObject,
  startOpen: isFlag,
  coalesce: (value) => isFlag(value) || value === 'earliest',
  catchUpLimit: isCount,
  misfireGraceTime: isLimit,
  maxInstances: isCount,
  overlap: (value) => OVERLAP_POLICIES.includes(value as OverlapPolicy),
  maxQueued: isCount,
  timeout: isLimit,
  retry: isRetry,
  runOnStart: isRunOnStart,
  declaredBy: optional((value) => isPlainObject(value) && (value['release'] === null || isText(value['release']))),
  tags: optional((value) => Array.isArray(value) && value.every(isText)),
  metadata: optional(isPlainObject),
  description: optional(isText),
  maxRuns: optional(isCount),
  pauseAfterFailures: optional(isCount),
  enabled: optional((value) => value === false),
  pause: optional(isPause),
  failures: optional(isCount),
};
const NAMES = Object.keys(CHECKS) as readonly (keyof Stored)[];

function optional(check: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || check(value);
}

/** Whether a value is the mark of a pause. */
export function isPause(value: unknown): value is JobPause {
  if (!isPlainObject(value)) return false;
  const { actor, note, reason, since } = value as { readonly [Name in keyof JobPause]: unknown };
  const isWho = [actor, note].every((text) => text === null || isText(text));
  return isWho && isText(reason) && isInstant(since);
}

function isRetry(value: unknown): boolean {
  if (value === null) return true;
  if (!isPlainObject(value)) return false;
  const { attempts, delay, backoff, maxDelay, jitter, retryIf } = value;
  const isNamed = retryIf === undefined || isText(retryIf);
  return isCount(attempts) && [delay, maxDelay, jitter].every(isAmount) && isText(backoff) && isNamed;
}

/**
 * A job as a store has kept it in JSON.
 *
 * @param stored - all but `id`, `task` and `executor`.
 * @throws Error naming what cannot be read: a later release may have written it, or the record is damaged.
 */
export function readStoredJob(id: string, task: unknown, executor: unknown, stored: unknown): JobSpec {
  if (!isPlainObject(stored)) throw new Error(`its definition is ${show(stored)}`);
  for (const [name, value] of Object.entries({ task, executor })) {
    if (!isText(value)) throw new Error(`its ${name} is ${show(value)}`);
  }
  const spec: Record<string, unknown> = { id, task, executor, trigger: triggerFromJson(stored['trigger']) };
  for (const name of NAMES) {
    const value = stored[name];
    if (!CHECKS[name](value)) throw new Error(`its ${name} is ${show(value)}`);
    if (value !== undefined) spec[name] = value;
  }
  return withinBounds(spec as unknown as JobSpec);
}

/** What a later release has written with a job, which this one keeps. */
export function unknownMembers(stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isKnown = (name: string): boolean => Object.hasOwn(CHECKS, name) || name === 'trigger';
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !isKnown(name)));
}

/** What is wrong with where a stored job stands in time; null when nothing is. */
export function scheduleProblem({ nextRunTime, nextNominalTime }: Omit<JobSchedule, 'paused'>): string | null {
  for (const [name, value] of Object.entries({ nextRunTime, nextNominalTime })) {
    if (value !== null && !isInstant(value)) return `its ${name} is ${show(value)}`;
  }
  return null;
}

/**
 * What is reported about a job that cannot be read.
 *
 * @param stored - its definition as JSON text, and what the store keeps beside it.
 */
export function unreadableJob(
  id: string,
  problem: string,
  raw: Readonly<Record<string, unknown>>,
  { text, ...beside }: Partial<JobSchedule> & { text: string; task?: unknown; executor?: unknown },
): UnreadableJob {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Its raw form is all there is.
  }
  const { nextRunTime, nextNominalTime: _nominal, ...rest } = beside;
  const time = isInstant(nextRunTime) ? { nextRunTime: new Date(nextRunTime).toISOString() } : {};
  const definition = { ...(isPlainObject(parsed) ? parsed : {}), ...rest, ...time, id };
  return { id, problem, raw, definition };
}
