import { describe, expect, it } from 'vitest';
import { AndTrigger } from '../../../../lib/engine/triggers/and.trigger.js';
import { CalendarIntervalTrigger } from '../../../../lib/engine/triggers/calendar-interval.trigger.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import type { CronTriggerOptions } from '../../../../lib/engine/triggers/options.js';
import { OrTrigger } from '../../../../lib/engine/triggers/or.trigger.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';
import { faultsOf } from './faults.js';
import { fires, firesBefore } from './fires.js';

const now = Date.parse('2030-01-01T00:00:00Z');
const context = { now, timezone: 'UTC' };
const cron = (options: CronTriggerOptions): CronTrigger => new CronTrigger({ timezone: 'UTC', ...options });
const every = (seconds: number, start = now): IntervalTrigger => new IntervalTrigger({ seconds, startDate: start });

describe('AndTrigger', () => {
  it('fires when all of its triggers do', () => {
    const trigger = new AndTrigger([
      cron({ hour: 9 }),
      new CalendarIntervalTrigger({ weeks: 2, hour: 9, startDate: '2030-01-07', timezone: 'UTC' }),
      cron({ month: '1-2', dayOfWeek: 'mon', hour: '*' }),
    ]);
    const expected = ['01-07', '01-21', '02-04', '02-18'].map((day) => `2030-${day}T09:00:00+00:00`);
    expect(fires(trigger, '2030-01-01T00:00Z', 4)).toEqual(expected);
    expect(firesBefore(trigger, '2030-02-18T09:00:01Z', 9)).toEqual(expected.toReversed());
  });

  it('fires in one zone when it is time in another', () => {
    const trigger = new AndTrigger([
      cron({ hour: 9, timezone: 'Europe/Berlin' }),
      cron({ hour: 4, timezone: 'America/New_York' }),
    ]);
    // Mostly six hours lie between them; five while only New York has daylight saving time, or Berlin alone has left it.
    expect(fires(trigger, '2026-03-28T00:00Z', 2)).toEqual(['2026-03-28T09:00:00+01:00', '2026-10-25T09:00:00+01:00']);
  });

  it('goes straight to the rare one', () => {
    const trigger = new AndTrigger([cron({ second: '*' }), cron({ month: 2, day: 29, dayOfWeek: 'mon' })]);
    expect(fires(trigger, '2030-01-01T00:00Z', 2)).toEqual(['2044-02-29T00:00:00+00:00', '2072-02-29T00:00:00+00:00']);
  });

  it('finds a rare meeting of two common ones', () => {
    const trigger = new AndTrigger([
      cron({ month: 2, day: 29, hour: 9, timezone: 'America/New_York' }),
      cron({ dayOfWeek: 'mon', hour: 9, timezone: 'America/New_York' }),
    ]);
    expect(fires(trigger, '2030-01-01T00:00Z', 1)).toEqual(['2044-02-29T09:00:00-05:00']);
    expect(firesBefore(trigger, '2044-01-01T00:00Z', 1)).toEqual(['2016-02-29T09:00:00-05:00']);
  });

  describe('of intervals', () => {
    it('has the interval that they have in common', () => {
      const trigger = new AndTrigger([every(6), every(4), every(10, now + 2000)]);
      expect(fires(trigger, '2030-01-01T00:00Z', 3)).toEqual([
        '2030-01-01T00:00:12+00:00',
        '2030-01-01T00:01:12+00:00',
        '2030-01-01T00:02:12+00:00',
      ]);
    });

    it('finds their meeting in centuries at once', () => {
      const [a, b] = [every(86_399), every(86_400, now + 86_400_000)];
      const first = new AndTrigger([a, b]).next(null, now);
      expect(first).toBe(now + 86_399 * 86_400_000);
      expect(new AndTrigger([a, b]).previous(Infinity)).toBeGreaterThan(first ?? Infinity);
    });

    it('is refused when they never meet', () => {
      const trigger = (): Trigger => new AndTrigger([every(4), every(6), every(6, now + 1000)]);
      expect(faultsOf(trigger)).toEqual([
        expect.stringMatching(/^triggers\[2\] never fires together with the intervals before it, got ".*seconds.*"$/),
      ]);
    });

    it('is refused when one ends before the other begins, or before they meet', () => {
      const ends = new IntervalTrigger({ seconds: 7, startDate: now, endDate: now + 40_000 });
      expect(faultsOf(() => new AndTrigger([ends, every(1, now + 40_001)]))).toHaveLength(1);
      expect(faultsOf(() => new AndTrigger([ends, every(9, now + 2000)]))).toHaveLength(1);
      expect(new AndTrigger([ends, every(9, now - 2000)]).next(null, now)).toBe(now + 7000);
    });

    it('is refused when they never fire at a whole second, as others do', () => {
      const beside = every(600, now + 205);
      for (const other of [cron({ hour: 9 }), new CalendarIntervalTrigger({ days: 1 })]) {
        expect(faultsOf(() => new AndTrigger([beside, other]))).toEqual([
          'triggers[1] fires at whole seconds, and the intervals never do: give them a startDate at a whole second',
        ]);
      }
    });

    it('meets other triggers where those fire', () => {
      const trigger = new AndTrigger([every(7), cron({ hour: 9 }), every(2)]);
      const [first] = fires(trigger, '2030-01-01T00:00Z', 1);
      expect(first).toMatch(/T09:00:00/);
      expect((Date.parse(first ?? '') - now) % 14_000).toBe(0);
    });
  });

  it('is refused, when it is anchored, if one ends before they have met', () => {
    const trigger = new AndTrigger([
      new DateTrigger({ runDate: '2030-05-05T12:00Z' }),
      new DateTrigger({ runDate: '2030-05-05T13:00Z' }),
    ]);
    expect(trigger.next(null, now)).toBeNull();
    expect(faultsOf(() => trigger.anchor(context))).toEqual([
      'triggers have no time in common before one of them ends',
    ]);
    const beyond = new AndTrigger([
      cron({ hour: 1, endDate: '2031-01-01' }),
      cron({ hour: 1, startDate: '2032-01-01' }),
    ]);
    expect(faultsOf(() => beyond.anchor(context))).toHaveLength(1);
  });

  it('has ended when one of them has, and is no error', () => {
    const trigger = new AndTrigger([cron({ hour: 1, endDate: '2029-01-01' }), cron({ hour: 1 })]);
    expect(trigger.anchor(context).next(null, now)).toBeNull();
    expect(trigger.previous(now)).toBe(Date.parse('2028-12-31T01:00Z'));
  });

  describe('of triggers that never meet', () => {
    const zone = 'America/New_York';
    const never: [string, () => Trigger[]][] = [
      ['the hours of a day', () => [cron({ hour: 9 }), cron({ hour: 10 })]],
      ['the hours of a day in a zone', () => [cron({ hour: 9, timezone: zone }), cron({ hour: 10, timezone: zone })]],
      ['the days of a week', () => [cron({ dayOfWeek: 'mon', second: '*' }), cron({ dayOfWeek: 'tue', second: '*' })]],
      [
        'the days of a year in zones',
        () => [cron({ month: 1, day: 1, timezone: 'Europe/Paris' }), cron({ month: 1, day: 2, timezone: 'Asia/Gaza' })],
      ],
      ['the seconds', () => [cron({ second: '*/2' }), cron({ second: '1-59/2' })]],
      ['an interval and the hours', () => [every(3600, now + 1_800_000), cron({ hour: '*' })]],
      [
        'calendar intervals',
        () => [
          new CalendarIntervalTrigger({ months: 2, startDate: '2030-01-15', timezone: zone }),
          new CalendarIntervalTrigger({ months: 2, startDate: '2030-02-15', timezone: zone }),
        ],
      ],
      [
        'many zones',
        () =>
          Intl.supportedValuesOf('timeZone')
            .slice(0, 100)
            .map((timezone) => cron({ month: 1, day: 1, hour: 1, timezone }))
            .concat(cron({ month: 7 })),
      ],
      [
        'many zones at once',
        () => [
          cron({ month: 7 }),
          new OrTrigger(
            Intl.supportedValuesOf('timeZone')
              .slice(100, 200)
              .map((timezone) => cron({ month: 1, day: 1, hour: 1, timezone })),
          ),
        ],
      ],
    ];

    it.each(never)('is refused in a bounded time: %s', (_, make) => {
      const trigger = new AndTrigger(make());
      const [fault = ''] = faultsOf(() => trigger.anchor(context));
      expect(fault).toMatch(
        /^triggers have no time in common that could be found: none was found from \S+ to 2\d{3}-\S+, in \d+ steps$/,
      );
      // Each step costs some microseconds at most, once a zone is known for the years passed.
      expect(Number(/(\d+) steps/.exec(fault)?.[1])).toBeLessThanOrEqual(25_001);
    });
  });
});
