import type { Fault } from '../../engine/errors.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { TRIGGER_OPTION_NAMES } from '../../engine/triggers/option-names.js';
import { toWireName } from '../wire/case.js';
import { openTrigger } from '../wire/open-trigger.js';

/** The options of triggers, as the wire spells them. */
export const TRIGGER_MEMBERS: ReadonlySet<string> = new Set(
  Object.values(TRIGGER_OPTION_NAMES)
    .flat()
    .map((option) => toWireName(option)),
);

/**
 * Spreads Flask-APScheduler's older form of a trigger out: `{ trigger: { type: 'cron', hour: 3 } }` becomes
 * `{ trigger: 'cron', hour: 3 }`. Anything else is left to be checked as it is.
 *
 * @param faults - where members go that no trigger has, or that are given twice.
 */
export function flattenTrigger(body: unknown, faults: Fault[]): unknown {
  if (!isPlainObject(body)) return body;
  const nested = openTrigger(body['trigger']);
  if (!nested) return body;
  const flat: Record<string, unknown> = { ...body, trigger: nested.type };
  for (const [name, value] of Object.entries(nested.options)) {
    const field = `trigger.${name}`;
    if (!TRIGGER_MEMBERS.has(name)) faults.push({ field, problem: 'is not known here' });
    else if (Object.hasOwn(body, name)) faults.push({ field, problem: `is given twice: here and as ${name}` });
    else flat[name] = value;
  }
  return flat;
}
