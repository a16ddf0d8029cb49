import {
  dateOfEpochDay,
  dayOf,
  daysInMonth,
  epochDay,
  DAY_MS,
  MAX_INSTANT,
  monthOf,
  yearOf,
  type PackedDate,
} from '../../time/civil.js';
import { spendWork } from '../../util/work-budget.js';

/** Days of the calendar at a distance in months and days from a first one. Days are numbers, 0 is 1970-01-01. */
export interface DaySequence {
  /** The first of its days that is not before `day`; null when the calendar ends first. */
  next(day: number): number | null;
  /** The last of its days that is not after `day`; null when the sequence begins later. */
  previous(day: number): number | null;
}

/** How far a sequence goes on from one of its days: first the months, then the days. One of them is not 0. */
export interface CalendarStep {
  readonly months: number;
  readonly days: number;
}

/**
 * The days that APScheduler's calendar interval has (apscheduler/triggers/calendarinterval.py): the months are added
 * and the day of the month is kept; where there is no such day, the months are added again; then the days are added.
 *
 * @param first - a day number.
 */
export function daySequence(first: number, { months, days }: CalendarStep): DaySequence {
  if (months === 0) return new DaySteps(first, days);
  return days === 0 ? new MonthSteps(first, months) : new MixedSteps(first, { months, days });
}

const LAST_DAY = Math.floor(MAX_INSTANT / DAY_MS);

/** Months are numbers as well: 0 is January of the year 0. */
const LAST_MONTH = 9999 * 12 + 11;
const monthNumber = (date: PackedDate): number => yearOf(date) * 12 + monthOf(date) - 1;

/** The day number of a day in a month; null when the month has no such day. */
function dayInMonth(monthNumber: number, day: number): number | null {
  const year = Math.floor(monthNumber / 12);
  const month = monthNumber - year * 12 + 1;
  return day <= daysInMonth(year, month) ? epochDay(year, month, day) : null;
}

class DaySteps implements DaySequence {
  constructor(
    private readonly first: number,
    private readonly days: number,
  ) {}

  next(day: number): number | null {
    if (day <= this.first) return this.first;
    const found = this.first + Math.ceil((day - this.first) / this.days) * this.days;
    return found <= LAST_DAY ? found : null;
  }

  previous(day: number): number | null {
    if (day < this.first) return null;
    return this.first + Math.floor((Math.min(day, LAST_DAY) - this.first) / this.days) * this.days;
  }
}

/** The same day of the month each time. Of the months in a row at most 15 lack it: 29 February, every 25 years. */
class MonthSteps implements DaySequence {
  private readonly firstMonth: number;
  private readonly dayOfMonth: number;

  constructor(
    private readonly first: number,
    private readonly months: number,
  ) {
    const date = dateOfEpochDay(first);
    this.firstMonth = monthNumber(date);
    this.dayOfMonth = dayOf(date);
  }

  next(day: number): number | null {
    if (day <= this.first) return this.first;
    if (day > LAST_DAY) return null;
    for (let month = this.monthUpTo(day); month <= LAST_MONTH; month += this.months) {
      const found = dayInMonth(month, this.dayOfMonth);
      if (found !== null && found >= day) return found;
    }
    return null;
  }

  previous(day: number): number | null {
    if (day < this.first) return null;
    for (let month = this.monthUpTo(Math.min(day, LAST_DAY)); month > this.firstMonth; month -= this.months) {
      const found = dayInMonth(month, this.dayOfMonth);
      if (found !== null && found <= day) return found;
    }
    return this.first;
  }

  /** The last of its months that is not after a day's. */
  private monthUpTo(day: number): number {
    const month = monthNumber(dateOfEpochDay(day));
    return month - ((month - this.firstMonth) % this.months);
  }
}

/** How many days of a mixed sequence lie between two that are kept. */
const MARK_EVERY = 16;
/** What it costs to find one. */
const MARK_WORK = 2;

/**
 * Each day depends on the one before it. So every 16th is kept, as far as anybody has asked; from there the way is
 * short.
 */
class MixedSteps implements DaySequence {
  private readonly marks: number[];
  private isWhole = false;

  constructor(
    private readonly first: number,
    private readonly step: CalendarStep,
  ) {
    this.marks = [first];
  }

  next(day: number): number | null {
    if (day <= this.first) return this.first;
    const latest = this.previous(day);
    return latest === null || latest === day ? latest : this.after(latest);
  }

  previous(day: number): number | null {
    if (day < this.first) return null;
    let found = this.markUpTo(day);
    for (let next = this.after(found); next !== null && next <= day; next = this.after(found)) found = next;
    return found;
  }

  /** The last kept day that is not after `day`, which is not before the first. */
  private markUpTo(day: number): number {
    while (!this.isWhole && this.mark(this.marks.length - 1) <= day) this.keepOneMore();
    let [low, high] = [0, this.marks.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.mark(middle) <= day) low = middle;
      else high = middle;
    }
    return this.mark(low);
  }

  private keepOneMore(): void {
    spendWork(MARK_WORK);
    let day: number | null = this.mark(this.marks.length - 1);
    for (let count = 0; count < MARK_EVERY && day !== null; count++) day = this.after(day);
    if (day === null) this.isWhole = true;
    else this.marks.push(day);
  }

  private mark(index: number): number {
    return this.marks[index] ?? this.first;
  }

  private after(day: number): number | null {
    const date = dateOfEpochDay(day);
    for (let month = monthNumber(date) + this.step.months; month <= LAST_MONTH; month += this.step.months) {
      const found = dayInMonth(month, dayOf(date));
      if (found !== null) return found + this.step.days <= LAST_DAY ? found + this.step.days : null;
    }
    return null;
  }
}
