import { InvalidInputError } from '../../errors.js';
import { show } from '../../util/inspect.js';
import { MAX_FIELD_LENGTH, MAX_FIELD_PARTS } from './field-grammar.js';

/** The standard of crontab(5), or with croner's `L`, `W` and `#` in the fields for days. */
export const CRONTAB_DIALECTS = ['standard', 'extended'] as const;
export type CrontabDialect = (typeof CRONTAB_DIALECTS)[number];

export const UNITS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
export type Unit = (typeof UNITS)[number];
export type Units<T> = Readonly<Record<Unit, T>>;

/** What the nicknames of cron(8) and `cron` stand for. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
  '@minutely': '0 * * * * *',
  '@secondly': '* * * * * *',
  '@weekdays': '0 0 0 * * 1-5',
  '@weekends': '0 0 0 * * 0,6',
};

const INSTEAD: Readonly<Record<string, string>> = {
  '@reboot': '@reboot is not a time: give the job runOnStart: true beside its trigger',
  '@every': "@every is not a cron time: use an interval trigger, such as { trigger: 'interval', every: '5m' }",
};

const NAMES: Readonly<Partial<Record<Unit, readonly string[]>>> = {
  month: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  dayOfWeek: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};
const FIRST = { month: 1, dayOfWeek: 0 };
const IN_WORDS: Units<string> = {
  second: 'seconds',
  minute: 'minutes',
  hour: 'hours',
  dayOfMonth: 'the day of month',
  month: 'the month',
  dayOfWeek: 'the day of week',
};

/**
 * The six fields of a crontab string, seconds first: names as numbers, ranges that go over the end of the week or the
 * year as two, `?` as `*`. What `cron` is not to parse stands in its way: its parser would take names in any field.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function crontabFields(expression: string): Units<string> {
  const text = expression.trim().toLowerCase();
  if (text.length > MAX_FIELD_LENGTH) {
    throw refused(expression, `it is longer than ${MAX_FIELD_LENGTH} characters`);
  }
  const instead = INSTEAD[text.split(/\s/)[0] ?? ''];
  if (instead !== undefined) throw refused(expression, instead);
  const fields = (Object.hasOwn(NICKNAMES, text) ? (NICKNAMES[text] as string) : text).split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) {
    throw refused(expression, 'it must have five fields, or six with seconds first, or be a nickname such as @daily');
  }
  return mapUnits((unit) => {
    const field = fields[UNITS.indexOf(unit)] ?? '';
    if (field === '?' && (unit === 'dayOfMonth' || unit === 'dayOfWeek')) return '*';
    const parts = field.split(',');
    if (parts.length > MAX_FIELD_PARTS) throw refused(expression, `a list has more than ${MAX_FIELD_PARTS} parts`);
    return parts.map((part) => readNames(part, unit, expression)).join(',');
  });
}

export function mapUnits<T>(make: (unit: Unit) => T): Units<T> {
  return Object.fromEntries(UNITS.map((unit) => [unit, make(unit)])) as Units<T>;
}

export function refused(expression: string, reason: string): InvalidInputError {
  const problem = `cannot be read: ${reason}, got ${show(expression)}`;
  return new InvalidInputError('Invalid crontab', [{ field: 'crontab', problem }]);
}

/** `l` and `w` alone, beside numbers or after `#` belong to the extended dialect. */
const SPECIAL = /^(?:l|lw|w|\d+[lw])$|#/;
const NAMED = /^(\d+|[a-z]+)(?:-(\d+|[a-z]+))?(\/\d+)?$/;

/** A part of a list with numbers in place of names. */
function readNames(part: string, unit: Unit, expression: string): string {
  const [body = '', nth] = part.split('#', 2);
  const isWeekdayWithL = unit === 'dayOfWeek' && /^[a-z]{3}l$/.test(body);
  if (isWeekdayWithL) return `${numberOf(body.slice(0, 3), unit, expression)}l`;
  if (!/[a-z]/.test(body) || SPECIAL.test(body)) return part;
  const match = NAMED.exec(body);
  if (!match) throw refused(expression, `${show(part)} is no part of ${IN_WORDS[unit]}`);
  const [, from = '', to, step = ''] = match;
  const first = numberOf(from, unit, expression);
  if (to === undefined) return first + step + (nth === undefined ? '' : `#${nth}`);
  const last = numberOf(to, unit, expression);
  const values = step === '' ? rangeOf(first, last, unit) : steppedRange(first, last, Number(step.slice(1)), unit);
  return nth === undefined ? values : values.replaceAll(/[^,]+/g, `$&#${nth}`);
}

function numberOf(text: string, unit: Unit, expression: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const index = NAMES[unit]?.indexOf(text) ?? -1;
  if (index < 0) throw refused(expression, `${show(text)} is no name for ${IN_WORDS[unit]}`);
  return index + FIRST[unit as keyof typeof FIRST];
}

/** A range may go over the end of the week or the year where a name says so: `fri-mon`, `nov-feb`. */
function rangeOf(first: number, last: number, unit: Unit): string {
  if (first <= last) return `${first}-${last}`;
  if (unit === 'month') return `${first}-12,1-${last}`;
  return last === 0 ? `${first}-7` : `${first}-6,0-${last}`;
}

function steppedRange(first: number, last: number, step: number, unit: Unit): string {
  if (first <= last || step === 0) return `${first}-${last}/${step}`;
  const size = unit === 'month' ? 12 : 7;
  const values: number[] = [];
  for (let value = first; value <= last + size; value += step) values.push(value > size ? value - size : value);
  return values.join();
}
