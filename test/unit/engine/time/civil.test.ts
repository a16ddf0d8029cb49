import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DAY_MS,
  dateOfEpochDay,
  dayOf,
  daysInMonth,
  epochDay,
  MAX_INSTANT,
  MIN_INSTANT,
  monthOf,
  weekdayOf,
  yearOf,
} from '../../../../lib/engine/time/civil.js';

describe('the calendar', () => {
  it('spans the years 1 to 9999', () => {
    expect(new Date(MIN_INSTANT).toISOString()).toBe('0001-01-01T00:00:00.000Z');
    expect(new Date(MAX_INSTANT).toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });

  it('agrees with Date on every day of it', () => {
    const firstDay = MIN_INSTANT / DAY_MS;
    const lastDay = Math.floor(MAX_INSTANT / DAY_MS);
    fc.assert(
      fc.property(fc.integer({ min: firstDay, max: lastDay }), (day) => {
        const expected = new Date(day * DAY_MS);
        const [year, month] = [expected.getUTCFullYear(), expected.getUTCMonth() + 1];
        const date = dateOfEpochDay(day);
        expect([yearOf(date), monthOf(date), dayOf(date)]).toEqual([year, month, expected.getUTCDate()]);
        expect(epochDay(yearOf(date), monthOf(date), dayOf(date))).toBe(day);
        expect(weekdayOf(day)).toBe((expected.getUTCDay() + 6) % 7);
        const nextMonth = new Date(expected);
        nextMonth.setUTCMonth(month, 1);
        const firstOfMonth = day - expected.getUTCDate() + 1;
        expect(daysInMonth(year, month)).toBe(nextMonth.getTime() / DAY_MS - firstOfMonth);
      }),
      { numRuns: 5000 },
    );
  });
});
