import { computed } from '@preact/signals';
import { config } from './config.js';
import { zoneChoice } from './prefs.js';

const LOCALE = navigator.languages[0] ?? 'en';

/** The viewer's own time zone. */
export const VIEWER_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The time zone that times are shown in. */
export const zone = computed(() => zoneChoice.value || (config.timezone ?? VIEWER_ZONE));

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, timeZone: string, locale = LOCALE): Intl.DateTimeFormat {
  const key = JSON.stringify([options, timeZone, locale]);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, { ...options, timeZone })));
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

const MINUTES = { hour: '2-digit', minute: '2-digit' } as const;
const CLOCK = { ...MINUTES, second: '2-digit' } as const;

/** As short as it can be: without the day where it is today's. */
export function shortTime(time: Date, at: number, timeZone = zone.value): string {
  const day = format({ dateStyle: 'short' }, timeZone);
  const isToday = day.format(time) === day.format(at);
  return format(isToday ? CLOCK : { month: 'short', day: 'numeric', ...CLOCK }, timeZone).format(time);
}

/** With the day of the week, and the year where it is another one: for lists of times. */
export function listTime(time: Date, at: number, withSeconds: boolean, timeZone: string): string {
  const year = format({ year: 'numeric' }, timeZone);
  const isThisYear = year.format(time) === year.format(at);
  const day = { weekday: 'short', month: 'short', day: 'numeric' } as const;
  const clock = withSeconds ? CLOCK : MINUTES;
  return format({ ...day, ...(!isThisYear && ({ year: 'numeric' } as const)), ...clock }, timeZone).format(time);
}

/** The time of day, for one whose day is known in another zone: with the day of the week where it is another day here. */
export function timeBeside(time: Date, withSeconds: boolean, timeZone: string, otherZone: string): string {
  const isSameDay = dateKey(time, timeZone) === dateKey(time, otherZone);
  return format({ ...(!isSameDay && { weekday: 'short' }), ...(withSeconds ? CLOCK : MINUTES) }, timeZone).format(time);
}

export const dayText = (time: Date, timeZone = zone.value): string =>
  format({ weekday: 'short', month: 'short', day: 'numeric' }, timeZone).format(time);

export const monthText = (time: Date, timeZone = zone.value): string =>
  format({ month: 'short' }, timeZone).format(time);

export const weekdayText = (time: Date, timeZone = zone.value): string =>
  format({ weekday: 'short' }, timeZone).format(time);

export const clockText = (time: Date, withSeconds: boolean, timeZone = zone.value): string =>
  format(withSeconds ? CLOCK : MINUTES, timeZone).format(time);

/** How far the clocks of a zone are ahead of UTC at a time, in milliseconds. */
export function offsetOf(time: number, timeZone: string): number {
  const parts = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
  } as const;
  const values = new Map(
    format(parts, timeZone, 'en-US')
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes): number => values.get(type) ?? 0;
  const local = Date.UTC(
    read('year'),
    read('month') - 1,
    read('day'),
    read('hour') % 24,
    read('minute'),
    read('second'),
  );
  return local - Math.floor(time / 1000) * 1000;
}

/** Year, month and day in a zone: `2030-01-31`. */
export const dateKey = (time: Date, timeZone = zone.value): string =>
  format({ dateStyle: 'short' }, timeZone, 'en-CA').format(time);

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
  const ms = seconds * 1000;
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(seconds < 9.995 ? 2 : 1))} s`;
  return longDuration(Math.round(seconds));
}

const SPANS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** The two largest units of whole seconds. */
function longDuration(seconds: number): string {
  const first = SPANS.findIndex(([length]) => seconds >= length);
  let rest = seconds;
  const parts = SPANS.slice(first, first + 2).flatMap(([length, unit]) => {
    const value = Math.floor(rest / length);
    rest %= length;
    return value === 0 ? [] : [`${value} ${unit}`];
  });
  return parts.join(' ');
}

/** A state of a job, a run or a node, in words. */
export const stateName = (state: string): string => titled(state);

/** A name of the wire as a label. */
export const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

/** The part of a run's id in which it differs from those around it. */
export const shortRunId = (id: string): string => (id.split('-')[0] as string).slice(-8);

const numbers = new Intl.NumberFormat(LOCALE);
export const count = (value: number): string => numbers.format(value);
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
