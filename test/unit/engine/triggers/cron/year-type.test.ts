import { describe, expect, it } from 'vitest';
import {
  daysOfYear,
  firstDayOf,
  YEAR_TYPES,
  yearOfDay,
  YEARS,
  yearTypeOf,
} from '../../../../../lib/engine/triggers/cron/year-type.js';

const DAY = 86_400_000;
const firstDay = (year: number): number => new Date(Date.UTC(1970 + year, 0, 1)).getTime() / DAY;

describe('the years of cron', () => {
  it('begin and end where those of Date do, and know their days', () => {
    for (let year = 0; year < YEARS; year++) {
      expect(firstDayOf(year)).toBe(firstDay(year));
      expect([yearOfDay(firstDay(year)), yearOfDay(firstDay(year + 1) - 1)]).toEqual([year, year]);
    }
    expect(firstDayOf(YEARS)).toBe(firstDay(YEARS));
  });

  it('have the calendar of their type', () => {
    const checked = new Set<number>();
    for (let year = 0; checked.size < YEAR_TYPES; year++) {
      const type = yearTypeOf(year);
      if (checked.has(type)) continue;
      checked.add(type);
      const calendar = daysOfYear(type);
      expect(firstDayOf(year) + calendar.length).toBe(firstDayOf(year + 1));
      calendar.forEach(({ month, day, monthLength, weekday, week }, dayOfYear) => {
        const date = new Date((firstDayOf(year) + dayOfYear) * DAY);
        const last = new Date(Date.UTC(1970 + year, month, 0)).getUTCDate();
        expect([month, day, monthLength]).toEqual([date.getUTCMonth() + 1, date.getUTCDate(), last]);
        expect(weekday).toBe((date.getUTCDay() + 6) % 7);
        expect(week).toBe(isoWeekOf(firstDayOf(year) + dayOfYear));
      });
    }
  });
});

/** The number of the week whose Thursday is in the same week as the day. */
function isoWeekOf(day: number): number {
  const thursday = new Date((day + 3 - ((((day + 3) % 7) + 7) % 7)) * DAY);
  return 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY));
}
