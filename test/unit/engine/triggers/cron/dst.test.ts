import { describe, expect, it } from 'vitest';
import { formatDate, parseDate } from '../../../../../lib/engine/time/iso-date.js';
import { CronTrigger } from '../../../../../lib/engine/triggers/cron.trigger.js';
import type { CronFieldsOptions } from '../../../../../lib/engine/triggers/options.js';
import { fires, firesBefore } from '../fires.js';

/*
 * Worked out by hand from the rules of the tz database (files northamerica, europe, australasia, africa, asia,
 * southamerica), quoted at each group, and from Debian cron's rule (cron(8), "Debian specific"): fixed times that
 * a gap swallows run once at its end, those that an overlap repeats run in its first pass; jobs whose hour or
 * minute begins with `*` follow the clock.
 *
 * Each case lists every time between two instants, so that nothing may come twice or go missing;
 * read backwards, they must be the same.
 */
interface Case {
  why: string;
  fields: CronFieldsOptions;
  from: string;
  to: string;
  expected: string[];
}

const zones: Record<string, Case[]> = {
  // Rule US 2007 max: Mar Sun>=8 2:00 +1:00, Nov Sun>=1 2:00 0. In 2026: 8 March and 1 November.
  'America/New_York': [
    {
      why: 'a fixed time in the gap fires at its end',
      fields: { hour: 2, minute: 30 },
      from: '2026-03-07T00:00-05:00',
      to: '2026-03-10T00:00-04:00',
      expected: ['2026-03-07T02:30:00-05:00', '2026-03-08T03:00:00-04:00', '2026-03-09T02:30:00-04:00'],
    },
    {
      why: 'several fixed times in one gap fire once, and not again when its end is one of them',
      fields: { hour: '1-3', minute: '0,20,40' },
      from: '2026-03-08T01:30-05:00',
      to: '2026-03-08T04:00-04:00',
      expected: [
        '2026-03-08T01:40:00-05:00',
        '2026-03-08T03:00:00-04:00',
        '2026-03-08T03:20:00-04:00',
        '2026-03-08T03:40:00-04:00',
      ],
    },
    {
      why: 'every second of a fixed minute in the gap is made up by one time',
      fields: { hour: 2, minute: 15, second: '*' },
      from: '2026-03-08T00:00-05:00',
      to: '2026-03-09T00:00-04:00',
      expected: ['2026-03-08T03:00:00-04:00'],
    },
    {
      why: 'a wildcard minute in the gap is not made up',
      fields: { hour: 2, minute: '*/30' },
      from: '2026-03-07T12:00-05:00',
      to: '2026-03-09T02:15-04:00',
      expected: ['2026-03-09T02:00:00-04:00'],
    },
    {
      why: 'a wildcard hour goes on after the gap',
      fields: { hour: '*' },
      from: '2026-03-08T00:30-05:00',
      to: '2026-03-08T05:00-04:00',
      expected: ['2026-03-08T01:00:00-05:00', '2026-03-08T03:00:00-04:00', '2026-03-08T04:00:00-04:00'],
    },
    {
      why: 'a fixed time in the overlap fires in its first pass only',
      fields: { hour: 1, minute: 30 },
      from: '2026-10-31T12:00-04:00',
      to: '2026-11-02T12:00-05:00',
      expected: ['2026-11-01T01:30:00-04:00', '2026-11-02T01:30:00-05:00'],
    },
    {
      why: 'a wildcard fires in both hours of the overlap',
      fields: { hour: '*', minute: 30 },
      from: '2026-11-01T00:00-04:00',
      to: '2026-11-01T03:00-05:00',
      expected: [
        '2026-11-01T00:30:00-04:00',
        '2026-11-01T01:30:00-04:00',
        '2026-11-01T01:30:00-05:00',
        '2026-11-01T02:30:00-05:00',
      ],
    },
    {
      why: 'the text decides: 0-23 is fixed where * is not',
      fields: { hour: '0-23', minute: 30 },
      from: '2026-11-01T00:00-04:00',
      to: '2026-11-01T03:00-05:00',
      expected: ['2026-11-01T00:30:00-04:00', '2026-11-01T01:30:00-04:00', '2026-11-01T02:30:00-05:00'],
    },
    {
      why: 'the last year of an expression ends with the second pass, not with the first',
      fields: { year: 2026, month: 11, day: 1, hour: '0-1', minute: '*/30' },
      from: '2026-11-01T01:00-04:00',
      to: '2027-01-01T00:00-05:00',
      expected: [
        '2026-11-01T01:00:00-04:00',
        '2026-11-01T01:30:00-04:00',
        '2026-11-01T01:00:00-05:00',
        '2026-11-01T01:30:00-05:00',
      ],
    },
  ],
  // Rule EU 1981 max: Mar lastSun 1:00u +1:00; 1996 max: Oct lastSun 1:00u 0. In 2026: 29 March and 25 October.
  'Europe/London': [
    {
      why: 'a fixed time in the gap fires at its end',
      fields: { hour: 1, minute: 15 },
      from: '2026-03-28T12:00Z',
      to: '2026-03-30T12:00+01:00',
      expected: ['2026-03-29T02:00:00+01:00', '2026-03-30T01:15:00+01:00'],
    },
    {
      why: 'midnight after the change is not lost',
      fields: { hour: 0 },
      from: '2026-03-29T00:00Z',
      to: '2026-03-31T12:00+01:00',
      expected: ['2026-03-29T00:00:00+00:00', '2026-03-30T00:00:00+01:00', '2026-03-31T00:00:00+01:00'],
    },
    {
      why: 'a fixed time in the overlap fires in its first pass only',
      fields: { hour: 1, minute: '0,45' },
      from: '2026-10-25T00:00+01:00',
      to: '2026-10-26T00:00Z',
      expected: ['2026-10-25T01:00:00+01:00', '2026-10-25T01:45:00+01:00'],
    },
    {
      why: 'a wildcard fires in both passes',
      fields: { hour: '1', minute: '*/45' },
      from: '2026-10-25T00:00+01:00',
      to: '2026-10-26T00:00Z',
      expected: [
        '2026-10-25T01:00:00+01:00',
        '2026-10-25T01:45:00+01:00',
        '2026-10-25T01:00:00+00:00',
        '2026-10-25T01:45:00+00:00',
      ],
    },
  ],
  // Rule LH 2008 max: Apr Sun>=1 2:00 0; Oct Sun>=1 2:00 0:30. In 2026: back from 2:00 to 1:30 on 5 April,
  // forward from 2:00 to 2:30 on 4 October.
  'Australia/Lord_Howe': [
    {
      why: 'a fixed time in the gap of half an hour fires at 02:30, one after it at its own time',
      fields: { hour: 2, minute: '10,40' },
      from: '2026-10-04T00:00+10:30',
      to: '2026-10-05T00:00+11:00',
      expected: ['2026-10-04T02:30:00+11:00', '2026-10-04T02:40:00+11:00'],
    },
    {
      why: 'only the repeated half of the hour is repeated for a wildcard',
      fields: { hour: 1, minute: '*/15' },
      from: '2026-04-05T00:00+11:00',
      to: '2026-04-06T00:00+10:30',
      expected: [
        '2026-04-05T01:00:00+11:00',
        '2026-04-05T01:15:00+11:00',
        '2026-04-05T01:30:00+11:00',
        '2026-04-05T01:45:00+11:00',
        '2026-04-05T01:30:00+10:30',
        '2026-04-05T01:45:00+10:30',
      ],
    },
    {
      why: 'and not for a fixed time',
      fields: { hour: 1, minute: '15,45' },
      from: '2026-04-05T00:00+11:00',
      to: '2026-04-06T00:00+10:30',
      expected: ['2026-04-05T01:15:00+11:00', '2026-04-05T01:45:00+11:00'],
    },
  ],
  // Rule Egypt 2023 max: Apr lastFri 0:00 1:00; Oct lastThu 24:00 0. In 2026: 24 April and the end of 29 October.
  'Africa/Cairo': [
    {
      why: 'a midnight that does not exist is one o’clock',
      fields: { hour: 0 },
      from: '2026-04-23T12:00+02:00',
      to: '2026-04-25T12:00+03:00',
      expected: ['2026-04-24T01:00:00+03:00', '2026-04-25T00:00:00+03:00'],
    },
    {
      why: 'an hour before midnight that comes twice counts once',
      fields: { hour: 23, minute: 30 },
      from: '2026-10-29T12:00+03:00',
      to: '2026-10-31T00:00+02:00',
      expected: ['2026-10-29T23:30:00+03:00', '2026-10-30T23:30:00+02:00'],
    },
    {
      why: 'an hour before midnight that comes twice counts twice for a wildcard, though the day ended in between',
      fields: { hour: '*/23', minute: 30 },
      from: '2026-10-29T12:00+03:00',
      to: '2026-10-30T12:00+02:00',
      expected: ['2026-10-29T23:30:00+03:00', '2026-10-29T23:30:00+02:00', '2026-10-30T00:30:00+02:00'],
    },
  ],
  // Rule Lebanon 1993 max: Mar lastSun 0:00 1:00; 1999 max: Oct lastSun 0:00 0. In 2026: 29 March and 25 October.
  'Asia/Beirut': [
    {
      why: 'a midnight that does not exist is one o’clock, also on the day of the week that it was meant for',
      fields: { dayOfWeek: 'sun', hour: 0 },
      from: '2026-03-22T12:00+02:00',
      to: '2026-04-05T12:00+03:00',
      expected: ['2026-03-29T01:00:00+03:00', '2026-04-05T00:00:00+03:00'],
    },
    {
      why: 'a repeated hour of Saturday counts once',
      fields: { dayOfWeek: 'sat', hour: 23, minute: 15 },
      from: '2026-10-24T12:00+03:00',
      to: '2026-10-26T12:00+02:00',
      expected: ['2026-10-24T23:15:00+03:00'],
    },
  ],
  // Rule Chile 2023 max: Apr Sun>=2 3:00u 0; Sep Sun>=2 4:00u 1:00. In 2026: back at the end of 4 April,
  // forward at the midnight that 6 September begins with.
  'America/Santiago': [
    {
      why: 'several times in the midnight gap fire once, at one o’clock, which is one of them',
      fields: { hour: '0,1', minute: '0,30' },
      from: '2026-09-05T22:00-04:00',
      to: '2026-09-06T12:00-03:00',
      expected: ['2026-09-06T01:00:00-03:00', '2026-09-06T01:30:00-03:00'],
    },
    {
      why: 'the hour before midnight is repeated for a wildcard',
      fields: { hour: '*', minute: 45 },
      from: '2026-04-04T22:00-03:00',
      to: '2026-04-05T01:00-04:00',
      expected: [
        '2026-04-04T22:45:00-03:00',
        '2026-04-04T23:45:00-03:00',
        '2026-04-04T23:45:00-04:00',
        '2026-04-05T00:45:00-04:00',
      ],
    },
  ],
  // Rule Morocco 2026: Feb 15 3:00 -1:00, Mar 22 2:00 0: clocks go back for Ramadan and forward after it.
  'Africa/Casablanca': [
    {
      why: 'the hour that Ramadan repeats counts once',
      fields: { hour: 2, minute: 30 },
      from: '2026-02-14T12:00+01:00',
      to: '2026-02-16T12:00+00:00',
      expected: ['2026-02-15T02:30:00+01:00', '2026-02-16T02:30:00+00:00'],
    },
    {
      why: 'the hour that is skipped after Ramadan is made up for',
      fields: { hour: 2, minute: 30 },
      from: '2026-03-21T12:00+00:00',
      to: '2026-03-23T12:00+01:00',
      expected: ['2026-03-22T03:00:00+01:00', '2026-03-23T02:30:00+01:00'],
    },
  ],
  // Zone Pacific/Apia -11:00 WS -11/-10 2011 Dec 29 24:00, then 13:00 WS +13/+14: 30 December 2011 does not exist.
  // The gap is that day, and its end the midnight that 31 December begins with.
  'Pacific/Apia': [
    {
      why: 'a daily time of the lost day is made up for at the midnight after it',
      fields: { hour: 9 },
      from: '2011-12-29T00:00-10:00',
      to: '2012-01-01T00:00+14:00',
      expected: ['2011-12-29T09:00:00-10:00', '2011-12-31T00:00:00+14:00', '2011-12-31T09:00:00+14:00'],
    },
    {
      why: 'so is one that is meant for that day only',
      fields: { year: 2011, month: 12, day: 30, hour: '8,20' },
      from: '2011-01-01T00:00Z',
      to: '2013-01-01T00:00Z',
      expected: ['2011-12-31T00:00:00+14:00'],
    },
    {
      why: 'a wildcard takes no notice of it',
      fields: { hour: '*/12' },
      from: '2011-12-29T00:00-10:00',
      to: '2011-12-31T18:00+14:00',
      expected: [
        '2011-12-29T00:00:00-10:00',
        '2011-12-29T12:00:00-10:00',
        '2011-12-31T00:00:00+14:00',
        '2011-12-31T12:00:00+14:00',
      ],
    },
    {
      why: 'a wildcard that is meant for that day only never fires',
      fields: { year: 2011, month: 12, day: 30, hour: '*' },
      from: '2011-01-01T00:00Z',
      to: '2013-01-01T00:00Z',
      expected: [],
    },
  ],
  // Zone Africa/Monrovia -0:44:30 until 1972 Jan 7, then 0:00 GMT: the gap is 44 minutes and 30 seconds.
  'Africa/Monrovia': [
    {
      why: 'offsets with seconds are kept to the second',
      fields: { hour: 12 },
      from: '1972-01-05T18:00Z',
      to: '1972-01-07T18:00Z',
      expected: ['1972-01-06T12:00:00-00:44:30', '1972-01-07T12:00:00+00:00'],
    },
    {
      why: 'a gap may end within a minute',
      fields: { hour: 0, minute: '10,44,50' },
      from: '1972-01-06T12:00Z',
      to: '1972-01-07T12:00Z',
      expected: ['1972-01-07T00:44:30+00:00', '1972-01-07T00:50:00+00:00'],
    },
  ],
};

