/** A second, a minute, an hour and a day in milliseconds. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const DAYS_OF_400_YEARS = 146_097;
const DAYS_FROM_MARCH_0_TO_1970 = 719_468;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/*
 * The proleptic Gregorian calendar in whole numbers, after Howard Hinnant's "chrono-compatible low-level date
 * algorithms": years begin in March, so that the leap day comes last. No Date object is made.
 */

/** The day number of a date: 0 is 1970-01-01. `month` counts from 1. */
export function epochDay(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_OF_400_YEARS + dayOfEra - DAYS_FROM_MARCH_0_TO_1970;
}

/** A date packed into an integer, so that searches allocate no object per day. Read it by {@link yearOf}, {@link monthOf} and {@link dayOf}. */
export type PackedDate = number;

export const yearOf = (date: PackedDate): number => date >> 9;
export const monthOf = (date: PackedDate): number => (date >> 5) & 15;
export const dayOf = (date: PackedDate): number => date & 31;

/** The date of a day number. The inverse of {@link epochDay}. */
export function dateOfEpochDay(epochDayNumber: number): PackedDate {
  const shifted = epochDayNumber + DAYS_FROM_MARCH_0_TO_1970;
  const era = Math.floor(shifted / DAYS_OF_400_YEARS);
  const dayOfEra = shifted - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (year << 9) | (month << 5) | day;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The number of days of a month. `month` counts from 1. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}

/** The day of the week of a day number; 0 is Monday. */
export function weekdayOf(epochDayNumber: number): number {
  // 1970-01-01 was a Thursday.
  return (((epochDayNumber + 3) % 7) + 7) % 7;
}

/** The first and the last instant that a date can have: the years 1 to 9999 in UTC, as in Python. */
export const MIN_INSTANT = epochDay(1, 1, 1) * DAY_MS;
export const MAX_INSTANT = epochDay(10_000, 1, 1) * DAY_MS - 1;

/** Whether a number is an instant that can be shown. */
export function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= MIN_INSTANT && (value as number) <= MAX_INSTANT;
}
