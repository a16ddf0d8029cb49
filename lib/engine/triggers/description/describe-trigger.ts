import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time/civil.js';
import type { Jitter, Trigger, TriggerJson } from '../trigger.js';
import type { DateInput } from '../../time/iso-date.js';
import { cronInWords } from './cron-in-words.js';
import { crontabInWords } from './crontab-in-words.js';
import { counted, dateInWords, durationInWords, timeOfDay } from './words.js';

/**
 * What a trigger means, in English.
 *
 * @example
 * describeTrigger(new CronTrigger({ dayOfWeek: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' }));
 * // at 09:00, Monday to Friday (Europe/Berlin)
 */
export function describeTrigger(trigger: Trigger): string {
  const json = trigger.toJSON();
  try {
    return describe(json, trigger.timezone);
  } catch {
    // Somebody's own, which goes by one of our names and has other options.
    return JSON.stringify(json);
  }
}

/** Goes by the plain form, which is what triggers inside others have, too. */
function describe(json: TriggerJson, timezone: string): string {
  switch (json.type) {
    case 'date':
      return once(json, timezone);
    case 'interval':
      return interval(json) + bounds(json, timezone, 'starting') + zoneOf(json) + delay(json);
    case 'cron':
      return cron(json) + bounds(json, timezone, 'from') + zoneOf(json) + delay(json);
    case 'calendarinterval':
      return calendarInterval(json) + bounds(json, timezone, 'starting') + zoneOf(json) + delay(json);
    case 'and':
    case 'or':
      return combinedInWords(json, inZone(timezone)) + delay(json);
    case 'except':
      return exceptInWords(json, timezone, inZone(timezone));
    default:
      // Somebody's own: what it means, only its options can tell.
      return JSON.stringify(json);
  }
}

/** A member without a zone of its own is in that of the trigger around it. */
function inZone(timezone: string): DescribeMember {
  return (json) => describe(json, typeof json['timezone'] === 'string' ? json['timezone'] : timezone);
}

function once(json: TriggerJson, timezone: string): string {
  const { runDate } = json;
  if (typeof json['delay'] === 'number')
    return `once, ${durationInWords(json['delay'] * SECOND_MS)} after its job is added`;
  if (runDate === undefined) return 'once, as soon as its job is added';
  return `once, on ${dateInWords(runDate as DateInput, timezone)}${zoneOf(json)}`;
}

const INTERVAL_PARTS = { weeks: 7 * DAY_MS, days: DAY_MS, hours: HOUR_MS, minutes: MINUTE_MS, seconds: SECOND_MS };
const CALENDAR_PARTS = ['year', 'month', 'week', 'day'] as const;

function interval(json: TriggerJson): string {
  const ms = Object.entries(INTERVAL_PARTS).reduce((sum, [part, partMs]) => sum + amountOf(json, part) * partMs, 0);
  return every(durationInWords(Math.round(ms)));
}

function cron(json: TriggerJson): string {
  const { crontab, dialect } = json;
  if (typeof crontab !== 'string') return cronInWords(json);
  return crontabInWords(crontab, dialect === 'extended' ? dialect : 'standard');
}

function calendarInterval(json: TriggerJson): string {
  const parts = CALENDAR_PARTS.map((unit) => [amountOf(json, `${unit}s`), unit] as const);
  const words = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => counted(amount, unit));
  const time = timeOfDay(amountOf(json, 'hour'), amountOf(json, 'minute'), amountOf(json, 'second'));
  return `${every(words.join(' '))} at ${time}`;
}

/** `every hour`, `every 2 hours`. */
function every(distance: string): string {
  return `every ${distance.replace(/^1 (\w+)$/, '$1')}`;
}

function bounds({ startDate, endDate }: TriggerJson, timezone: string, since: string): string {
  const start = startDate === undefined ? '' : `, ${since} ${dateInWords(startDate as DateInput, timezone)}`;
  return endDate === undefined ? start : `${start}, until ${dateInWords(endDate as DateInput, timezone)}`;
}

/** Nothing while the zone is left open. */
function zoneOf({ timezone }: TriggerJson): string {
  return typeof timezone === 'string' ? ` (${timezone})` : '';
}

function delay({ jitter }: TriggerJson): string {
  if (jitter === undefined) return '';
  const isSeeded = typeof jitter === 'object';
  const seconds = isSeeded ? (jitter as Exclude<Jitter, number>).max : Number(jitter);
  const words = durationInWords(Math.round(seconds * SECOND_MS));
  return `, delayed by up to ${words}${isSeeded ? ', the same for each run' : ' at random'}`;
}

function amountOf(json: TriggerJson, part: string): number {
  return Number(json[part] ?? 0);
}

/** Says what a trigger that stands inside another one means. */
type DescribeMember = (json: TriggerJson) => string;

const COMBINED = new Set(['and', 'or', 'except']);

/** `whenever one of these fires: every hour; at 09:00, on Monday` */
function combinedInWords({ type, triggers }: TriggerJson, describe: DescribeMember): string {
  const members = (triggers as readonly TriggerJson[]).map((member) => bracketed(member, describe));
  return `whenever ${type === 'and' ? 'all of these fire together' : 'one of these fires'}: ${members.join('; ')}`;
}

/** `at 09:00, every day, except: on 25 December 2030; at 09:00, on Monday` */
function exceptInWords({ base, except }: TriggerJson, timezone: string, describe: DescribeMember): string {
  const exclusions = (except as readonly unknown[]).map((it) => exclusion(it, timezone, describe));
  const words = bracketed(base as TriggerJson, describe);
  return exclusions.length === 0 ? words : `${words}, except: ${exclusions.join('; ')}`;
}

function exclusion(json: unknown, timezone: string, describe: DescribeMember): string {
  if (typeof json !== 'object' || json === null) return `on ${dateInWords(json as DateInput, timezone)}`;
  if ('type' in json) return bracketed(json as TriggerJson, describe);
  const { from, to } = json as { readonly from: DateInput; readonly to: DateInput };
  return `from ${dateInWords(from, timezone)} to ${dateInWords(to, timezone)}`;
}

/** Only what is made of triggers itself needs brackets to stand apart from its neighbours. */
function bracketed(json: TriggerJson, describe: DescribeMember): string {
  return COMBINED.has(json.type) ? `[${describe(json)}]` : describe(json);
}
