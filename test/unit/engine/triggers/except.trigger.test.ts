import { describe, expect, it } from 'vitest';
import { CalendarIntervalTrigger } from '../../../../lib/engine/triggers/calendar-interval.trigger.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { ExceptTrigger } from '../../../../lib/engine/triggers/except.trigger.js';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import { OrTrigger } from '../../../../lib/engine/triggers/or.trigger.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';
import { faultsOf } from './faults.js';
import { fires, firesBefore } from './fires.js';

type Excluded = ConstructorParameters<typeof ExceptTrigger> extends [Trigger, ...infer Rest] ? Rest[number] : never;

const now = Date.parse('2030-01-01T00:00:00Z');
const context = { now, timezone: 'UTC' };
const daily = new CronTrigger({ hour: 9, timezone: 'Europe/Berlin' });
const seconds = new CronTrigger({ second: '*', timezone: 'UTC' });

describe('ExceptTrigger', () => {
  it('fires as its base does, but not on excluded days of its zone', () => {
    const trigger = new ExceptTrigger(daily, '2030-12-25', '2030-12-26');
    const expected = ['2030-12-24T09:00:00+01:00', '2030-12-27T09:00:00+01:00'];
    expect(fires(trigger, '2030-12-24T00:00Z', 2)).toEqual(expected);
    expect(firesBefore(trigger, '2030-12-28T00:00Z', 2)).toEqual(expected.toReversed());
    expect(trigger.timezone).toBe('Europe/Berlin');
  });

  it('takes a day from midnight to midnight on the wall, whatever its length', () => {
    const hours = new CronTrigger({ hour: '*', timezone: 'Europe/Berlin' });
    expect(fires(new ExceptTrigger(hours, '2026-03-29'), '2026-03-28T22:00Z', 2)).toEqual([
      '2026-03-28T23:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
    ]);
    expect(fires(new ExceptTrigger(hours, '2026-10-25'), '2026-10-24T21:00Z', 2)).toEqual([
      '2026-10-24T23:00:00+02:00',
      '2026-10-26T00:00:00+01:00',
    ]);
  });

  it('leaves out an instant, however it is written', () => {
    const instant = Date.parse('2030-01-02T08:00:00Z');
    for (const given of [instant, new Date(instant), '2030-01-02T09:00', '2030-01-02 10:00+02:00']) {
      expect(fires(new ExceptTrigger(daily, given), '2030-01-02T00:00Z', 1)).toEqual(['2030-01-03T09:00:00+01:00']);
    }
    expect(fires(new ExceptTrigger(daily, instant + 1), '2030-01-02T00:00Z', 1)).toEqual(['2030-01-02T09:00:00+01:00']);
  });

  it('leaves out a stretch of time, its end not included', () => {
    const window = { from: '2030-01-02T09:00', to: '2030-01-04T09:00' };
    expect(fires(new ExceptTrigger(daily, window), '2030-01-01T00:00Z', 2)).toEqual([
      '2030-01-01T09:00:00+01:00',
      '2030-01-04T09:00:00+01:00',
    ]);
    const days = { from: '2030-01-02', to: new Date('2030-01-03T23:00Z') };
    expect(fires(new ExceptTrigger(daily, days), '2030-01-01T00:00Z', 2)).toEqual([
      '2030-01-01T09:00:00+01:00',
      '2030-01-04T09:00:00+01:00',
    ]);
  });

  it('leaves out the very times of another trigger, in its own zone', () => {
    const minutes = new CronTrigger({ minute: '*/20', timezone: 'UTC' });
    const trigger = new ExceptTrigger(minutes, new CronTrigger({ hour: '*', timezone: 'Asia/Kolkata' }));
    // Full hours there are half past here: nothing at 20 or 40 minutes past is left out.
    expect(fires(trigger, '2030-01-01T00:00Z', 2)).toEqual(['2030-01-01T00:00:00+00:00', '2030-01-01T00:20:00+00:00']);
    const other = new ExceptTrigger(minutes, new CronTrigger({ hour: '*', timezone: 'Asia/Tokyo' }));
    expect(fires(other, '2030-01-01T00:00Z', 3)).toEqual([
      '2030-01-01T00:20:00+00:00',
      '2030-01-01T00:40:00+00:00',
      '2030-01-01T01:20:00+00:00',
    ]);
  });

  it('leaves out holidays that come every year', () => {
    const hourly = new CronTrigger({ hour: '*/6', timezone: 'Europe/Berlin' });
    const christmas = new CronTrigger({ month: 12, day: '25,26', hour: '*', timezone: 'Europe/Berlin' });
    expect(fires(new ExceptTrigger(hourly, christmas), '2033-12-24T16:00Z', 2)).toEqual([
      '2033-12-24T18:00:00+01:00',
      '2033-12-27T00:00:00+01:00',
    ]);
  });

  it('takes dates without an offset, and triggers without a zone, in the zone of its base', () => {
    const open = new ExceptTrigger(
      new CronTrigger({ hour: 9, timezone: 'Asia/Tokyo' }),
      new CronTrigger({ day: 3, hour: 9 }),
      '2030-01-02T09:00',
    );
    const trigger = open.anchor({ now, timezone: 'America/New_York' });
    expect(trigger.toJSON()).toMatchObject({
      except: [{ type: 'cron', timezone: 'Asia/Tokyo' }, '2030-01-02T09:00:00+09:00'],
    });
    expect(fires(trigger, '2030-01-01T12:00Z', 1)).toEqual(['2030-01-04T09:00:00+09:00']);
  });

  it('reads its dates anew when its base gets a zone', () => {
    const open = new ExceptTrigger(new CronTrigger({ hour: '*/6' }), '2030-01-02', '2030-01-03T06:00', {
      from: '2030-01-04',
      to: new Date('2030-01-06T00:00Z'),
    });
    expect(open.toJSON()).toEqual({
      type: 'except',
      base: { type: 'cron', hour: '*/6' },
      except: ['2030-01-02', '2030-01-03T06:00:00', { from: '2030-01-04', to: Date.parse('2030-01-06T00:00Z') }],
    });
    const trigger = open.anchor({ now, timezone: 'Asia/Tokyo' });
    expect(trigger.toJSON()).toEqual({
      type: 'except',
      base: { type: 'cron', hour: '*/6', timezone: 'Asia/Tokyo' },
      except: ['2030-01-02', '2030-01-03T06:00:00+09:00', { from: '2030-01-04', to: '2030-01-06T09:00:00+09:00' }],
    });
    expect(fires(trigger, '2030-01-01T09:00Z', 4)).toEqual([
      '2030-01-01T18:00:00+09:00',
      '2030-01-03T00:00:00+09:00',
      '2030-01-03T12:00:00+09:00',
      '2030-01-03T18:00:00+09:00',
    ]);
    expect(trigger.anchor({ now: 0, timezone: 'UTC' })).toBe(trigger);
  });

  it('does not change with what it was made of', () => {
    const [date, window] = [new Date('2030-01-02T08:00Z'), { from: '2030-01-03', to: '2030-01-04' }];
    const open = new ExceptTrigger(new CronTrigger({ hour: 9 }), date, window);
    date.setTime(0);
    window.to = '2031-01-01';
    const trigger = open.anchor({ now, timezone: 'Europe/Berlin' });
    expect(fires(trigger, '2030-01-02T00:00Z', 1)).toEqual(['2030-01-04T09:00:00+01:00']);
  });

  it('may leave nothing out', () => {
    expect(new ExceptTrigger(daily).toJSON()).toEqual({ type: 'except', base: daily.toJSON(), except: [] });
    expect(new ExceptTrigger(daily).next(null, now)).toBe(daily.next(null, now));
  });

  it('has the jitter of its base, and as a member it may have none', () => {
    const base = new IntervalTrigger({ seconds: 5, startDate: 0, jitter: 3 });
    const trigger = new ExceptTrigger(base, '2030-01-01');
    expect(trigger.jitter).toBe(3);
    expect(faultsOf(() => new OrTrigger([trigger]))).toEqual([
      'triggers[0].jitter has no effect on a member: give it to the outermost trigger, got 3',
    ]);
    expect(faultsOf(() => new ExceptTrigger(base, base))).toContain(
      'except[0].jitter has no effect on a member: give it to the outermost trigger, got 3',
    );
  });

  it('can be the base, or what is left out, of another', () => {
    const weekends = new ExceptTrigger(
      daily,
      new CronTrigger({ dayOfWeek: 'mon-fri', hour: 9, timezone: daily.timezone }),
    );
    expect(fires(weekends, '2030-01-01T00:00Z', 2)).toEqual(['2030-01-05T09:00:00+01:00', '2030-01-06T09:00:00+01:00']);
    const trigger = new ExceptTrigger(new OrTrigger([daily]), weekends, '2030-01-07');
    expect(fires(trigger, '2030-01-04T00:00Z', 2)).toEqual(['2030-01-04T09:00:00+01:00', '2030-01-08T09:00:00+01:00']);
  });

  describe('goes over what is left out in few steps', () => {
    it('a year of seconds', () => {
      const trigger = new ExceptTrigger(seconds, { from: '2031-01-01', to: '2032-01-01' });
      expect(trigger.next(Date.parse('2030-12-31T23:59:59Z'), now)).toBe(Date.parse('2032-01-01T00:00Z'));
      expect(trigger.previous(Date.parse('2032-01-01T00:00Z'))).toBe(Date.parse('2030-12-31T23:59:59Z'));
    });

    it('a thousand days, one by one', () => {
      const days = Array.from({ length: 1000 }, (_, day) =>
        new Date(now + day * 86_400_000).toISOString().slice(0, 10),
      );
      const trigger = new ExceptTrigger(seconds, ...days);
      expect(trigger.next(null, now)).toBe(now + 1000 * 86_400_000);
    });

    it.each<[string, Trigger]>([
      ['a cron trigger', seconds],
      ['an interval', new IntervalTrigger({ seconds: 1, startDate: now })],
    ])('weekends of seconds that a trigger leaves out of %s', (_, base) => {
      const weekend = new CronTrigger({ dayOfWeek: 'sat,sun', hour: '*', minute: '*', second: '*', timezone: 'UTC' });
      const trigger = new ExceptTrigger(base, weekend);
      expect(trigger.next(Date.parse('2030-01-04T23:59:59Z'), now)).toBe(Date.parse('2030-01-07T00:00Z'));
      expect(trigger.previous(Date.parse('2030-01-07T00:00Z'))).toBe(Date.parse('2030-01-04T23:59:59Z'));
    });

    it('not over times between whole seconds, which no cron trigger has', () => {
      const weekend = new CronTrigger({ dayOfWeek: 'sat,sun', hour: '*', minute: '*', second: '*', timezone: 'UTC' });
      const base = new IntervalTrigger({ seconds: 0.5, startDate: '2030-01-05T00:00Z' });
      expect(new ExceptTrigger(base, weekend).next(null, now)).toBe(Date.parse('2030-01-05T00:00:00.500Z'));
    });
  });

  describe('is refused when it leaves nothing', () => {
    it('as another trigger is the same', () => {
      const again = new CronTrigger({ hour: 9, timezone: 'Europe/Berlin' });
      expect(faultsOf(() => new ExceptTrigger(daily, '2030-01-01', again))).toEqual([
        'except[1] must not exclude every time of the base',
      ]);
    });

    it('as an interval is among another', () => {
      const interval = (s: number): Trigger => new IntervalTrigger({ seconds: s, startDate: now });
      expect(faultsOf(() => new ExceptTrigger(interval(10), interval(5)))).toEqual([
        'except[0] must not exclude every time of the base',
      ]);
      expect(new ExceptTrigger(interval(5), interval(10)).next(null, now)).toBe(now + 5000);
    });

    it('as all that is to come is left out', () => {
      const base = new CalendarIntervalTrigger({
        days: 1,
        startDate: '2030-01-01',
        endDate: '2030-01-31',
        timezone: 'UTC',
      });
      const trigger = new ExceptTrigger(base, { from: '2030-01-05', to: '2031-01-01' });
      expect(trigger.anchor(context)).toBe(trigger);
      expect(faultsOf(() => trigger.anchor({ ...context, now: Date.parse('2030-01-06') }))).toEqual([
        'except leaves no time: everything that is to come is excluded',
      ]);
    });

    it('in a bounded time, when it takes a search to see', () => {
      const halves = [new CronTrigger({ second: '*/2' }), new CronTrigger({ second: '1-59/2' })];
      const [fault = ''] = faultsOf(() => new ExceptTrigger(seconds, ...halves).anchor(context));
      expect(fault).toMatch(/^except leaves no time that could be found: none was found from .*, in \d+ steps$/);
      expect(Number(/(\d+) steps/.exec(fault)?.[1])).toBeLessThanOrEqual(25_001);
    });
  });

  it('has ended with its base, and is no error', () => {
    const trigger = new ExceptTrigger(new DateTrigger({ runDate: 1000 }), '2030-01-01').anchor(context);
    expect(trigger.next(null, now)).toBeNull();
  });

  it('tells every fault', () => {
    const excluded = [
      5.5,
      'soon',
      '2030-02-30',
      true,
      undefined,
      { from: '2030-01-02', to: '2030-01-01' },
      { from: 'soon' },
      { from: 0, to: 5, until: 7 },
      [],
    ];
    const [base, ...faults] = faultsOf(() => new ExceptTrigger(7 as unknown as Trigger, ...(excluded as Excluded[])));
    expect(base).toBe('base must be a trigger, got 7');
    expect(faults).toEqual([
      expect.stringMatching(/^except\[1\] must be a date: .*, got "soon"$/),
      'except[2] must be a day of the calendar, got "2030-02-30"',
      'except[3] must be a trigger, a day, an instant or { from, to }, got true',
      'except[4] must be a trigger, a day, an instant or { from, to }, got undefined',
      'except[5].to must be after from (2030-01-02), got 2030-01-01',
      expect.stringMatching(/^except\[6\]\.from must be a date: .*, got "soon"$/),
      'except[6].to is missing',
      'except[7].until is not known here; known are from, to',
      'except[8] must be a trigger, a day, an instant or { from, to }, got []',
    ]);
  });

  it('refuses more than a thousand entries', () => {
    const days = Array.from({ length: 1001 }, (_, index) => index);
    expect(faultsOf(() => new ExceptTrigger(daily, ...days))).toEqual([
      'except must have at most 1000 members, got 1001',
    ]);
  });
});
