import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time/civil.js';
import { formatDate, parseDate, type DateInput } from '../../time/iso-date.js';
import { isDay } from '../calendar/calendar-day.js';

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?/;
const UNITS = { week: 7 * DAY_MS, day: DAY_MS, hour: HOUR_MS, minute: MINUTE_MS, second: SECOND_MS };

/** An instant of a trigger's JSON as clocks in its zone show it: `5 May 2030 at 12:00:00`; a whole day without a time. */
export function dateInWords(date: DateInput, timezone: string): string {
  const { epochMs } = parseDate(date, 'date', timezone);
  const [, year = '', month = '', day = '', time = '', fraction = ''] = ISO.exec(formatDate(epochMs, timezone)) ?? [];
  const calendarDay = `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}`;
  return isDay(date) ? calendarDay : `${calendarDay} at ${time}${fraction.replace(/0+$/, '')}`;
}

/** A duration: `1 hour 30 minutes`, `0.5 seconds`. */
export function durationInWords(ms: number): string {
  const words: string[] = [];
  let rest = ms;
  for (const [unit, unitMs] of Object.entries(UNITS)) {
    const amount = unit === 'second' ? rest / unitMs : Math.floor(rest / unitMs);
    if (amount > 0) words.push(counted(amount, unit));
    rest -= amount * unitMs;
  }
  return words.join(' ');
}

/** `1 day`, `2 days`. */
export function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A time of day: `09:00`, or `09:00:30` when `withSeconds`. */
export function timeOfDay(hour: number, minute: number, second: number, withSeconds = second > 0): string {
  return [hour, minute, ...(withSeconds ? [second] : [])].map(twoDigits).join(':');
}