const DAY = 86_400_000;

const instant = (date: string): number => parseDate(date, 'date', 'UTC').epochMs;

describe.each(Object.entries(zones))('cron in %s', (timezone, cases) => {
  it.each(cases)('$why', ({ fields, from, to, expected }) => {
    const trigger = new CronTrigger({ ...fields, timezone });
    const isWithin = (time: string): boolean => instant(time) >= instant(from) && instant(time) < instant(to);

    expect(fires(trigger, from, 100).filter(isWithin)).toEqual(expected);
    expect(firesBefore(trigger, to, 100).filter(isWithin)).toEqual(expected.toReversed());
  });

  it.each(cases)('holds from every minute on the way: $why', ({ fields, from, to, expected }) => {
    const trigger = new CronTrigger({ ...fields, timezone });
    const [first, last, times] = [instant(from), instant(to), expected.map(instant)];
    const wrong: string[] = [];
    for (let now = first; now < Math.min(last, first + 4 * DAY); now += 60_000) {
      const next = trigger.next(null, now) ?? Infinity;
      const previous = trigger.previous(now) ?? -Infinity;
      const isNext = (next < last ? next : undefined) === times.find((time) => time >= now);
      const isPrevious = (previous >= first ? previous : undefined) === times.findLast((time) => time < now);
      if (!isNext || !isPrevious) wrong.push(formatDate(now, timezone));
    }
    expect(wrong).toEqual([]);
  });
});
