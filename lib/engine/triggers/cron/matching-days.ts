import { dateOfEpochDay, dayOf, epochDay, monthOf, yearOf } from '../../time/civil.js';
import { BitSet, highestBit, lowestBit } from './bit-set.js';
import { CRON_FIELDS } from './cron-fields.js';
import { daysOfMonth, YEAR_TYPES, yearTypeOf, type CalendarDay } from './year-type.js';

const FIRST_YEAR = CRON_FIELDS.year.min;
const LAST_YEAR = CRON_FIELDS.year.max;
const FIRST_DAY = epochDay(FIRST_YEAR, 1, 1);
const LAST_DAY = epochDay(LAST_YEAR, 12, 31);

/** No month has this mask: bits 0 to 30 stand for days 1 to 31. */
const UNKNOWN = -1;

/** Which days an expression means. */
export interface DayRule {
  /** Undefined when every day of every year is meant. */
  readonly years?: BitSet | undefined;
  readonly months: BitSet;
  readonly matches: (day: CalendarDay) => boolean;
}

/**
 * The days of a rule, forward and backward, at the same cost for a rare rule as for a common one:
 * a month is one word of bits, which depends on the year's type only, and years without any day are skipped in a set.
 * Words and set are made when they are first needed. Days are numbers, 0 is 1970-01-01; -1 stands for none.
 */
export class MatchingDays {
  private masks: Int32Array | undefined;
  private yearsWithDays: BitSet | undefined;

  /** @param rule - undefined for every day. */
  constructor(private readonly rule: DayRule | undefined) {}

  /** The first matching day that is not before `day`. */
  next(day: number): number {
    if (day > LAST_DAY) return -1;
    const from = Math.max(day, FIRST_DAY);
    if (this.rule === undefined) return from;
    const date = dateOfEpochDay(from);
    const year = yearOf(date);
    const month = monthOf(date);
    const mask = this.maskOf(year, month) & (-1 << (dayOf(date) - 1));
    if (mask !== 0) return from + lowestBit(mask) - (dayOf(date) - 1);
    const sameYear = this.firstIn(year, month + 1);
    if (sameYear !== -1) return sameYear;
    const later = this.years.next(year + 1 - FIRST_YEAR);
    return later === -1 ? -1 : this.firstIn(later + FIRST_YEAR, 1);
  }

  /** The last matching day that is not after `day`. */
  previous(day: number): number {
    if (day < FIRST_DAY) return -1;
    const from = Math.min(day, LAST_DAY);
    if (this.rule === undefined) return from;
    const date = dateOfEpochDay(from);
    const year = yearOf(date);
    const month = monthOf(date);
    const mask = this.maskOf(year, month) & (-1 >>> (32 - dayOf(date)));
    if (mask !== 0) return from + highestBit(mask) - (dayOf(date) - 1);
    const sameYear = this.lastIn(year, month - 1);
    if (sameYear !== -1) return sameYear;
    const earlier = this.years.previous(year - 1 - FIRST_YEAR);
    return earlier === -1 ? -1 : this.lastIn(earlier + FIRST_YEAR, 12);
  }

  private firstIn(year: number, fromMonth: number): number {
    for (let month = fromMonth; month <= 12; month++) {
      const mask = this.maskOf(year, month);
      if (mask !== 0) return epochDay(year, month, 1) + lowestBit(mask);
    }
    return -1;
  }

  private lastIn(year: number, toMonth: number): number {
    for (let month = toMonth; month >= 1; month--) {
      const mask = this.maskOf(year, month);
      if (mask !== 0) return epochDay(year, month, 1) + highestBit(mask);
    }
    return -1;
  }

  /** The matching days of a month as bits. */
  private maskOf(year: number, month: number): number {
    if (this.rule?.years?.has(year - FIRST_YEAR) === false) return 0;
    return this.maskOfType(yearTypeOf(year), month);
  }

  private maskOfType(yearType: number, month: number): number {
    const masks = (this.masks ??= new Int32Array(YEAR_TYPES * 12).fill(UNKNOWN));
    const index = yearType * 12 + month - 1;
    const mask = masks[index] ?? UNKNOWN;
    return mask === UNKNOWN ? (masks[index] = this.makeMask(yearType, month)) : mask;
  }

  private makeMask(yearType: number, month: number): number {
    if (this.rule?.months.has(month) === false) return 0;
    let mask = 0;
    for (const calendarDay of daysOfMonth(yearType, month)) {
      if (this.rule?.matches(calendarDay) !== false) mask |= 1 << (calendarDay.day - 1);
    }
    return mask;
  }

  /** The years, counted from the first, that have a matching day. */
  private get years(): BitSet {
    return (this.yearsWithDays ??= this.findYears());
  }

  private findYears(): BitSet {
    const hasDays = Array.from({ length: YEAR_TYPES }, (_, yearType) => {
      for (let month = 1; month <= 12; month++) if (this.maskOfType(yearType, month) !== 0) return true;
      return false;
    });
    const years = new BitSet(LAST_YEAR - FIRST_YEAR + 1);
    for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
      if (hasDays[yearTypeOf(year)] && this.rule?.years?.has(year - FIRST_YEAR) !== false) years.add(year - FIRST_YEAR);
    }
    return years;
  }
}
