import { describe, expect, it } from 'vitest';
import {
  createTrigger,
  TRIGGER_OPTION_NAMES,
  triggerFromJson,
} from '../../../../lib/engine/triggers/trigger-factory.js';
import { faultsOf, faultyFields } from './faults.js';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('createTrigger', () => {
  it('makes each trigger of its name and options', () => {
    expect(createTrigger('date', { runDate: 1000 }).next(null, now)).toBe(1000);
    expect(createTrigger('interval', { seconds: 5, startDate: 0 }).next(null, 1)).toBe(5000);
    expect(createTrigger('cron', { hour: 5, timezone: 'UTC' }).next(null, now)).toBe(now + 5 * 3_600_000);
    expect(createTrigger('cron', { crontab: '0 5 * * *', timezone: 'UTC' }).next(null, now)).toBe(now + 5 * 3_600_000);
  });

  it('takes members that are undefined for absent', () => {
    const trigger = createTrigger('interval', { seconds: 5, minutes: undefined, bogus: undefined });
    expect(trigger.toJSON()).toEqual({ type: 'interval', seconds: 5 });
  });

  it.each(['weekly', '', 'Cron', 'constructor', '__proto__'])(
    'refuses the name %j and tells the known ones',
    (type) => {
      expect(faultsOf(() => createTrigger(type, {}))).toEqual([
        `trigger must be one of date, interval, cron, calendarinterval, got ${JSON.stringify(type)}`,
      ]);
    },
  );

  it('tells every fault at once', () => {
    const options = { minute: '61,x', hour: {}, startDate: 'soon', timezone: 'Mars', jitter: -1, bogus: 1 };
    expect(faultyFields(() => createTrigger('cron', options)).toSorted()).toEqual(
      ['bogus', 'timezone', 'startDate', 'jitter', 'hour', 'minute', 'minute'].toSorted(),
    );
  });

  it('names the options that there are when it is given another', () => {
    expect(faultsOf(() => createTrigger('date', { hour: 5 }))).toEqual([
      'hour is no option of the date trigger; it has runDate, timezone',
    ]);
  });

  it('refuses fields beside a crontab string', () => {
    expect(faultsOf(() => createTrigger('cron', { crontab: '* * * * *', hour: 5 }))).toEqual([
      'hour must not be given beside crontab',
    ]);
  });

  it('refuses an end before the start', () => {
    const window = { startDate: '2030-01-02T00:00Z', endDate: '2030-01-01T00:00Z' };
    expect(faultyFields(() => createTrigger('interval', { seconds: 1, ...window }))).toEqual(['endDate']);
    expect(faultyFields(() => createTrigger('cron', { second: 1, ...window }))).toEqual(['endDate']);
  });

  it('refuses an interval without a length, whichever parts it was given', () => {
    expect(faultyFields(() => createTrigger('interval', {}))).toEqual(['seconds']);
    expect(faultyFields(() => createTrigger('interval', { weeks: 0, hours: 0 }))).toEqual(['weeks', 'hours']);
    expect(faultyFields(() => createTrigger('interval', { minutes: 1, seconds: -5 }))).toEqual(['seconds']);
  });

  const noNumber = ['5', '', true, {}, [], [5], NaN, Infinity, -Infinity, -1, null, 1n, () => 5];
  const noDate = ['', 'soon', '2030-02-30', true, {}, [], NaN, Infinity, 1e17, new Date(NaN), null];
  const noZone = ['', 'Mars', '+25:00', 5, true, {}, [], null];
  const noField = ['', 'x', '*/0', '1-', '-1', -1, 1.5, NaN, Infinity, 1e9, true, {}, [], [5], null, new Date(now)];
  const bad: Record<string, Record<string, readonly unknown[]>> = {
    date: { runDate: noDate, timezone: noZone },
    interval: {
      every: ['', 'soon', '5', '1M', 'P1M', '-1h', '0s', 5, true, {}, [], null],
      ...Object.fromEntries(
        ['weeks', 'days', 'hours', 'minutes', 'seconds'].map((part) => [part, [...noNumber, 1e15]]),
      ),
      startDate: noDate,
      endDate: noDate,
      timezone: noZone,
      jitter: [...noNumber, 1e12, '366d'],
    },
    cron: {
      ...Object.fromEntries(
        ['year', 'month', 'day', 'week', 'dayOfWeek', 'hour', 'minute', 'second'].map((name) => [name, noField]),
      ),
      crontab: ['', 'x', '* * * *', '61 * * * *', '0 0 30 2 *', 5, true, {}, [], null],
      startDate: noDate,
      endDate: noDate,
      timezone: noZone,
      jitter: [...noNumber, 1e12, '366d'],
    },
    calendarinterval: {
      ...Object.fromEntries(
        ['years', 'months', 'weeks', 'days', 'hour', 'minute', 'second'].map((part) => [part, [...noNumber, 1.5, 1e9]]),
      ),
      startDate: noDate,
      endDate: noDate,
      timezone: noZone,
      jitter: [...noNumber, 1e12, '366d'],
    },
  };
  const table = Object.entries(bad).flatMap(([type, options]) =>
    Object.entries(options).flatMap(([name, values]) => values.map((value) => ({ type, name, value }))),
  );

  it('has a table of bad values for every option', () => {
    const covered = Object.fromEntries(
      Object.entries(bad).map(([type, options]) => [type, Object.keys(options).toSorted()]),
    );
    const known = Object.fromEntries(
      Object.entries(TRIGGER_OPTION_NAMES).map(([type, names]) => [type, [...names].toSorted()]),
    );
    expect(covered).toEqual(known);
  });

  it.each(table)('refuses $name: $value of a $type trigger, naming it', ({ type, name, value }) => {
    const lengths = ['every', 'weeks', 'days', 'hours', 'minutes', 'seconds'];
    const good =
      type === 'calendarinterval' ? { years: 1 } : type === 'interval' && !lengths.includes(name) ? { seconds: 5 } : {};
    expect(faultyFields(() => createTrigger(type, { ...good, [name]: value }))).toEqual([name]);
  });
});

describe('triggerFromJson', () => {
  it.each([
    { type: 'date', runDate: '2030-05-05T12:00:00+02:00', timezone: '+02:00' },
    { type: 'interval', hours: 1, minutes: 30, startDate: '2030-01-01T00:00:00+00:00', timezone: 'UTC', jitter: 5 },
    { type: 'cron', dayOfWeek: 'mon-fri', hour: '9-17', timezone: 'Europe/Berlin' },
    { type: 'cron', crontab: '*/5 * * * *', endDate: '2040-01-01T00:00:00+01:00', timezone: 'Europe/Berlin' },
    { type: 'calendarinterval', months: 1, hour: 6, startDate: '2030-01-31', endDate: '2031-01-31', timezone: 'UTC' },
  ])('makes an equal trigger of %o', (json) => {
    expect(triggerFromJson(json).toJSON()).toEqual(json);
  });

  it.each([undefined, null, 5, 'cron', [], new Date(0)])('refuses %j', (json) => {
    expect(faultyFields(() => triggerFromJson(json))).toEqual(['trigger']);
  });

  it.each([{}, { type: 'weekly' }, { type: null }, { type: 5, hour: 5 }])('refuses the type of %j', (json) => {
    expect(faultyFields(() => triggerFromJson(json))).toEqual(['type']);
  });

  it('tells what is wrong with the options', () => {
    expect(faultyFields(() => triggerFromJson({ type: 'interval', seconds: '5', minutes: null }))).toEqual([
      'minutes',
      'seconds',
    ]);
  });
});
