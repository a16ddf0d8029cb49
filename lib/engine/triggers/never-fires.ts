import type { Fault } from '../errors.js';
import type { Trigger } from './trigger.js';

/** What is wrong with a trigger that is given too late. */
export function neverFires(trigger: Trigger): Fault {
  return { field: 'trigger', problem: `never fires: its last time is past (${JSON.stringify(trigger)})` };
}
