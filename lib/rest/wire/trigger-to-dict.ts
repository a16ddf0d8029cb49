import type { Trigger } from '../../engine/triggers/trigger.js';
import { toWireMembers } from './case.js';

/**
 * A trigger as the wire shows it: its type under `trigger`, its options beside it (Flask-APScheduler: `trigger_to_dict`).
 *
 * @example
 * triggerToDict(new IntervalTrigger({ minutes: 90, startDate: '2030-01-01', timezone: 'UTC' }));
 * // { trigger: 'interval', start_date: '2030-01-01T00:00:00+00:00', hours: 1, minutes: 30, timezone: 'UTC' }
 */
export function triggerToDict(trigger: Trigger): Record<string, unknown> {
  const { type, runDate, startDate, endDate, ...options } = trigger.toJSON();
  // In the order of Flask-APScheduler's answers.
  const dates = Object.entries({ runDate, startDate, endDate }).filter(([, date]) => date !== undefined);
  return { trigger: type, ...toWireMembers({ ...Object.fromEntries(dates), ...options }) };
}
