import { describe, expect, it } from 'vitest';
import {
  dayAt,
  formatDay,
  isDay,
  parseDay,
  startOfDay,
  timesOfDay,
} from '../../../../../lib/engine/triggers/calendar/calendar-day.js';
import { TimeZone } from '../../../../../lib/engine/time/time-zone.js';
import { faultsOf } from '../faults.js';

/** When a zone shows a day; what touches is joined. */
function shown(day: string, zone: string): string[] {
  const windows = timesOfDay(parseDay(day, 'day'), TimeZone.of(zone)).map(({ from, to }) => [from, to]);
  for (let index = windows.length - 1; index > 0; index--) {
    if (windows[index]?.[0] !== windows[index - 1]?.[1]) continue;
    windows[index - 1]?.splice(1, 1, windows[index]?.[1] ?? 0);
    windows.splice(index, 1);
  }
  return windows.map((window) => window.map((time) => new Date(time).toISOString().slice(0, 16)).join(' to '));
}

describe('A day of the calendar', () => {
  it.each(['2030-01-31', '2030-1-3'])('is written %s', (text) => expect(isDay(text)).toBe(true));

  it.each(['2030-01-31T00:00', '2030', 'soon', '', 20300131, new Date(), null])('is not written %j', (text) => {
    expect(isDay(text)).toBe(false);
  });

  it('is a number, and back', () => {
    expect(parseDay('1970-01-02', 'day')).toBe(1);
    expect(formatDay(parseDay('2030-1-3', 'day'))).toBe('2030-01-03');
    expect(faultsOf(() => parseDay('2030-02-30', 'day'))).toEqual([
      'day must be a day of the calendar, got "2030-02-30"',
    ]);
  });

  it('is what clocks show', () => {
    const instant = Date.parse('2030-01-01T23:30Z');
    expect(formatDay(dayAt(instant, TimeZone.of('Europe/Berlin')))).toBe('2030-01-02');
    expect(formatDay(dayAt(instant, TimeZone.of('UTC')))).toBe('2030-01-01');
  });

  it.each([
    ['2030-01-01', 'UTC', '2030-01-01T00:00 to 2030-01-02T00:00'],
    ['2030-01-01', '+05:30', '2029-12-31T18:30 to 2030-01-01T18:30'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00 to 2026-03-29T22:00'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00 to 2026-10-25T23:00'],
    // Cairo: midnight becomes 01:00, so that the day begins with that.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00 to 2026-04-24T21:00'],
    // Cairo: at midnight clocks go back to 23:00, so that the day before is 25 hours long.
    ['2026-10-29', 'Africa/Cairo', '2026-10-28T21:00 to 2026-10-29T22:00'],
    ['2026-10-30', 'Africa/Cairo', '2026-10-29T22:00 to 2026-10-30T22:00'],
  ])('%s in %s lasts from %s', (day, zone, expected) => {
    expect(shown(day, zone)).toEqual([expected]);
    expect(new Date(startOfDay(parseDay(day, 'day'), TimeZone.of(zone))).toISOString()).toBe(
      `${expected.slice(0, 16)}:00.000Z`,
    );
  });

  // St. John's, until 2011, turned its clocks at one minute past midnight: back to 23:01 of the day before.
  it('is shown twice where clocks go back over midnight', () => {
    expect(shown('2010-11-06', 'America/St_Johns')).toEqual([
      '2010-11-06T02:30 to 2010-11-07T02:30',
      '2010-11-07T02:31 to 2010-11-07T03:30',
    ]);
    expect(shown('2010-11-07', 'America/St_Johns')).toEqual([
      '2010-11-07T02:30 to 2010-11-07T02:31',
      '2010-11-07T03:30 to 2010-11-08T03:30',
    ]);
  });

  it('is never shown where a place has lost it, and begins with the next one', () => {
    expect(shown('2011-12-30', 'Pacific/Apia')).toEqual([]);
    expect(startOfDay(parseDay('2011-12-30', 'day'), TimeZone.of('Pacific/Apia'))).toBe(
      Date.parse('2011-12-31T00:00+14:00'),
    );
  });
});
