import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import type { IntervalTriggerOptions } from '../../../../lib/engine/triggers/options.js';
import { faultsOf, faultyFields } from './faults.js';
import { fires, firesBefore } from './fires.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const context = { now, timezone: 'UTC' };

describe('IntervalTrigger', () => {
  it('fires at its start and every interval after it', () => {
    const trigger = new IntervalTrigger({ hours: 1, minutes: 30, startDate: '2030-01-01T09:00:00Z' });
    expect(fires(trigger, '2026-01-01T00:00:00Z', 3)).toEqual([
      '2030-01-01T09:00:00+00:00',
      '2030-01-01T10:30:00+00:00',
      '2030-01-01T12:00:00+00:00',
    ]);
  });

  it('takes the present instant when it is one of its times, else the next one', () => {
    const trigger = new IntervalTrigger({ seconds: 10, startDate: 0 });
    expect(trigger.next(null, 20_000)).toBe(20_000);
    expect(trigger.next(null, 20_001)).toBe(30_000);
  });

  it('keeps its phase when it goes on from a time beside its grid', () => {
    const trigger = new IntervalTrigger({ minutes: 10, startDate: 0 });
    expect(trigger.next(1_234_567, now)).toBe(1_800_000);
    expect(trigger.next(-5, now)).toBe(0);
  });

  it('keeps real distances over a change of the clock', () => {
    const trigger = new IntervalTrigger({ hours: 12, startDate: '2026-03-28 12:00', timezone: 'Europe/Berlin' });
    expect(fires(trigger, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T12:00:00+01:00',
      '2026-03-29T00:00:00+01:00',
      '2026-03-29T13:00:00+02:00',
    ]);
  });

  it('ends with its end date, which still counts', () => {
    const options = { days: 1, startDate: '2030-01-01T00:00:00Z', endDate: '2030-01-03T00:00:00Z' };
    const trigger = new IntervalTrigger(options);
    expect(fires(trigger, '2030-01-02T00:00:00Z', 5)).toHaveLength(2);
    expect(firesBefore(trigger, '2031-01-01T00:00:00Z', 5)).toEqual([
      '2030-01-03T00:00:00+00:00',
      '2030-01-02T00:00:00+00:00',
      '2030-01-01T00:00:00+00:00',
    ]);
  });

  it('finds the latest time of a million missed ones without listing them', () => {
    const trigger = new IntervalTrigger({ seconds: 0.001, startDate: 0 });
    expect(trigger.previous(4_000_000_000_001)).toBe(4_000_000_000_000);
  });

  it('ends with the calendar', () => {
    const trigger = new IntervalTrigger({ weeks: 52 * 4100, startDate: '2026-01-01T00:00Z' });
    expect(fires(trigger, '2026-01-01T00:00Z', 9)).toHaveLength(2);
  });

  it('is one interval from now when it has no start yet', () => {
    const trigger = new IntervalTrigger({ minutes: 5 });
    expect(trigger.next(null, now)).toBe(now + 300_000);
    expect(trigger.next(now, now + 999)).toBe(now + 300_000);
    expect(trigger.previous(now)).toBeNull();
  });

  it('starts one interval after it is anchored', () => {
    const trigger = new IntervalTrigger({ minutes: 10 }).anchor({ now: now + 250, timezone: 'Asia/Tokyo' });
    expect(trigger.toJSON()).toEqual({
      type: 'interval',
      minutes: 10,
      startDate: '2026-01-01T09:10:00.250000+09:00',
      timezone: 'Asia/Tokyo',
    });
    expect(trigger.anchor({ now: 0, timezone: 'UTC' })).toBe(trigger);
  });

  it('has ended, and is no error, when it is anchored after its end', () => {
    const trigger = new IntervalTrigger({ minutes: 10, endDate: '2025-12-31T23:00' }).anchor(context);
    expect(trigger.next(null, now)).toBeNull();
    expect(new IntervalTrigger(withoutType(trigger.toJSON())).next(null, now)).toBeNull();
  });

  it.each<[string, IntervalTriggerOptions, string]>([
    ['the option', { seconds: 1, timezone: 'Europe/Berlin', startDate: '2030-01-01T00:00+05:00' }, 'Europe/Berlin'],
    [
      'the offset in its start',
      { seconds: 1, startDate: '2030-01-01T00:00+05:00', endDate: '2031-01-01T00:00Z' },
      '+05:00',
    ],
    ['the offset in its end', { seconds: 1, startDate: '2030-01-01', endDate: '2031-01-01T00:00-03:00' }, '-03:00'],
    ['the scheduler’s zone', { seconds: 1, startDate: '2030-01-01', endDate: '2031-01-01' }, 'Asia/Tokyo'],
  ])('takes its zone from %s', (_, options, expected) => {
    expect(new IntervalTrigger(options).anchor({ now, timezone: 'Asia/Tokyo' }).timezone).toBe(expected);
  });

  it.each<[IntervalTriggerOptions, object]>([
    [{ minutes: 90 }, { hours: 1, minutes: 30 }],
    [
      { weeks: 1, days: 2, hours: 3, minutes: 4, seconds: 5 },
      { weeks: 1, days: 2, hours: 3, minutes: 4, seconds: 5 },
    ],
    [{ seconds: 604_800 }, { weeks: 1 }],
    [
      { days: 0, hours: 25 },
      { days: 1, hours: 1 },
    ],
    [{ seconds: 1.5 }, { seconds: 1.5 }],
    [{ minutes: 0.01 }, { seconds: 0.6 }],
    [{ seconds: 0.0014 }, { seconds: 0.001 }],
  ])('writes %o with each part in its place', (options, parts) => {
    expect(new IntervalTrigger(options).toJSON()).toEqual({ type: 'interval', ...parts });
  });

  it.each([
    ['1h30m', { hours: 1, minutes: 30 }],
    ['PT90S', { minutes: 1, seconds: 30 }],
    ['2w 3d', { weeks: 2, days: 3 }],
    ['250ms', { seconds: 0.25 }],
    ['1ms', { seconds: 0.001 }],
  ])('is as long as the text %s says, and writes parts', (every, parts) => {
    const trigger = new IntervalTrigger({ every });
    expect(trigger.toJSON()).toEqual({ type: 'interval', ...parts });
    expect(trigger.anchor(context).intervalMs).toBe(new IntervalTrigger(parts).intervalMs);
  });

  it('takes its length in parts or as text, not both, at compile time and at run time', () => {
    // @ts-expect-error the two are exclusive
    const options: IntervalTriggerOptions = { every: '1h', minutes: 5 };
    expect(faultsOf(() => new IntervalTrigger(options))).toEqual(['minutes must not be given beside every']);
    const broken = { every: 'soon', minutes: 5, startDate: 'soon' } as unknown as IntervalTriggerOptions;
    expect(faultyFields(() => new IntervalTrigger(broken))).toEqual(['minutes', 'every', 'startDate']);
  });

  it.each([
    ['0s', 'every must make an interval of a millisecond at least, got "0s"'],
    ['0.4ms', 'every must make an interval of a millisecond at least, got "0.4ms"'],
    ['500000w', 'every must not make an interval beyond the calendar, got "500000w"'],
    ['P1M', 'every must not count in years or months, which have no fixed length, got "P1M"'],
  ])('refuses the length %s', (every, fault) => {
    expect(faultsOf(() => new IntervalTrigger({ every }))).toEqual([fault]);
  });

  it('writes dates in the offset that they were written in', () => {
    const options = {
      seconds: 5,
      startDate: '2030-1-1 00:00',
      endDate: '2031-01-01T00:00-03:30',
      timezone: 'Asia/Tokyo',
    };
    expect(new IntervalTrigger({ ...options, jitter: 2 }).toJSON()).toEqual({
      type: 'interval',
      seconds: 5,
      startDate: '2030-01-01T00:00:00+09:00',
      endDate: '2031-01-01T00:00:00-03:30',
      timezone: 'Asia/Tokyo',
      jitter: 2,
    });
  });
});

