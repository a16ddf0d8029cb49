import { BoundedCache } from '../../util/bounded-cache.js';
import { BitSet } from './bit-set.js';
import { daysOfYear, firstDayOf, YEAR_TYPES, yearOfDay, YEARS, yearTypeOf, type CalendarDay } from './year-type.js';

const LAST_DAY = firstDayOf(YEARS) - 1;

const shared = new BoundedCache<string, MatchingDays>(1024);

/** Which days an expression means. */
export interface DayRule {
  /** Counted from the first; undefined when every year is meant. */
  readonly years?: BitSet | undefined;
  readonly matches: (day: CalendarDay) => boolean;
}

/** The matching days of a year, counted from its first. */
interface YearDays {
  readonly set: BitSet;
  /** -1 when there is none, like `last`. */
  readonly first: number;
  readonly last: number;
}

const NO_DAYS: YearDays = { set: new BitSet(0), first: -1, last: -1 };

/**
 * The days of a rule, forward and backward, at the same cost for a rare rule as for a common one:
 * a year is a set of bits, which depends on the year's type only, and years without any day are skipped in a set.
 * Sets are made when they are first needed. Days are numbers, 0 is 1970-01-01; -1 stands for none.
 */
export class MatchingDays {
  private readonly daysOfTypes: YearDays[] = [];
  private yearsWithDays: BitSet | undefined;

  /** Of no rule: all days. */
  static readonly everyDay = new MatchingDays(undefined);

  private constructor(private readonly rule: DayRule | undefined) {}

  /** The days of a rule. Many expressions agree in their days: those with an equal key share the sets. */
  static of(key: string, makeRule: () => DayRule): MatchingDays {
    return shared.getOrMake(key, () => new MatchingDays(makeRule()));
  }

  /** The first matching day that is not before `day`. */
  next(day: number): number {
    if (day > LAST_DAY) return -1;
    const from = Math.max(day, 0);
    if (this.rule === undefined) return from;
    const year = yearOfDay(from);
    const firstDay = firstDayOf(year);
    const { set, last } = this.daysOf(year);
    return from - firstDay <= last ? firstDay + set.next(from - firstDay) : this.firstFrom(year + 1);
  }

  /** The last matching day that is not after `day`. */
  previous(day: number): number {
    if (day < 0) return -1;
    const from = Math.min(day, LAST_DAY);
    if (this.rule === undefined) return from;
    const year = yearOfDay(from);
    const firstDay = firstDayOf(year);
    const { set, first } = this.daysOf(year);
    const isFound = first !== -1 && from - firstDay >= first;
    return isFound ? firstDay + set.previous(from - firstDay) : this.lastUpTo(year - 1);
  }

  /** The first matching day of a year, or of the next one that has any. */
  private firstFrom(year: number): number {
    if (year >= YEARS) return -1;
    const { first } = this.daysOf(year);
    if (first !== -1) return firstDayOf(year) + first;
    const later = this.years.next(year);
    return later === -1 ? -1 : firstDayOf(later) + this.daysOf(later).first;
  }

  /** The last matching day of a year, or of the latest one before that has any. */
  private lastUpTo(year: number): number {
    if (year < 0) return -1;
    const { last } = this.daysOf(year);
    if (last !== -1) return firstDayOf(year) + last;
    const earlier = this.years.previous(year);
    return earlier === -1 ? -1 : firstDayOf(earlier) + this.daysOf(earlier).last;
  }

  private daysOf(year: number): YearDays {
    return this.rule?.years?.has(year) === false ? NO_DAYS : this.daysOfType(yearTypeOf(year));
  }

  private daysOfType(yearType: number): YearDays {
    return (this.daysOfTypes[yearType] ??= this.findDays(yearType));
  }

  private findDays(yearType: number): YearDays {
    const calendar = daysOfYear(yearType);
    const set = new BitSet(calendar.length);
    calendar.forEach((day, dayOfYear) => {
      if (this.rule?.matches(day) !== false) set.add(dayOfYear);
    });
    return { set, first: set.next(0), last: set.previous(calendar.length - 1) };
  }

  /** The years that have a matching day. */
  private get years(): BitSet {
    return (this.yearsWithDays ??= this.findYears());
  }

  private findYears(): BitSet {
    const hasDays = Array.from({ length: YEAR_TYPES }, (_, yearType) => this.daysOfType(yearType).first !== -1);
    const years = new BitSet(YEARS);
    for (let year = 0; year < YEARS; year++) {
      if (hasDays[yearTypeOf(year)] && this.rule?.years?.has(year) !== false) years.add(year);
    }
    return years;
  }
}
