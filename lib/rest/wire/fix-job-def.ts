import { parseDate } from '../../engine/time/iso-date.js';
import { localTimeZone } from '../../engine/time/time-zone.js';
import { openTrigger } from './open-trigger.js';

const DATES = ['start_date', 'end_date', 'run_date', 'startDate', 'endDate', 'runDate'];

/**
 * Makes a job definition as configuration files have it ready for use, in place (Flask-APScheduler: `fix_job_def`):
 * date strings become dates (but the days of a calendar interval), and a nested trigger is spread out:
 * `{ trigger: { type: 'cron', hour: 3 } }` becomes `{ trigger: 'cron', hour: 3 }`. Members may be spelled as on the wire or as in TypeScript.
 *
 * @param timezone - of dates without an offset, where the definition has no `timezone`. @default the computer's
 * @throws InvalidInputError when a date string is no date.
 */
export function fixJobDef(jobDef: Record<string, unknown>, timezone: string = localTimeZone()): void {
  spreadTrigger(jobDef);
  // Its dates are days, and would become instants.
  if (jobDef['trigger'] === 'calendarinterval') return;
  const zone = typeof jobDef['timezone'] === 'string' ? jobDef['timezone'] : timezone;
  for (const field of DATES) {
    const value = jobDef[field];
    if (typeof value === 'string') jobDef[field] = new Date(parseDate(value, field, zone).epochMs);
  }
}

function spreadTrigger(jobDef: Record<string, unknown>): void {
  const nested = openTrigger(jobDef['trigger']);
  if (!nested) return;
  // Not assigned: a member that is called __proto__ must stay a member.
  for (const [name, value] of Object.entries({ ...nested.options, trigger: nested.type })) {
    Object.defineProperty(jobDef, name, { value, configurable: true, enumerable: true, writable: true });
  }
}
