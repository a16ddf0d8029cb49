import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import type { CronFieldsOptions, CronTriggerOptions } from '../../../../lib/engine/triggers/options.js';
import { faultsOf, faultyFields } from './faults.js';
import { fires, firesBefore } from './fires.js';

const now = Date.parse('2026-01-01T00:00:00Z');

const days = (fields: CronFieldsOptions, from: string, count: number): string[] =>
  fires(new CronTrigger({ ...fields, timezone: 'UTC' }), from, count).map((time) => time.slice(0, 10));

const daysBefore = (fields: CronFieldsOptions, before: string, count: number): string[] =>
  firesBefore(new CronTrigger({ ...fields, timezone: 'UTC' }), before, count).map((time) => time.slice(0, 10));

describe('CronTrigger', () => {
  it('fires when all given fields match', () => {
    const trigger = new CronTrigger({ dayOfWeek: 'mon-fri', hour: '9-17', minute: '*/30', timezone: 'UTC' });
    expect(fires(trigger, '2026-01-02T16:45:00Z', 4)).toEqual([
      '2026-01-02T17:00:00+00:00',
      '2026-01-02T17:30:00+00:00',
      '2026-01-05T09:00:00+00:00',
      '2026-01-05T09:30:00+00:00',
    ]);
  });

  it('takes the present instant when it matches, but never a part of its second', () => {
    const trigger = new CronTrigger({ second: '*/10', timezone: 'UTC' });
    expect(trigger.next(null, now)).toBe(now);
    expect(trigger.next(null, now + 1)).toBe(now + 10_000);
    expect(trigger.next(now, now)).toBe(now + 10_000);
    expect(trigger.previous(now + 1)).toBe(now);
    expect(trigger.previous(now)).toBe(now - 10_000);
  });

  it.each<[CronFieldsOptions, string[]]>([
    [{}, ['2026-01-01T00:00:00+00:00', '2026-01-01T00:00:01+00:00']],
    [{ minute: 5 }, ['2026-01-01T00:05:00+00:00', '2026-01-01T01:05:00+00:00']],
    [{ hour: 5 }, ['2026-01-01T05:00:00+00:00', '2026-01-02T05:00:00+00:00']],
    [{ dayOfWeek: 6 }, ['2026-01-04T00:00:00+00:00', '2026-01-11T00:00:00+00:00']],
    [{ week: 3 }, ['2026-01-12T00:00:00+00:00', '2026-01-13T00:00:00+00:00']],
    [{ month: 5 }, ['2026-05-01T00:00:00+00:00', '2027-05-01T00:00:00+00:00']],
    [{ year: '2030-2031' }, ['2030-01-01T00:00:00+00:00', '2031-01-01T00:00:00+00:00']],
    [{ month: 5, hour: 3 }, ['2026-05-01T03:00:00+00:00', '2026-05-02T03:00:00+00:00']],
    [{ year: 2030, second: 30 }, ['2030-01-01T00:00:30+00:00', '2030-01-01T00:01:30+00:00']],
  ])('fills what %o leaves open: anything above, the least below', (fields, expected) => {
    expect(fires(new CronTrigger({ ...fields, timezone: 'UTC' }), '2026-01-01T00:00:00Z', 2)).toEqual(expected);
  });

  it('knows the days of the calendar that have names', () => {
    expect(days({ day: 'last' }, '2028-01-15T00:00Z', 4)).toEqual([
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
      '2028-04-30',
    ]);
    expect(days({ day: '3rd fri' }, '2026-01-01T00:00Z', 3)).toEqual(['2026-01-16', '2026-02-20', '2026-03-20']);
    expect(days({ day: 'last sun' }, '2026-01-01T00:00Z', 3)).toEqual(['2026-01-25', '2026-02-22', '2026-03-29']);
    expect(days({ day: '5th fri' }, '2026-01-01T00:00Z', 3)).toEqual(['2026-01-30', '2026-05-29', '2026-07-31']);
    expect(days({ day: '1st mon,last fri,15' }, '2026-01-01T00:00Z', 4)).toEqual([
      '2026-01-05',
      '2026-01-15',
      '2026-01-30',
      '2026-02-02',
    ]);
  });

  it('knows ISO weeks that reach into another year', () => {
    // 2026-W53 is Monday 28 December 2026 to Sunday 3 January 2027; 2029-W01 begins on 1 January 2029.
    expect(days({ week: 53 }, '2026-01-01T00:00Z', 8)).toEqual([
      '2026-12-28',
      '2026-12-29',
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
      '2027-01-03',
      '2032-12-27',
    ]);
    expect(days({ week: 1, dayOfWeek: 'mon' }, '2024-01-02T00:00Z', 4)).toEqual([
      '2024-12-30',
      '2025-12-29',
      '2027-01-04',
      '2028-01-03',
    ]);
  });

  it('finds what is rare, forward and backward', () => {
    const leapMonday: CronFieldsOptions = { month: 2, day: 29, dayOfWeek: 'mon' };
    expect(days(leapMonday, '2026-01-01T00:00Z', 4)).toEqual(['2044-02-29', '2072-02-29', '2112-02-29', '2140-02-29']);
    expect(daysBefore(leapMonday, '2112-02-29T00:00Z', 4)).toEqual([
      '2072-02-29',
      '2044-02-29',
      '2016-02-29',
      '1988-02-29',
    ]);
    expect(days({ year: '1970,9999', month: 12, day: 31 }, '1970-12-31T12:00Z', 2)).toEqual(['9999-12-31']);
    expect(daysBefore({ year: '1970,9999', month: 12, day: 31 }, '9999-12-31T00:00Z', 2)).toEqual(['1970-12-31']);
  });

  it('has no time before 1970 or after 9999', () => {
    const trigger = new CronTrigger({ timezone: '+02:00' });
    expect(trigger.next(null, Date.parse('1900-01-01T00:00Z'))).toBe(Date.parse('1970-01-01T00:00+02:00'));
    expect(trigger.previous(Date.parse('1970-01-01T00:00+02:00'))).toBeNull();
    expect(trigger.next(Date.parse('9999-12-31T23:59:59+02:00'), now)).toBeNull();
    expect(trigger.previous(Infinity)).toBe(Date.parse('9999-12-31T23:59:59+02:00'));
    expect(trigger.next(null, Infinity)).toBeNull();
    expect(trigger.previous(-Infinity)).toBeNull();
    const west = new CronTrigger({ timezone: '-02:00' });
    expect(west.next(null, Date.parse('9999-12-31T23:59:59.500Z'))).toBeNull();
  });

  it('stays within its start and its end, which both count', () => {
    const trigger = new CronTrigger({
      hour: 0,
      startDate: '2030-01-01',
      endDate: '2030-01-03 00:00',
      timezone: 'Europe/Berlin',
    });
    const all = ['2030-01-01T00:00:00+01:00', '2030-01-02T00:00:00+01:00', '2030-01-03T00:00:00+01:00'];
    expect(fires(trigger, '2026-01-01T00:00Z', 9)).toEqual(all);
    expect(firesBefore(trigger, '2040-01-01T00:00Z', 9)).toEqual(all.toReversed());
    expect(trigger.next(Date.parse('2029-06-01T00:00Z'), now)).toBe(Date.parse('2030-01-01T00:00+01:00'));
  });

  it('refuses, where it is made, what can never fire', () => {
    expect(faultsOf(() => new CronTrigger({ month: 2, day: 30 }))).toEqual([
      'day can never match: no date has all of {"month":"2","day":"30"}',
    ]);
    expect(faultyFields(() => new CronTrigger({ month: '4,6', day: 31, hour: 5 }))).toEqual(['day']);
    expect(faultyFields(() => new CronTrigger({ day: '1st mon', dayOfWeek: 'tue' }))).toEqual(['dayOfWeek']);
    expect(faultyFields(() => new CronTrigger({ year: 2027, month: 2, day: 29 }))).toEqual(['day']);
    expect(faultyFields(() => new CronTrigger({ week: 53, month: 6 }))).toEqual(['week']);
    // A Sunday that is 1 January belongs to a week of the old year with its Thursday on 29 December: the 52nd.
    expect(faultyFields(() => new CronTrigger({ week: 53, dayOfWeek: 'sun', month: 1, day: 1 }))).toEqual([
      'dayOfWeek',
    ]);
  });

  it('is read in the computer’s zone until it is anchored in the scheduler’s', () => {
    const trigger = new CronTrigger({ hour: 9, startDate: '2030-07-01 09:00' });
    const anchored = trigger.anchor({ now, timezone: 'America/New_York' });
    expect(anchored.timezone).toBe('America/New_York');
    expect(anchored.next(null, now)).toBe(Date.parse('2030-07-01T13:00:00Z'));
    expect(anchored.anchor({ now, timezone: 'UTC' })).toBe(anchored);
  });

  it.each<[string, CronTriggerOptions, string]>([
    ['the option', { hour: 1, timezone: 'europe/berlin', startDate: '2030-01-01T00:00+05:00' }, 'Europe/Berlin'],
    [
      'the offset in its start',
      { hour: 1, startDate: '2030-01-01T00:00+05:00', endDate: '2031-01-01T00:00Z' },
      '+05:00',
    ],
    ['the offset in its end', { hour: 1, startDate: '2030-01-01', endDate: '2031-01-01T00:00-03:00' }, '-03:00'],
    ['the scheduler’s zone', { hour: 1, startDate: new Date(now) }, 'Asia/Tokyo'],
  ])('takes its zone from %s', (_, options, expected) => {
    expect(new CronTrigger(options).anchor({ now, timezone: 'Asia/Tokyo' }).timezone).toBe(expected);
  });

  it('writes only what it was given, as APScheduler writes it', () => {
    expect(new CronTrigger({ day: 'LAST', hour: 3 }).toJSON()).toEqual({ type: 'cron', day: 'last', hour: '3' });
    expect(
      new CronTrigger({
        dayOfWeek: 'MON-fri',
        minute: ' */1',
        startDate: '2030-1-1',
        timezone: 'UTC',
        jitter: 3,
      }).toJSON(),
    ).toEqual({
      type: 'cron',
      dayOfWeek: 'mon-fri',
      minute: '*/1',
      startDate: '2030-01-01T00:00:00+00:00',
      timezone: 'UTC',
      jitter: 3,
    });
  });
});

