import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { FaultList } from './fault-list.js';
import { TRIGGER_OPTION_NAMES } from './option-names.js';
import type { TriggerType } from './options.js';

/** Options as they were given: by name, nothing undefined. Their values are still to be checked. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** Copies options, so that later changes have no effect, and refuses names that the trigger does not know. */
export function givenOptions(type: TriggerType, options: unknown, faults: FaultList): GivenOptions {
  const given: Record<string, unknown> = {};
  if (!isPlainObject(options)) {
    faults.add('options', `must be a plain object, got ${show(options)}`);
    return given;
  }
  const names: readonly string[] = TRIGGER_OPTION_NAMES[type];
  for (const name of Object.keys(options)) {
    const value = options[name];
    if (value === undefined) continue;
    if (!names.includes(name)) faults.add(name, `is no option of the ${type} trigger; it has ${names.join(', ')}`);
    else given[name] = copyOf(value);
  }
  return given;
}

function copyOf(value: unknown): unknown {
  if (isPlainObject(value)) return { ...value };
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : value;
}
