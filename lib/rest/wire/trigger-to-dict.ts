import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { Trigger, TriggerJson } from '../../engine/triggers/trigger.js';
import { toWireMembers } from './case.js';

/**
 * A trigger as the wire shows it: its type under `trigger`, its options beside it (Flask-APScheduler: `trigger_to_dict`).
 *
 * @example
 * triggerToDict(new IntervalTrigger({ minutes: 90, startDate: '2030-01-01', timezone: 'UTC' }));
 * // { trigger: 'interval', start_date: '2030-01-01T00:00:00+00:00', hours: 1, minutes: 30, timezone: 'UTC' }
 */
export function triggerToDict(trigger: Trigger): Record<string, unknown> {
  return triggerJsonToDict(trigger.toJSON());
}

/** The same of its plain-JSON form. */
export function triggerJsonToDict({
  type,
  runDate,
  startDate,
  endDate,
  ...options
}: TriggerJson): Record<string, unknown> {
  // In the order of Flask-APScheduler's answers.
  const dict: Record<string, unknown> = { trigger: type };
  if (runDate !== undefined) dict['run_date'] = runDate;
  if (startDate !== undefined) dict['start_date'] = startDate;
  if (endDate !== undefined) dict['end_date'] = endDate;
  Object.assign(dict, toWireMembers(options));
  return type === 'and' || type === 'or' || type === 'except' ? Object.assign(dict, nestedDicts(options)) : dict;
}

/** The triggers inside a trigger, in the same form. */
function nestedDicts(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const dict = (json: unknown): unknown =>
    isPlainObject(json) && 'type' in json ? triggerJsonToDict(json as TriggerJson) : json;
  const nested = Object.entries(options).filter(([name]) => ['triggers', 'base', 'except'].includes(name));
  return Object.fromEntries(nested.map(([name, json]) => [name, Array.isArray(json) ? json.map(dict) : dict(json)]));
}