const field = (min: number, max: number): fc.Arbitrary<string | number> =>
  fc.oneof(
    fc.integer({ min, max }),
    fc.constant('*'),
    fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
    fc.array(fc.integer({ min, max }), { minLength: 2, maxLength: 3 }).map((values) => values.join(',')),
  );
const cronFields = fc.record(
  {
    year: field(2020, 2050).map((year) => (String(year).startsWith('*') ? '*' : year)),
    month: field(1, 12),
    day: fc.oneof(field(1, 31), fc.constantFrom('last', '2nd tue', 'last fri')),
    week: field(1, 53),
    dayOfWeek: field(0, 6),
    hour: field(0, 23),
    minute: field(0, 59),
    second: field(0, 59),
    startDate: fc.constantFrom('2021-03-04', '2022-01-01T05:00+03:00', new Date('2020-06-01T00:00Z')),
    endDate: fc.constantFrom('2045-03-04', '2046-01-01T05:00Z', Date.parse('2047-06-01T00:00Z')),
    timezone: fc.constantFrom('UTC', '-03:30', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe'),
    jitter: fc.nat(10),
  },
  { requiredKeys: [] },
);
const triggers = cronFields
  .map((options) => {
    try {
      return new CronTrigger(options);
    } catch {
      return undefined;
    }
  })
  .filter((trigger) => trigger !== undefined);
const instants = fc.integer({ min: Date.UTC(2019, 0, 1), max: Date.UTC(2048, 0, 1) });
const context = { now, timezone: 'Africa/Cairo' };

describe('any cron trigger', () => {
  it('moves forward, and back again to where it was', () => {
    fc.assert(
      fc.property(triggers, instants, (trigger, instant) => {
        const first = trigger.next(null, instant);
        const last = trigger.previous(instant);
        if (last !== null) {
          expect(last).toBeLessThan(instant);
          expect(trigger.next(last, instant)).toBe(first);
        }
        if (first === null) return;
        expect(first).toBeGreaterThanOrEqual(instant);
        expect(trigger.previous(first)).toBe(last);
        const second = trigger.next(first, instant);
        if (second === null) return;
        expect(second).toBeGreaterThan(first);
        expect(trigger.previous(second)).toBe(first);
        expect(trigger.next(null, first + 1)).toBe(second);
      }),
      { numRuns: 500 },
    );
  });

  it('survives JSON, before and after it is anchored', () => {
    fc.assert(
      fc.property(triggers, instants, (trigger, instant) => {
        for (const it of [trigger, trigger.anchor(context)]) {
          const { type: _type, ...options } = JSON.parse(JSON.stringify(it)) as { type: string } & CronFieldsOptions;
          const copy = new CronTrigger(options);
          expect(copy.toJSON()).toEqual(it.toJSON());
          expect(copy.anchor(context).toJSON()).toEqual(it.anchor(context).toJSON());
          expect(copy.next(null, instant)).toBe(it.next(null, instant));
          expect(copy.previous(instant)).toBe(it.previous(instant));
        }
      }),
      { numRuns: 500 },
    );
  });
});
