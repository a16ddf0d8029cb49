import { TRIGGER_OPTION_NAMES } from '../../engine/triggers/option-names.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { toWireName } from './case.js';

/** The options of all triggers, under their names on the wire. */
export const TRIGGER_MEMBERS: ReadonlySet<string> = new Set(Object.values(TRIGGER_OPTION_NAMES).flat().map(toWireName));

/** The parts of a trigger in Flask-APScheduler's older form. */
export interface OpenedTrigger {
  readonly type: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Takes a trigger in Flask-APScheduler's older form apart: `{ type: 'cron', hour: 3 }`. Without a type it is a date.
 *
 * @returns undefined if it does not have this form.
 */
export function openTrigger(trigger: unknown): OpenedTrigger | undefined {
  if (!isPlainObject(trigger)) return undefined;
  const { type = 'date', ...options } = trigger;
  return { type, options };
}

/**
 * `{ trigger: { type: 'cron', hour: 3 } }` becomes `{ trigger: 'cron', hour: 3 }`. A member that is not an option of any
 * trigger, or is also given beside the trigger, gets its path as its name (`trigger.foo`), under which it is refused.
 */
export function flattenTrigger(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const nested = openTrigger(members['trigger']);
  if (!nested) return members;
  const isOption = (name: string): boolean => TRIGGER_MEMBERS.has(name) && !Object.hasOwn(members, name);
  const options = Object.entries(nested.options).map(([name, value]) => [
    isOption(name) ? name : `trigger.${name}`,
    value,
  ]);
  return { ...members, trigger: nested.type, ...Object.fromEntries(options) };
}
