import { computed } from '@preact/signals';
import { config } from './config.js';
import { zoneChoice } from './prefs.js';

const LOCALE = navigator.languages[0] ?? 'en';

/** The viewer's own time zone. */
export const VIEWER_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The time zone that times are shown in. */
export const zone = computed(() => zoneChoice.value || (config.timezone ?? VIEWER_ZONE));

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = JSON.stringify([options, timeZone]);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone })));
  return found;
}

const FULL = {
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
} as const;

/** With day, seconds and zone: for titles and details. */
export const fullTime = (time: Date, timeZone = zone.value): string => format(FULL, timeZone).format(time);

/** As short as it can be: without the day where it is today's. */
export function shortTime(time: Date, at: number, timeZone = zone.value): string {
  const day = format({ dateStyle: 'short' }, timeZone);
  const isToday = day.format(time) === day.format(at);
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  return format(isToday ? clock : { month: 'short', day: 'numeric', ...clock }, timeZone).format(time);
}

/** With the day of the week: for lists of times. */
export const listTime = (time: Date, timeZone: string): string =>
  format(
    { weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    timeZone,
  ).format(time);

export const dayText = (time: Date, timeZone = zone.value): string =>
  format({ weekday: 'short', month: 'short', day: 'numeric' }, timeZone).format(time);

export const clockText = (time: Date, withSeconds: boolean, timeZone = zone.value): string =>
  format({ hour: '2-digit', minute: '2-digit', ...(withSeconds && { second: '2-digit' }) }, timeZone).format(time);

/** Year, month and day in a zone: `2030-01-31`. */
export const dateKey = (time: Date, timeZone = zone.value): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(time);

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'short' });

/** How long ago, or in how long. */
export function relativeTime(time: number, at: number): string {
  const ms = time - at;
  const [length, unit] = UNITS.find(([one]) => Math.abs(ms) >= one) ?? [1000, 'second'];
  return relative.format(Math.trunc(ms / length), unit);
}

/** A duration in seconds, to about three digits. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The part of a run's id in which it differs from those around it. */
export const shortRunId = (id: string): string => (id.split('-')[0] as string).slice(-8);

const numbers = new Intl.NumberFormat(LOCALE);
export const count = (value: number): string => numbers.format(value);
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
