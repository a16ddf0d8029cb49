import { describe, expect, it } from 'vitest';
import { AndTrigger } from '../../../../lib/engine/triggers/and.trigger.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import { OrTrigger } from '../../../../lib/engine/triggers/or.trigger.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';
import { faultsOf } from './faults.js';
import { fires, firesBefore } from './fires.js';

const now = Date.parse('2030-01-01T00:00:00Z');
const interval = (seconds: number, end: number): Trigger =>
  new IntervalTrigger({ seconds, startDate: now, endDate: now + end * 1000, timezone: 'UTC' });

describe('OrTrigger', () => {
  it('fires when one of its triggers does, and once where several do', () => {
    const trigger = new OrTrigger([interval(4, 16), interval(6, 18)]);
    const seconds = ['00', '04', '06', '08', '12', '16', '18'];
    const expected = seconds.map((second) => `2030-01-01T00:00:${second}+00:00`);
    expect(fires(trigger, '2029-01-01T00:00Z', 99)).toEqual(expected);
    expect(firesBefore(trigger, '2031-01-01T00:00Z', 99)).toEqual(expected.toReversed());
  });

  it('leaves out dates that are past, and fires at those that are to come', () => {
    const dates = ['2029-12-31T00:00Z', '2030-05-05T12:00Z', '2030-03-03T12:00Z'];
    const trigger = new OrTrigger(dates.map((runDate) => new DateTrigger({ runDate, timezone: 'UTC' })));
    expect(fires(trigger, '2030-01-01T00:00Z', 9)).toEqual(['2030-03-03T12:00:00+00:00', '2030-05-05T12:00:00+00:00']);
    expect(trigger.previous(now)).toBe(Date.parse('2029-12-31T00:00Z'));
  });

  it('combines what one expression cannot say: times of day with different minutes', () => {
    const trigger = new OrTrigger([
      new CronTrigger({ dayOfWeek: 'mon-fri', hour: 9, minute: 15, timezone: 'Europe/Berlin' }),
      new CronTrigger({ dayOfWeek: 'sat', hour: 11, timezone: 'Europe/Berlin' }),
    ]);
    expect(fires(trigger, '2030-01-04T00:00Z', 3)).toEqual([
      '2030-01-04T09:15:00+01:00',
      '2030-01-05T11:00:00+01:00',
      '2030-01-07T09:15:00+01:00',
    ]);
  });

  it('goes on though a combination in it is not found to fire again', () => {
    const never = new AndTrigger([9, 10].map((hour) => new CronTrigger({ hour, timezone: 'UTC' })));
    const rare = new AndTrigger([
      new CronTrigger({ month: 2, day: 29, timezone: 'UTC' }),
      new CronTrigger({ dayOfWeek: 'mon', timezone: 'UTC' }),
    ]);
    expect(new OrTrigger([never, interval(4, 16)]).next(now, now)).toBe(now + 4000);
    expect(new OrTrigger([never, interval(4, 16)]).previous(now + 7000)).toBe(now + 4000);
    expect(new OrTrigger([never, rare]).next(now, now)).toBe(Date.parse('2044-02-29T00:00Z'));
    expect(faultsOf(() => new OrTrigger([never, interval(4, 16)]).next(now + 16_000, now))).toEqual([
      expect.stringMatching(/^triggers have no time that could be found: none was found from .* steps$/),
    ]);
    expect(new OrTrigger([never]).previous(Infinity)).toBeNull();
  });

  it('stops at a trigger of somebody that does not move on', () => {
    const stuck: Trigger = {
      type: 'stuck',
      timezone: 'UTC',
      next: () => NaN,
      previous: () => 5,
      toJSON: () => ({ type: 'stuck' }),
    };
    expect(() => new OrTrigger([stuck]).next(null, now)).toThrow(/^A trigger answered NaN for .*: it must move on$/);
    expect(() => new OrTrigger([stuck]).previous(0)).toThrow(/^A trigger answered 5 for -1: it must move on$/);
  });

  it('has the time zone of its first trigger', () => {
    const zones = ['Asia/Tokyo', 'UTC'].map((timezone) => new CronTrigger({ hour: 1, timezone }));
    expect(new OrTrigger(zones).timezone).toBe('Asia/Tokyo');
    expect(new OrTrigger([new OrTrigger(zones.toReversed())]).timezone).toBe('UTC');
  });

  it('anchors each of its triggers', () => {
    const open = new OrTrigger([new IntervalTrigger({ minutes: 5 }), new CronTrigger({ hour: 3 }), new DateTrigger()]);
    const trigger = open.anchor({ now, timezone: 'Europe/Berlin' });
    expect(trigger.toJSON()).toEqual({
      type: 'or',
      triggers: [
        { type: 'interval', minutes: 5, startDate: '2030-01-01T01:05:00+01:00', timezone: 'Europe/Berlin' },
        { type: 'cron', hour: '3', timezone: 'Europe/Berlin' },
        { type: 'date', runDate: '2030-01-01T01:00:00+01:00', timezone: 'Europe/Berlin' },
      ],
    });
    expect(trigger.anchor({ now: 0, timezone: 'UTC' })).toBe(trigger);
    expect(trigger.next(null, now)).toBe(now);
  });

  it('counts what is left open from now, or from the time before', () => {
    const trigger = new OrTrigger([new IntervalTrigger({ minutes: 5 }), new IntervalTrigger({ minutes: 7 })]);
    expect(trigger.next(null, now)).toBe(now + 300_000);
    expect(trigger.next(now + 300_000, now)).toBe(now + 600_000);
    expect(new OrTrigger([new DateTrigger()]).next(null, now)).toBe(now);
  });

  it('has ended when all of its triggers have, and is no error', () => {
    const over = new IntervalTrigger({ minutes: 5, endDate: '2029-12-31T00:00Z' });
    const trigger = new OrTrigger([over, new DateTrigger({ runDate: 1000 })]).anchor({ now, timezone: 'UTC' });
    expect(trigger.next(null, now)).toBeNull();
    expect(trigger.next(now, now)).toBeNull();
    expect(trigger.previous(now)).toBe(1000);
  });

  it('has the jitter, and its triggers have none', () => {
    const member = new IntervalTrigger({ seconds: 5, startDate: 0 });
    expect(new OrTrigger([member], { jitter: '1m' }).toJSON()).toMatchObject({ jitter: 60 });
    expect(new OrTrigger([member], { jitter: { max: 60, seed: 'id' } }).jitter).toEqual({ max: 60, seed: 'id' });
    expect(new OrTrigger([member], { jitter: 5 }).anchor({ now, timezone: 'UTC' }).jitter).toBe(5);
    const delayed = new IntervalTrigger({ seconds: 5, jitter: 3 });
    expect(faultsOf(() => new OrTrigger([member, delayed, new OrTrigger([member], { jitter: 2 })]))).toEqual([
      'triggers[1].jitter has no effect on a member: give it to the outermost trigger, got 3',
      'triggers[2].jitter has no effect on a member: give it to the outermost trigger, got 2',
    ]);
  });

  it('tells every fault', () => {
    const given = [5, new IntervalTrigger({ seconds: 5, jitter: 3 }), { type: 'cron' }] as unknown as Trigger[];
    expect(faultsOf(() => new OrTrigger(given, { jitter: -1, bogus: 1 } as object))).toEqual([
      'bogus is no option of the or trigger; it has triggers, jitter',
      expect.stringMatching(/^jitter must be .*, got -1$/),
      'triggers[0] must be a trigger, got 5',
      'triggers[1].jitter has no effect on a member: give it to the outermost trigger, got 3',
      "triggers[2] must be a trigger, got { type: 'cron' }",
    ]);
  });

  it.each([[undefined], [null], ['cron'], [{}]])('refuses %j for its triggers', (triggers) => {
    const [fault] = faultsOf(() => new OrTrigger(triggers as unknown as Trigger[]));
    expect(fault).toMatch(/^triggers must be an array of triggers, got /);
  });

  it('refuses none at all, more than a thousand, and more than sixteen levels', () => {
    const leaf = new DateTrigger({ runDate: 0 });
    expect(faultsOf(() => new OrTrigger([]))).toEqual(['triggers must name at least one trigger, got []']);
    const many = new OrTrigger(Array.from({ length: 1000 }, () => leaf));
    expect(many.next(null, -5)).toBe(0);
    expect(faultsOf(() => new OrTrigger([many, leaf]))).toEqual([
      'triggers must not hold more than 1000 triggers, got 1001',
    ]);
    expect(faultsOf(() => new OrTrigger(Array.from({ length: 1001 }, () => leaf)))).toEqual([
      'triggers must have at most 1000 members, got 1001',
    ]);
    let deep = new OrTrigger([leaf]);
    for (let level = 2; level <= 16; level++) deep = new OrTrigger([deep]);
    expect(deep.next(null, -5)).toBe(0);
    expect(faultsOf(() => new OrTrigger([deep]))).toEqual(['triggers must not be nested more than 16 levels deep']);
  });
});
