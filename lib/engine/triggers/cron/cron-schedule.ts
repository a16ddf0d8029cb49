import { BitSet } from './bit-set.js';
import { CRON_FIELDS, DATE_FIELDS, type CronFieldName } from './cron-fields.js';
import { valuesOf, type ParsedField, type WeekdayPosition } from './field-grammar.js';
import { MatchingDays, type DayRule } from './matching-days.js';
import { MatchingTimes } from './matching-times.js';
import { SmallSet } from './small-set.js';
import { YEARS, type CalendarDay } from './year-type.js';

/** An expression, compiled: which wall-clock times it means. Shared by all triggers with the same expression. */
export interface CronSchedule {
  readonly days: MatchingDays;
  readonly times: MatchingTimes;
  /** Whether these are fixed times of a day, as Debian's cron has it: neither the hour nor the minute begins with `*`. */
  readonly isFixed: boolean;
}

/** Debian's cron looks at the text: `0-23` is fixed where `*` is not. */
export function isFixed(hour: string, minute: string): boolean {
  return !hour.startsWith('*') && !minute.startsWith('*');
}

/** Compiles APScheduler's fields. All of them must match. */
export function compileFields(fields: Readonly<Record<CronFieldName, ParsedField>>): CronSchedule {
  const { hour, minute, second } = fields;
  const dates = DATE_FIELDS.map((name) => fields[name].text);
  const isEveryDay = dates.every((text) => text === '*');
  return {
    days: isEveryDay ? MatchingDays.everyDay : MatchingDays.of(dates.join(' '), () => compileDays(fields)),
    times: new MatchingTimes(setOf(hour), setOf(minute), setOf(second)),
    isFixed: isFixed(hour.text, minute.text),
  };
}

function compileDays({ year, month, day, week, dayOfWeek }: Readonly<Record<CronFieldName, ParsedField>>): DayRule {
  const [months, days] = [setOf(month), setOf(day)];
  const [weeks, weekdays] = [setOf(week), setOf(dayOfWeek)];
  const isDay = (it: CalendarDay): boolean =>
    days.has(it.day) ||
    (day.lastDay && it.day === it.monthLength) ||
    day.positions.some((position) => isAtPosition(it, position));
  return {
    years: year.text === '*' ? undefined : new BitSet(YEARS, yearsFromFirst(year)),
    matches: (it) => months.has(it.month) && weeks.has(it.week) && weekdays.has(it.weekday) && isDay(it),
  };
}

function isAtPosition({ day, monthLength, weekday }: CalendarDay, position: WeekdayPosition): boolean {
  if (weekday !== position.weekday) return false;
  return position.nth === 0 ? day + 7 > monthLength : Math.ceil(day / 7) === position.nth;
}

function setOf(field: ParsedField): SmallSet {
  return new SmallSet(valuesOf(field));
}

function* yearsFromFirst(year: ParsedField): Generator<number> {
  for (const value of valuesOf(year)) yield value - CRON_FIELDS.year.min;
}
