import { epochDay, isLeapYear, weekdayOf } from '../../time/civil.js';

/** The calendar repeats after so many years, weekdays included: they are 20,871 whole weeks. */
const CYCLE = 400;

/*
 * All that the calendar of a year depends on: the weekday of its first day, whether it is a leap year and whether
 * the one before was (which decides the ISO week of 1 January). Two leap years never follow each other, so there
 * are 7 x 3 types.
 */
const COMMON = 0;
const LEAP = 1;
const AFTER_LEAP = 2;

export const YEAR_TYPES = 21;

const typeOfYear = Uint8Array.from({ length: CYCLE }, (_, index) => {
  const year = 2000 + index;
  const kind = isLeapYear(year) ? LEAP : isLeapYear(year - 1) ? AFTER_LEAP : COMMON;
  return weekdayOf(epochDay(year, 1, 1)) * 3 + kind;
});

/** The type of a year from 1970 on, as a number below {@link YEAR_TYPES}. */
export function yearTypeOf(year: number): number {
  return typeOfYear[year % CYCLE] ?? 0;
}

/** What a rule for days can look at. */
export interface CalendarDay {
  /** The day of the month, from 1. */
  readonly day: number;
  /** The number of days in its month. */
  readonly monthLength: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** The ISO week. */
  readonly week: number;
}

/** The days of a month in every year of a type. `month` counts from 1. */
export function daysOfMonth(yearType: number, month: number): CalendarDay[] {
  // Any year of the same kind will do for the lengths of months: 2001 is a common one, 2004 a leap one.
  const sample = yearType % 3 === LEAP ? 2004 : 2001;
  const dayOfYear = epochDay(sample, month, 1) - epochDay(sample, 1, 1);
  const monthLength =
    (month === 12 ? epochDay(sample + 1, 1, 1) : epochDay(sample, month + 1, 1)) - epochDay(sample, month, 1);
  return Array.from({ length: monthLength }, (_, index) => ({
    day: index + 1,
    monthLength,
    weekday: (firstWeekdayOf(yearType) + dayOfYear + index) % 7,
    week: isoWeek(yearType, dayOfYear + index),
  }));
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
