import { isPlainObject } from '../../engine/util/is-plain-object.js';

/** Trigger options for which null says as much as nothing. */
const TRIGGER_OPTIONS = [
  'timezone',
  'jitter',
  'run_date',
  'start_date',
  'end_date',
  'year',
  'month',
  'day',
  'week',
  'day_of_week',
  'hour',
  'minute',
  'second',
];

/** Of a job that is added. Elsewhere null says something: a job is paused, a late run is never too late. */
const OF_NEW_JOBS: ReadonlySet<string> = new Set(['name', 'args', 'kwargs', 'trigger', ...TRIGGER_OPTIONS]);
const OF_TRIGGERS: ReadonlySet<string> = new Set(TRIGGER_OPTIONS);

/** A job to add without what is null for "not given", as in Flask-APScheduler, where None is the default. */
export function withoutNulls(body: unknown): unknown {
  return without(
    body,
    ([name, value]) => (value === null && OF_NEW_JOBS.has(name)) || (value === '' && name === 'name'),
  );
}

/** A trigger and what is beside it without the trigger's options that are null; without a trigger, all there is. */
export function withoutNullOptions(body: unknown): unknown {
  return isPlainObject(body) && body['trigger'] !== undefined ? withoutNullMembers(body) : body;
}

/** A trigger without its options that are null. */
export function withoutNullMembers(options: unknown): unknown {
  return without(options, ([name, value]) => value === null && OF_TRIGGERS.has(name));
}

function without(body: unknown, isNothing: (member: readonly [name: string, value: unknown]) => boolean): unknown {
  if (!isPlainObject(body)) return body;
  return Object.fromEntries(Object.entries(body).filter((member) => !isNothing(member)));
}
