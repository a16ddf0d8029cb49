import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CalendarIntervalTrigger } from '../../../../lib/engine/triggers/calendar-interval.trigger.js';
import type { CalendarIntervalTriggerOptions } from '../../../../lib/engine/triggers/options.js';
import { faultsOf, faultyFields } from './faults.js';
import { fires, firesBefore } from './fires.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const context = { now, timezone: 'Europe/Berlin' };
const again = (trigger: CalendarIntervalTrigger): CalendarIntervalTrigger => {
  const { type: _type, ...options } = JSON.parse(JSON.stringify(trigger)) as { type: string };
  return new CalendarIntervalTrigger(options);
};

describe('CalendarIntervalTrigger', () => {
  it('fires at its time on its first day and then at its distance', () => {
    const options = { weeks: 2, hour: 8, minute: 30, second: 5, startDate: '2030-01-07', timezone: 'America/New_York' };
    expect(fires(new CalendarIntervalTrigger(options), '2029-01-01T00:00Z', 3)).toEqual([
      '2030-01-07T08:30:05-05:00',
      '2030-01-21T08:30:05-05:00',
      '2030-02-04T08:30:05-05:00',
    ]);
  });

  it('keeps the time on the wall over daylight saving', () => {
    const trigger = new CalendarIntervalTrigger({
      days: 1,
      hour: 12,
      startDate: '2026-03-28',
      timezone: 'Europe/Berlin',
    });
    expect(fires(trigger, '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T12:00:00+01:00',
      '2026-03-29T12:00:00+02:00',
      '2026-03-30T12:00:00+02:00',
    ]);
  });

  it('passes over the months that lack its day', () => {
    const trigger = new CalendarIntervalTrigger({ months: 1, hour: 6, startDate: '2026-01-31', timezone: 'UTC' });
    expect(fires(trigger, '2026-01-01T00:00Z', 4)).toEqual([
      '2026-01-31T06:00:00+00:00',
      '2026-03-31T06:00:00+00:00',
      '2026-05-31T06:00:00+00:00',
      '2026-07-31T06:00:00+00:00',
    ]);
  });

  it('passes over the years that lack 29 February', () => {
    const trigger = new CalendarIntervalTrigger({ years: 1, startDate: '2092-02-29', timezone: 'UTC' });
    expect(fires(trigger, '2092-01-01T00:00Z', 3)).toEqual([
      '2092-02-29T00:00:00+00:00',
      '2096-02-29T00:00:00+00:00',
      '2104-02-29T00:00:00+00:00',
    ]);
    expect(firesBefore(trigger, '2104-02-29T00:00Z', 5)).toEqual([
      '2096-02-29T00:00:00+00:00',
      '2092-02-29T00:00:00+00:00',
    ]);
  });

  /*
   * Daylight saving, by APScheduler's rule (apscheduler/triggers/calendarinterval.py, 3.11): "If the resulting datetime
   * is invalid due to a daylight saving forward shift, the date is discarded and the process moves on to the next date.
   * If instead the datetime is ambiguous due to a backward DST shift, the earlier of the two resulting datetimes is used."
   * Not Debian cron's, by which cron triggers run a swallowed time right after the gap.
   */
  describe('where clocks change', () => {
    // Berlin 2016-03-27: 02:00 becomes 03:00. tests/triggers/test_calendarinterval.py, test_missing_time.
    it('leaves a day out whose gap swallows the time', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 2,
        minute: 30,
        startDate: '2016-03-26',
        timezone: 'Europe/Berlin',
      });
      expect(fires(trigger, '2016-03-26T00:00Z', 2)).toEqual([
        '2016-03-26T02:30:00+01:00',
        '2016-03-28T02:30:00+02:00',
      ]);
      expect(firesBefore(trigger, '2016-03-28T00:00Z', 1)).toEqual(['2016-03-26T02:30:00+01:00']);
    });

    it('counts on from the day that was left out', () => {
      const options = {
        days: 2,
        hour: 2,
        minute: 30,
        startDate: '2016-03-25',
        timezone: 'Europe/Berlin',
      };
      expect(fires(new CalendarIntervalTrigger(options), '2016-03-25T00:00Z', 2)).toEqual([
        '2016-03-25T02:30:00+01:00',
        '2016-03-29T02:30:00+02:00',
      ]);
    });

    // New York 2027-03-14: 02:00 becomes 03:00.
    it('fires on the edges of a gap', () => {
      const at = (hour: number, minute: number): string[] =>
        fires(
          new CalendarIntervalTrigger({
            years: 1,
            hour,
            minute,
            second: minute,
            startDate: '2027-03-14',
            timezone: 'America/New_York',
          }),
          '2027-01-01T00:00Z',
          1,
        );
      expect(at(1, 59)).toEqual(['2027-03-14T01:59:59-05:00']);
      expect(at(2, 0)).toEqual(['2028-03-14T02:00:00-04:00']);
      expect(at(2, 59)).toEqual(['2028-03-14T02:59:59-04:00']);
      expect(at(3, 0)).toEqual(['2027-03-14T03:00:00-04:00']);
    });

    // Berlin 2016-10-30: 03:00 becomes 02:00. tests/triggers/test_calendarinterval.py, test_repeated_time.
    it('fires the first of two equal times only', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 2,
        minute: 30,
        startDate: '2016-10-29',
        timezone: 'Europe/Berlin',
      });
      expect(fires(trigger, '2016-10-30T00:00Z', 2)).toEqual([
        '2016-10-30T02:30:00+02:00',
        '2016-10-31T02:30:00+01:00',
      ]);
      expect(firesBefore(trigger, '2016-10-31T00:00Z', 1)).toEqual(['2016-10-30T02:30:00+02:00']);
      // Between the two passes.
      expect(fires(trigger, '2016-10-30T00:45Z', 1)).toEqual(['2016-10-31T02:30:00+01:00']);
    });

    // Cairo 2026-10-29, a Thursday: at midnight clocks go back to 23:00, so that 23:30 comes twice.
    it('knows a time before midnight that comes again after it', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 23,
        minute: 30,
        startDate: '2026-10-29',
        timezone: 'Africa/Cairo',
      });
      expect(fires(trigger, '2026-10-29T00:00Z', 2)).toEqual([
        '2026-10-29T23:30:00+03:00',
        '2026-10-30T23:30:00+02:00',
      ]);
      expect(firesBefore(trigger, '2026-10-29T21:45Z', 1)).toEqual(['2026-10-29T23:30:00+03:00']);
    });

    // Cairo 2026-04-24, a Friday: midnight becomes 01:00.
    it('leaves a day out that has no midnight', () => {
      const trigger = new CalendarIntervalTrigger({ days: 1, startDate: '2026-04-23', timezone: 'Africa/Cairo' });
      expect(fires(trigger, '2026-04-22T00:00Z', 2)).toEqual([
        '2026-04-23T00:00:00+02:00',
        '2026-04-25T00:00:00+03:00',
      ]);
    });

    // Apia skipped 2011-12-30 when it moved over the date line.
    it('leaves a day out that the calendar of a place has lost', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 9,
        startDate: '2011-12-29',
        endDate: '2011-12-31',
        timezone: 'Pacific/Apia',
      });
      expect(fires(trigger, '2011-12-01T00:00Z', 9)).toEqual([
        '2011-12-29T09:00:00-10:00',
        '2011-12-31T09:00:00+14:00',
      ]);
    });

    // Lord Howe 2026-10-04: 02:00 becomes 02:30.
    it('knows a gap of half an hour', () => {
      const at = (minute: number): string[] =>
        fires(
          new CalendarIntervalTrigger({
            days: 1,
            hour: 2,
            minute,
            startDate: '2026-10-04',
            timezone: 'Australia/Lord_Howe',
          }),
          '2026-10-01T00:00Z',
          1,
        );
      expect(at(15)).toEqual(['2026-10-05T02:15:00+11:00']);
      expect(at(30)).toEqual(['2026-10-04T02:30:00+11:00']);
    });
  });

  describe('between its dates', () => {
    it('fires on its last day, whatever the time', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 23,
        startDate: '2030-01-01',
        endDate: '2030-01-02',
        timezone: 'Asia/Tokyo',
      });
      expect(fires(trigger, '2029-01-01T00:00Z', 9)).toEqual([
        '2030-01-01T23:00:00+09:00',
        '2030-01-02T23:00:00+09:00',
      ]);
      expect(firesBefore(trigger, '2031-01-01T00:00Z', 9)).toHaveLength(2);
    });

    it('minds the instant where one is given', () => {
      const trigger = new CalendarIntervalTrigger({
        days: 1,
        hour: 9,
        startDate: '2030-01-01T12:00',
        endDate: '2030-01-04T08:00',
        timezone: 'UTC',
      });
      const expected = ['2030-01-02T09:00:00+00:00', '2030-01-03T09:00:00+00:00'];
      expect(fires(trigger, '2029-01-01T00:00Z', 9)).toEqual(expected);
      expect(firesBefore(trigger, '2031-01-01T00:00Z', 9)).toEqual(expected.toReversed());
    });

    it('begins on the day that its first instant has in its zone', () => {
      const options = { months: 1, hour: 9, startDate: new Date('2030-01-31T20:00:00Z'), timezone: 'Asia/Tokyo' };
      expect(fires(new CalendarIntervalTrigger(options), '2029-01-01T00:00Z', 2)).toEqual([
        '2030-02-01T09:00:00+09:00',
        '2030-03-01T09:00:00+09:00',
      ]);
    });

    it('answers the instant itself when it is one of its times', () => {
      const trigger = new CalendarIntervalTrigger({ days: 1, startDate: '2030-01-01', timezone: 'UTC' });
      const time = Date.parse('2030-01-05T00:00Z');
      expect(trigger.next(null, time)).toBe(time);
      expect(trigger.next(time, now)).toBe(time + 86_400_000);
      expect(trigger.previous(time)).toBe(time - 86_400_000);
      expect(trigger.previous(time + 1)).toBe(time);
    });

    it('keeps its days when it goes on from a time beside them', () => {
      const trigger = new CalendarIntervalTrigger({ days: 10, startDate: '2030-01-01', timezone: 'UTC' });
      expect(trigger.next(Date.parse('2030-01-05T07:00Z'), now)).toBe(Date.parse('2030-01-11T00:00Z'));
    });
  });

  describe('left open', () => {
    it('begins on the day it is anchored, at its time if that is still to come', () => {
      const morning = new CalendarIntervalTrigger({ days: 3, hour: 9 }).anchor(context);
      expect(morning.toJSON()).toEqual({
        type: 'calendarinterval',
        days: 3,
        hour: 9,
        startDate: '2026-01-01',
        timezone: 'Europe/Berlin',
      });
      expect(fires(morning, '2026-01-01T07:59Z', 1)).toEqual(['2026-01-01T09:00:00+01:00']);
      expect(fires(morning, '2026-01-01T08:01Z', 1)).toEqual(['2026-01-04T09:00:00+01:00']);
      expect(morning.anchor({ now: 0, timezone: 'UTC' })).toBe(morning);
    });

    it('takes the day of the zone that it is anchored in', () => {
      const trigger = new CalendarIntervalTrigger({ days: 1 }).anchor({ now, timezone: 'America/New_York' });
      expect(trigger.toJSON()).toMatchObject({ startDate: '2025-12-31', timezone: 'America/New_York' });
    });

    it('counts from now, or from the time before', () => {
      const trigger = new CalendarIntervalTrigger({ days: 3, hour: 9, timezone: 'UTC' });
      expect(trigger.next(null, now)).toBe(Date.parse('2026-01-01T09:00Z'));
      expect(trigger.next(Date.parse('2026-01-01T09:00Z'), now)).toBe(Date.parse('2026-01-04T09:00Z'));
      expect(trigger.previous(now)).toBeNull();
    });

    it('has ended, and is no error, when it is anchored after its last day', () => {
      const trigger = new CalendarIntervalTrigger({ days: 1, endDate: '2025-12-31', timezone: 'UTC' }).anchor(context);
      expect(trigger.next(null, now)).toBeNull();
      expect(again(trigger).next(null, now)).toBeNull();
    });
  });

  it('writes the parts that it was given, and days as days', () => {
    const options = {
      years: 0,
      months: 14,
      hour: 0,
      minute: 5,
      startDate: '2030-1-5',
      endDate: '2031-01-01T00:00-03:30',
      timezone: 'Asia/Tokyo',
      jitter: 2,
    };
    expect(new CalendarIntervalTrigger(options).toJSON()).toEqual({
      type: 'calendarinterval',
      months: 14,
      minute: 5,
      startDate: '2030-01-05',
      endDate: '2031-01-01T00:00:00-03:30',
      timezone: 'Asia/Tokyo',
      jitter: 2,
    });
  });

  it.each<[CalendarIntervalTriggerOptions, string[]]>([
    [{}, ['days']],
    [{ weeks: 0, days: 0 }, ['weeks', 'days']],
    [{ years: 1, startDate: '2030-01-02', endDate: '2030-01-01' }, ['endDate']],
    [{ years: 1, startDate: '2030-01-01T12:00Z', endDate: '2030-01-01T11:00Z' }, ['endDate']],
    [{ years: 1.5, hour: 24, minute: -1, second: 60 }, ['years', 'hour', 'minute', 'second']],
    [{ days: 1, startDate: '2030-02-30', timezone: 'Mars' }, ['timezone', 'startDate']],
  ])('refuses %o', (options, fields) => {
    expect(faultyFields(() => new CalendarIntervalTrigger(options))).toEqual(fields);
  });

  it('names the value that it refuses', () => {
    expect(faultsOf(() => new CalendarIntervalTrigger({ days: 1, hour: 24 }))).toEqual([
      'hour must be a whole number between 0 and 23, got 24',
    ]);
    const ends = { startDate: '2030-01-02', endDate: '2030-1-1' };
    expect(faultsOf(() => new CalendarIntervalTrigger({ days: 1, ...ends }))).toEqual([
      'endDate must not be before startDate (2030-01-02), got 2030-01-01',
    ]);
  });
});

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe', 'America/Santiago'];
const instants = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2060, 0, 1) });
const days = instants.map((instant) => new Date(instant).toISOString().slice(0, 10));
const dates = fc.oneof(
  days,
  instants,
  days.map((day) => `${day}T12:30`),
  days.map((day) => `${day} 12:30Z`),
);
const distance = fc
  .record({ years: fc.nat(3), months: fc.nat(14), weeks: fc.nat(5), days: fc.nat(40) })
  .filter((parts) => Object.values(parts).some((part) => part > 0));
