import { InvalidInputError } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { TRIGGER_OPTION_NAMES } from '../../engine/triggers/option-names.js';
import { toWireName } from './case.js';

/**
 * Takes a trigger's name and its options out of a flat job definition (Flask-APScheduler: `pop_trigger`). Members may be
 * spelled as on the wire or as in TypeScript; what was taken keeps its spelling.
 *
 * @throws InvalidInputError when there is no such trigger; the definition is left as it was.
 *
 * @example
 * popTrigger({ id: 'tidy', trigger: 'interval', minutes: 10 }); // ['interval', { minutes: 10 }]
 */
export function popTrigger(data: Record<string, unknown>): [name: string, args: Record<string, unknown>] {
  const { trigger } = data;
  if (typeof trigger !== 'string' || !Object.hasOwn(TRIGGER_OPTION_NAMES, trigger)) {
    const known = Object.keys(TRIGGER_OPTION_NAMES).join(', ');
    throw new InvalidInputError('Invalid job', [
      { field: 'trigger', problem: `${show(trigger)} is not supported; known are ${known}` },
    ]);
  }
  delete data['trigger'];
  const args: Record<string, unknown> = {};
  for (const option of TRIGGER_OPTION_NAMES[trigger as keyof typeof TRIGGER_OPTION_NAMES]) {
    for (const name of new Set([option, toWireName(option)])) {
      if (!Object.hasOwn(data, name)) continue;
      args[name] = data[name];
      delete data[name];
    }
  }
  return [trigger, args];
}
