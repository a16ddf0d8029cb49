import { daysInMonth, epochDay, isLeapYear, weekdayOf } from '../../time/civil.js';
import { CRON_FIELDS } from './cron-fields.js';

/*
 * The years that cron knows, as numbers from 0, and what their calendars depend on: the weekday of the first day,
 * whether it is a leap year and whether the one before was (which decides the ISO week of 1 January). Two leap years
 * never follow each other, so there are 7 x 3 types of year.
 */

const { min: FIRST_YEAR, max: LAST_YEAR } = CRON_FIELDS.year;
export const YEARS = LAST_YEAR - FIRST_YEAR + 1;

const COMMON = 0;
const LEAP = 1;
const AFTER_LEAP = 2;
export const YEAR_TYPES = 21;

/** One more than there are years: where the last one ends. */
const firstDays = new Int32Array(YEARS + 1);
const types = new Uint8Array(YEARS);
// Every import of the package pays for this loop: with the date arithmetic of epochDay() it would take most of the import's time.
for (let year = 0, day = epochDay(FIRST_YEAR, 1, 1); year <= YEARS; year++) {
  const isLeap = isLeapYear(FIRST_YEAR + year);
  const kind = isLeap ? LEAP : isLeapYear(FIRST_YEAR + year - 1) ? AFTER_LEAP : COMMON;
  firstDays[year] = day;
  types[year] = weekdayOf(day) * 3 + kind;
  day += isLeap ? 366 : 365;
}

const YEARS_PER_DAY = 1 / 365.2425;

/** The year that a day number is in: a guess and one look, where the whole date would take many divisions. */
export function yearOfDay(day: number): number {
  // No year begins more than two days before years of mean length would: the guess is right or one too great.
  const guess = ((day + 2) * YEARS_PER_DAY) | 0;
  return day < firstDayOf(guess) ? guess - 1 : guess;
}

/** The day number of a year's first day; of the year {@link YEARS} too, which is the first beyond the calendar. */
export function firstDayOf(year: number): number {
  return firstDays[year] ?? 0;
}

/** The type of a year, as a number below {@link YEAR_TYPES}. */
export function yearTypeOf(year: number): number {
  return types[year] ?? 0;
}

/** What a rule for days can look at. */
export interface CalendarDay {
  /** From 1. */
  readonly month: number;
  /** The day of the month, from 1. */
  readonly day: number;
  /** The number of days in its month. */
  readonly monthLength: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** The ISO week. */
  readonly week: number;
}

const calendars: (readonly CalendarDay[])[] = [];

/** The days of every year of a type. Made once: all rules look at the same ones. */
export function daysOfYear(yearType: number): readonly CalendarDay[] {
  return (calendars[yearType] ??= makeCalendar(yearType));
}

function makeCalendar(yearType: number): CalendarDay[] {
  const calendar: CalendarDay[] = [];
  for (let month = 1; month <= 12; month++) {
    // Any year of the same kind will do for the lengths of months: 2001 is a common one, 2004 a leap one.
    const monthLength = daysInMonth(yearType % 3 === LEAP ? 2004 : 2001, month);
    for (let day = 1; day <= monthLength; day++) {
      const dayOfYear = calendar.length;
      const weekday = (firstWeekdayOf(yearType) + dayOfYear) % 7;
      calendar.push({ month, day, monthLength, weekday, week: isoWeek(yearType, dayOfYear) });
    }
  }
  return calendar;
}

const THURSDAY = 3;
const FRIDAY = 4;
const SATURDAY = 5;

const firstWeekdayOf = (yearType: number): number => Math.floor(yearType / 3);

/** ISO 8601: a week belongs to the year that its Thursday is in. `dayOfYear` counts from 0. */
function isoWeek(yearType: number, dayOfYear: number): number {
  const first = firstWeekdayOf(yearType);
  const weekday = (first + dayOfYear) % 7;
  const thursday = dayOfYear + THURSDAY - weekday;
  const yearLength = yearType % 3 === LEAP ? 366 : 365;
  if (thursday >= yearLength) return 1;
  if (thursday >= 0) return Math.floor(thursday / 7) + 1;
  // The last week of the year before: the 53rd when that year had a Thursday at its first or its last day.
  return first === FRIDAY || (first === SATURDAY && yearType % 3 === AFTER_LEAP) ? 53 : 52;
}
