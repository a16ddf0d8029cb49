import { isDeepStrictEqual } from 'node:util';
import type { AuditChange } from '../model/audit.js';
import type { JobRecord } from '../model/job.js';
import { toJsonValue } from '../model/json-value.js';
import type { GivenArguments } from '../model/run-record.js';
import type { Redactor } from './redactor.js';

/** The fields of a job that people and programs change, each as plain JSON; in the order in which entries have them. */
const FIELDS: { readonly [Name in keyof JobRecord]?: (value: never) => unknown } = {
  name: same,
  task: same,
  args: same,
  kwargs: same,
  trigger: (value: JobRecord['trigger']) => value.toJSON(),
  nextRunTime: same,
  paused: same,
  enabled: same,
  executor: same,
  coalesce: same,
  catchUpLimit: same,
  misfireGraceTime: same,
  maxInstances: same,
  overlap: same,
  maxQueued: same,
  timeout: same,
  retry: (value: JobRecord['retry']) => withoutFunction(value),
  runOnStart: same,
  tags: same,
  metadata: same,
  description: same,
  maxRuns: same,
  pauseAfterFailures: same,
};
const NAMES = Object.keys(FIELDS) as readonly (keyof JobRecord)[];

/** Those that a new job's entry has, where they say something: its other options are seldom what somebody looks for. */
const OF_NEW: ReadonlySet<keyof JobRecord> = new Set<keyof JobRecord>([
  ...(['name', 'task', 'args', 'kwargs', 'trigger', 'nextRunTime', 'paused', 'enabled', 'executor'] as const),
  ...(['tags', 'metadata', 'description', 'maxRuns'] as const),
]);

/** What the absence of an attribute means. */
const ABSENT: Partial<JobRecord> = { enabled: true, paused: false, tags: [], metadata: {}, args: [], kwargs: {} };

/** A value of which JSON is longer is not kept, nor are further ones where all of an entry are longer together. */
const MOST_LENGTH = 2000;
const MOST_IN_ALL = 10_000;

function same(value: unknown): unknown {
  return value;
}

function withoutFunction(retry: JobRecord['retry']): unknown {
  if (!retry) return retry;
  const { predicate: _predicate, ...rest } = retry;
  return rest;
}

/**
 * What differs between two states of a job; of a new job, and of one that is gone, what it was. Arguments are redacted.
 *
 * @returns nothing when no field differs: how often it failed, say, is no change that anybody has made.
 */
export function changesBetween(
  before: JobRecord | null,
  after: JobRecord | null,
  redactor: Redactor,
): readonly AuditChange[] {
  const changes: AuditChange[] = [];
  const isAlone = before === null || after === null;
  const bounded = makeBounded();
  const [was, is] = [before && fieldsOf(before, redactor), after && fieldsOf(after, redactor)];
  for (const field of NAMES) {
    const [old, now] = [before && valueIn(before, field), after && valueIn(after, field)];
    const otherwise = ABSENT[field] ?? null;
    if (isAlone ? !OF_NEW.has(field) || isSame(old ?? now, otherwise) : isSame(old, now)) continue;
    changes.push({ field, before: bounded(was ? was(field) : null), after: bounded(is ? is(field) : null) });
  }
  return changes;
}

/** What a run by hand was given in place of its job's own. */
export function givenChanges(
  given: GivenArguments,
  job: Pick<JobRecord, 'id' | 'task'>,
  redactor: Redactor,
): AuditChange[] {
  const bounded = makeBounded();
  const shown = redactor.arguments(given, { jobId: job.id, task: job.task });
  return (['args', 'kwargs'] as const).flatMap((field) =>
    shown[field] === undefined ? [] : [{ field, before: null, after: bounded(toJsonValue(shown[field])) }],
  );
}

function fieldsOf(job: JobRecord, redactor: Redactor): (field: keyof JobRecord) => unknown {
  let shown: Pick<JobRecord, 'args' | 'kwargs'> | undefined;
  return (field) => {
    const isArgument = field === 'args' || field === 'kwargs';
    if (isArgument) shown ??= redactor.arguments(job, { jobId: job.id, task: job.task });
    const value = isArgument ? shown?.[field] : valueIn(job, field);
    if (value === undefined || value === null) return null;
    return toJsonValue((FIELDS[field] as (value: unknown) => unknown)(value));
  };
}

function valueIn(job: JobRecord, field: keyof JobRecord): unknown {
  return job[field] ?? ABSENT[field] ?? null;
}

function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || isDeepStrictEqual(plain(one), plain(other));
}

/** Triggers are instances. */
function plain(value: unknown): unknown {
  const isTrigger = typeof value === 'object' && value !== null && 'toJSON' in value && !(value instanceof Date);
  return isTrigger ? (value as { toJSON(): unknown }).toJSON() : value;
}

/** Lets the values of one entry pass, as long as they are short. */
function makeBounded(): (value: unknown) => unknown {
  let left = MOST_IN_ALL;
  return (value) => {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    const { length } = JSON.stringify(value);
    if (length > Math.min(MOST_LENGTH, left)) return `[left out: ${length} characters of JSON]`;
    left -= length;
    return value;
  };
}
