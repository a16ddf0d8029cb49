import { formatDate } from '../../../../lib/engine/time/iso-date.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';

/** The first times of a trigger, seen from an instant, in ISO 8601 in its own zone. */
export function fires(trigger: Trigger, from: string, count: number): string[] {
  const times: string[] = [];
  let time = trigger.next(null, Date.parse(from));
  while (time !== null && times.length < count) {
    times.push(formatDate(time, trigger.timezone));
    time = trigger.next(time, time);
  }
  return times;
}

/** The last times of a trigger before an instant, the latest first. */
export function firesBefore(trigger: Trigger, before: string, count: number): string[] {
  const times: string[] = [];
  let time = trigger.previous(Date.parse(before));
  while (time !== null && times.length < count) {
    times.push(formatDate(time, trigger.timezone));
    time = trigger.previous(time);
  }
  return times;
}
