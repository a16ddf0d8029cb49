import { CRON_FIELDS, type CronFieldName } from '../cron/cron-fields.js';
import type { ParsedField } from '../cron/field-grammar.js';
import { isAny, numbersInWords, rangeInWords, sortedValues } from './cron-values-in-words.js';
import { MONTHS } from './dates-in-words.js';
import { listed, ordinal, runsOf } from './words.js';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const weekdayName = (weekday: number): string => WEEKDAYS[weekday] ?? '';
const monthName = (month: number): string => MONTHS[month - 1] ?? '';

export type DayFields = Readonly<
  Record<Extract<CronFieldName, 'year' | 'month' | 'day' | 'week' | 'dayOfWeek'>, ParsedField>
>;

/** Says on what days a cron trigger fires, in parts to be set off by commas; none when it is every day. */
export function daysInWords(fields: DayFields): string[] {
  const { year, month, day, week, dayOfWeek } = fields;
  const date = calendarDate(fields);
  if (date !== undefined)
    return [date + weekdayCondition(dayOfWeek), ...weeks(week), ...(onlyValue(year) ? [] : years(year))];
  const days = isAny('day', day) ? weekdays(dayOfWeek) : [daysOfMonth(day) + weekdayCondition(dayOfWeek)];
  return [...days, ...months(month), ...weeks(week), ...years(year)];
}

/** One day of one month: `on 25 December`, `on 25 December 2030`. */
function calendarDate({ year, month, day }: DayFields): string | undefined {
  const [theMonth, theDay] = [onlyValue(month), onlyValue(day)];
  if (theMonth === undefined || theDay === undefined) return undefined;
  return ['on', theDay, monthName(theMonth), onlyValue(year)].filter((word) => word !== undefined).join(' ');
}

function onlyValue(field: ParsedField): number | undefined {
  const [value, another] = sortedValues(field);
  return another === undefined && field.positions.length === 0 && !field.lastDay ? value : undefined;
}

/** `on days 1 and 15 of the month`, `on the 3rd Friday of the month`. */
function daysOfMonth(day: ParsedField): string {
  const { ranges, positions, lastDay } = day;
  const days = [
    ...(ranges.length > 0 ? [numbersInWords('day', day)] : []),
    ...positions.map(({ nth, weekday }) => `the ${nth === 0 ? 'last' : ordinal(nth)} ${weekdayName(weekday)}`),
    ...(lastDay ? ['the last day'] : []),
  ];
  return `on ${listed(days)} of the month`;
}

/** All given fields must match: `on day 13 of the month when it is Friday`. */
function weekdayCondition(dayOfWeek: ParsedField): string {
  return isAny('dayOfWeek', dayOfWeek)
    ? ''
    : ` when it is ${listed(runsOf(sortedValues(dayOfWeek), weekdayName), 'or')}`;
}

function weekdays(dayOfWeek: ParsedField): string[] {
  if (isAny('dayOfWeek', dayOfWeek)) return [];
  const runs = runsOf(sortedValues(dayOfWeek), weekdayName);
  return [isRun(runs) ? listed(runs) : `on ${listed(runs)}`];
}

function months(month: ParsedField): string[] {
  return isAny('month', month) ? [] : [within(runsOf(sortedValues(month), monthName))];
}

function weeks(week: ParsedField): string[] {
  return isAny('week', week) ? [] : [`in ${numbersInWords('ISO week', week)}`];
}

function years(year: ParsedField): string[] {
  if (isAny('year', year)) return [];
  const [range, another] = year.ranges;
  if (range === undefined || another !== undefined || range.step === 1)
    return [within(year.ranges.flatMap(rangeInWords))];
  const end = range.last === CRON_FIELDS.year.max ? '' : ` to ${range.last}`;
  return [`in every ${ordinal(range.step)} year from ${range.first}${end}`];
}

function within(values: readonly string[]): string {
  return isRun(values) ? `from ${listed(values)}` : `in ${listed(values)}`;
}

function isRun([value, another]: readonly string[]): boolean {
  return another === undefined && (value?.includes(' to ') ?? false);
}