function withoutType({ type: _type, ...options }: { type: string; [name: string]: unknown }): IntervalTriggerOptions {
  return options;
}

const parts = fc.record(
  {
    weeks: fc.nat(60),
    days: fc.nat(60),
    hours: fc.nat(60),
    minutes: fc.nat(600),
    seconds: fc.oneof(fc.nat(6000), fc.double({ min: 0, max: 100, noNaN: true })),
  },
  { requiredKeys: [] },
);
const instants = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2060, 0, 1) });
const dates = fc.oneof(
  instants,
  instants.map((instant) => new Date(instant)),
  instants.map((instant) => new Date(instant).toISOString().slice(0, -1)),
  instants.map((instant) => new Date(instant).toISOString()),
  instants.map((instant) => new Date(instant).toISOString().replace('Z', '-05:30')),
);
const intervals = fc
  .tuple(
    parts,
    fc.record(
      {
        startDate: dates,
        endDate: dates,
        timezone: fc.constantFrom('UTC', 'Europe/Berlin', '+02:00'),
        jitter: fc.nat(10),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([length, window]) => ({ ...length, ...window }))
  .map((options) => {
    try {
      const trigger = new IntervalTrigger(options);
      // An end without an offset may be before a start that is an instant, where the end is another zone's.
      trigger.anchor({ now: 0, timezone: 'Africa/Cairo' });
      return trigger;
    } catch {
      return undefined;
    }
  })
  .filter((trigger) => trigger !== undefined);

describe('any interval', () => {
  it('moves forward, and back again to where it was', () => {
    fc.assert(
      fc.property(intervals, instants, (open, instant) => {
        const trigger = open.anchor({ now: instant, timezone: 'Africa/Cairo' });
        const first = trigger.next(null, instant);
        if (first === null) return;
        expect(first).toBeGreaterThanOrEqual(instant);
        const second = trigger.next(first, instant);
        expect(trigger.previous(first + 1)).toBe(first);
        if (second === null) return;
        expect(second - first).toBe(trigger.intervalMs);
        expect(trigger.previous(second)).toBe(first);
        expect(trigger.next(first + Math.floor(trigger.intervalMs / 2), instant)).toBe(second);
      }),
    );
  });

  it('survives JSON, before and after it is anchored', () => {
    fc.assert(
      fc.property(intervals, instants, (trigger, instant) => {
        const context = { now: instant, timezone: 'Africa/Cairo' };
        for (const it of [trigger, trigger.anchor(context)]) {
          const copy = new IntervalTrigger(withoutType(JSON.parse(JSON.stringify(it))));
          expect(copy.toJSON()).toEqual(it.toJSON());
          expect(copy.anchor(context).toJSON()).toEqual(it.anchor(context).toJSON());
          expect(copy.next(null, instant)).toBe(it.next(null, instant));
          expect(copy.previous(instant)).toBe(it.previous(instant));
        }
      }),
    );
  });
});
