import { describe, expect, it } from 'vitest';
import {
  createTrigger,
  TRIGGER_OPTION_NAMES,
  triggerFromJson,
} from '../../../../lib/engine/triggers/trigger-factory.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
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
        `trigger must be one of date, interval, cron, calendarinterval, and, or, except, got ${JSON.stringify(type)}`,
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
      'hour is no option of the date trigger; it has runDate, delay, timezone',
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
  const cron = { type: 'cron', hour: 5 };
  const delayed = { type: 'cron', hour: 5, jitter: 5 };
  const unlike = [null, 5, true, 'cron', [], [cron], {}, { type: 'weekly' }, { type: 'cron', trigger: 'cron' }];
  const noMember = [...unlike, { type: 'cron', hour: 25 }, { type: 'or', triggers: [] }, '2030-12-25', new Date(now)];
  const noMembers = [undefined, null, 5, 'cron', {}, cron, [], ...[...noMember, delayed].map((it) => [cron, it])];
  const noExclusion = [
    ...[null, true, [], {}, { type: 'weekly' }, delayed, cron, 'soon', '2030-02-30', NaN, 1e17],
    ...[{ from: 5 }, { to: 5 }, { from: 5, to: 5 }, { from: '2030-01-02', to: '2030-01-01' }, { from: 'x', to: 5 }],
    { from: 5, to: 6, until: 7 },
  ];
  const bad: Record<string, Record<string, readonly unknown[]>> = {
    date: {
      runDate: noDate,
      delay: ['', 'soon', '1M', '-1s', -1, NaN, Infinity, 1e15, true, {}, []],
      timezone: noZone,
    },
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
      dialect: ['quartz', 'EXTENDED', 5, true, {}, [], null],
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
    and: { triggers: noMembers, jitter: [...noNumber, 1e12, '366d'] },
    or: { triggers: noMembers, jitter: [...noNumber, 1e12, '366d'] },
    except: {
      base: noMember,
      except: [undefined, null, 5, 'cron', '2030-12-25', {}, ...noExclusion.map((it) => [it])],
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
    const good: Record<string, object> = {
      interval: lengths.includes(name) ? {} : { seconds: 5 },
      calendarinterval: { years: 1 },
      and: { triggers: [cron] },
      or: { triggers: [cron] },
      except: { base: cron, except: [] },
    };
    const fields = faultyFields(() => createTrigger(type, { ...good[type], [name]: value }));
    // What is nested is named by its path.
    expect([...new Set(fields.map((field) => field.replace(/[[.].*/, '')))]).toEqual([name]);
  });

  describe('with triggers inside', () => {
    it('takes them as triggers, by type, or by trigger as in a job definition', () => {
      const members = [
        new DateTrigger({ runDate: 1000 }),
        { type: 'date', runDate: 2000 },
        { trigger: 'date', runDate: 3000 },
      ];
      expect(createTrigger('or', { triggers: members }).toJSON()).toEqual({
        type: 'or',
        triggers: [1000, 2000, 3000].map((runDate) => ({ type: 'date', runDate })),
      });
      const trigger = createTrigger('except', { base: { trigger: 'or', triggers: members }, except: [members[2]] });
      expect(trigger.next(2000, 0)).toBeNull();
    });

    it('tells every fault, each by the path to it', () => {
      const triggers = [
        { type: 'cron', hour: 25, bogus: 1 },
        { trigger: 'weekly' },
        {
          type: 'except',
          base: { type: 'interval' },
          except: ['2030-02-30', { from: 5, to: 1 }, { type: 'cron', day: 32 }],
        },
        { type: 'interval', seconds: 5, jitter: 3 },
      ];
      expect(faultyFields(() => createTrigger('or', { triggers, jitter: -1, bogus: 2 }))).toEqual([
        'bogus',
        'jitter',
        'triggers[0].bogus',
        'triggers[0].hour',
        'triggers[1].trigger',
        'triggers[2].base.seconds',
        'triggers[2].except[0]',
        'triggers[2].except[1].to',
        'triggers[2].except[2].day',
        'triggers[3].jitter',
      ]);
    });

    it('refuses more levels than there may be, whatever is at the bottom', () => {
      const nest = (depth: number): object =>
        depth === 0 ? { type: 'date', runDate: 0 } : { type: 'or', triggers: [nest(depth - 1)] };
      expect(createTrigger('or', { triggers: [nest(15)] }).next(null, -1)).toBe(0);
      expect(faultsOf(() => createTrigger('or', { triggers: [nest(2000)] }))).toEqual([
        expect.stringMatching(/^(triggers\[0\]\.)+type is nested more than 16 levels deep$/),
      ]);
      const round: { type: string; base?: object; except: object[] } = { type: 'except', except: [] };
      round.base = round;
      expect(faultsOf(() => createTrigger('or', { triggers: [round] }))).toHaveLength(1);
    });

    it('refuses a list that is too long without a look at its members', () => {
      const many = Array.from({ length: 500_000 }, () => ({ type: 'date' }));
      expect(faultyFields(() => createTrigger('except', { base: cron, except: many }))).toEqual(['except']);
      expect(faultyFields(() => createTrigger('or', { triggers: many }))).toEqual(['triggers']);
    });
  });
});

describe('triggerFromJson', () => {
  it.each([
    { type: 'date', runDate: '2030-05-05T12:00:00+02:00', timezone: '+02:00' },
    { type: 'interval', hours: 1, minutes: 30, startDate: '2030-01-01T00:00:00+00:00', timezone: 'UTC', jitter: 5 },
    { type: 'cron', dayOfWeek: 'mon-fri', hour: '9-17', timezone: 'Europe/Berlin' },
    { type: 'cron', crontab: '*/5 * * * *', endDate: '2040-01-01T00:00:00+01:00', timezone: 'Europe/Berlin' },
    { type: 'calendarinterval', months: 1, hour: 6, startDate: '2030-01-31', endDate: '2031-01-31', timezone: 'UTC' },
    {
      type: 'and',
      triggers: [
        { type: 'cron', hour: '9', timezone: 'UTC' },
        { type: 'or', triggers: [{ type: 'date', runDate: '2030-05-05T09:00:00+02:00', timezone: '+02:00' }] },
      ],
      jitter: { max: 60, seed: 'id' },
    },
    {
      type: 'except',
      base: { type: 'cron', hour: '9', timezone: 'Europe/Berlin', jitter: 5 },
      except: [
        '2030-12-25',
        '2030-12-26T09:00:00+01:00',
        { from: '2030-07-01', to: '2030-08-01T12:00:00+02:00' },
        { type: 'cron', day: '1', hour: '*', timezone: 'Europe/Berlin' },
      ],
    },
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