const time = fc.record({ hour: fc.constantFrom(0, 1, 2, 3, 12, 23), minute: fc.nat(59), second: fc.nat(59) });
const bounds = fc.record(
  { startDate: dates, endDate: dates, timezone: fc.constantFrom(...zones), jitter: fc.nat(10) },
  { requiredKeys: [] },
);
const triggers = fc
  .tuple(distance, time, bounds)
  .map((parts) => Object.assign({}, ...parts) as CalendarIntervalTriggerOptions)
  .map((options) => {
    try {
      const trigger = new CalendarIntervalTrigger(options);
      // An end that is an instant may be before a start that is a day, where the day is another zone's.
      for (const timezone of ['America/Santiago', 'Africa/Cairo']) trigger.anchor({ now: 0, timezone });
      return trigger;
    } catch {
      return undefined;
    }
  })
  .filter((trigger) => trigger !== undefined);

describe('any calendar interval', () => {
  it('moves forward, and back again to where it was', () => {
    fc.assert(
      fc.property(triggers, instants, (open, instant) => {
        const trigger = open.anchor({ now: instant, timezone: 'America/Santiago' });
        const first = trigger.next(null, instant);
        if (first === null) return;
        expect(first).toBeGreaterThanOrEqual(instant);
        expect(trigger.next(first - 1, instant)).toBe(first);
        expect(trigger.previous(first + 1)).toBe(first);
        const second = trigger.next(first, instant);
        if (second === null) return;
        expect(second).toBeGreaterThan(first);
        expect(trigger.previous(second)).toBe(first);
        expect(trigger.next(Math.floor((first + second) / 2), instant)).toBe(second);
      }),
    );
  });

  it('survives JSON, before and after it is anchored', () => {
    fc.assert(
      fc.property(triggers, instants, (trigger, instant) => {
        const context = { now: instant, timezone: 'Africa/Cairo' };
        for (const it of [trigger, trigger.anchor(context)]) {
          const copy = again(it);
          expect(copy.toJSON()).toEqual(it.toJSON());
          expect(copy.anchor(context).toJSON()).toEqual(it.anchor(context).toJSON());
          expect(copy.next(null, instant)).toBe(it.next(null, instant));
          expect(copy.previous(instant)).toBe(it.previous(instant));
        }
      }),
    );
  });
});
