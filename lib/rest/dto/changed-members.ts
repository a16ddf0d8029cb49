import { isDeepStrictEqual } from 'node:util';
import { TRIGGER_MEMBERS } from './flatten-trigger.js';

type Members = Readonly<Record<string, unknown>>;

const isOfSchedule = (name: string): boolean =>
  name === 'trigger' || name === 'next_run_time' || TRIGGER_MEMBERS.has(name);

/**
 * The members that say something new of a job. What an answer said may be sent back whole, and changes nothing then:
 * neither the job's phase nor its pause, nor a task that only this process knows.
 *
 * The schedule is one thing: a trigger that is given again without its next run time asks for a new one.
 */
export function changedMembers(members: Members, current: Members): Record<string, unknown> {
  const unchanged = (name: string): boolean => isDeepStrictEqual(members[name], current[name]);
  const names = Object.keys(members);
  const schedule = names.filter(isOfSchedule);
  const sameSchedule =
    schedule.length === Object.keys(current).filter(isOfSchedule).length && schedule.every((name) => unchanged(name));
  const changed = names.filter((name) => (isOfSchedule(name) ? !sameSchedule : !unchanged(name)));
  return Object.fromEntries(changed.map((name) => [name, members[name]]));
}
