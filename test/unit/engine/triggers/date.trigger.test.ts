import { describe, expect, it } from 'vitest';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import type { DateTriggerOptions } from '../../../../lib/engine/triggers/options.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const context = { now, timezone: 'Europe/Berlin' };

describe('DateTrigger', () => {
  it('fires once, at its date', () => {
    const trigger = new DateTrigger({ runDate: '2030-05-05T12:00:00Z' });
    const time = trigger.next(null, now);
    expect(time).toBe(Date.parse('2030-05-05T12:00:00Z'));
    expect(trigger.next(time, now)).toBeNull();
  });

  it('answers a date that is past: what is too late is for the scheduler to say', () => {
    expect(new DateTrigger({ runDate: 1000 }).next(null, now)).toBe(1000);
  });

  it('fires so long after its job was added, with a delay', () => {
    const trigger = new DateTrigger({ delay: '1m30s' });
    expect(trigger.next(null, now)).toBe(now + 90_000);
    expect(trigger.toJSON()).toEqual({ type: 'date', delay: 90 });
    expect(new DateTrigger({ delay: 90 }).anchor(context)).toMatchObject({ runDate: now + 90_000 });
    expect(trigger.anchor(context).toJSON()).toEqual({
      type: 'date',
      runDate: '2026-01-01T01:01:30+01:00',
      timezone: 'Europe/Berlin',
    });
  });

  it('has a delay or a date, not both, and no delay that is no duration', () => {
    expect(() => new DateTrigger({ delay: '5s', runDate: now })).toThrow('delay must not stand beside runDate');
    expect(() => new DateTrigger({ delay: 'soon' })).toThrow('delay must be a duration');
  });

  it('has a previous time only after its date', () => {
    const trigger = new DateTrigger({ runDate: 1000 });
    expect(trigger.previous(1001)).toBe(1000);
    expect(trigger.previous(1000)).toBeNull();
  });

  it('runs now when it was given no date', () => {
    expect(new DateTrigger().next(null, now)).toBe(now);
    expect(new DateTrigger().previous(now)).toBeNull();
    expect(new DateTrigger().anchor(context).toJSON()).toEqual({
      type: 'date',
      runDate: '2026-01-01T01:00:00+01:00',
      timezone: 'Europe/Berlin',
    });
  });

  it('answers the offset that it was given', () => {
    const trigger = new DateTrigger({ runDate: '2030-05-05T12:00:00+02:00' });
    expect(trigger.timezone).toBe('+02:00');
    expect(trigger.anchor(context)).toBe(trigger);
    expect(trigger.toJSON()).toEqual({ type: 'date', runDate: '2030-05-05T12:00:00+02:00', timezone: '+02:00' });
  });

  it('answers the offset that it was given also beside a zone that has another', () => {
    const trigger = new DateTrigger({ runDate: '2030-05-05T12:00:00+05:00', timezone: 'Europe/Berlin' });
    expect(trigger.timezone).toBe('+05:00');
    expect(trigger.next(null, now)).toBe(Date.parse('2030-05-05T07:00:00Z'));
  });

  it('reads a date without an offset in its own zone, else in the scheduler’s', () => {
    const own = new DateTrigger({ runDate: '2030-05-05 12:00', timezone: 'America/New_York' });
    expect(own.anchor(context).next(null, now)).toBe(Date.parse('2030-05-05T16:00:00Z'));
    const open = new DateTrigger({ runDate: '2030-05-05 12:00' });
    expect(open.anchor(context).next(null, now)).toBe(Date.parse('2030-05-05T10:00:00Z'));
    expect(open.anchor(context).timezone).toBe('Europe/Berlin');
  });

  it('does not change with the Date that it was made of', () => {
    const runDate = new Date(1000);
    const trigger = new DateTrigger({ runDate });
    runDate.setTime(5000);
    expect(trigger.anchor(context).next(null, now)).toBe(1000);
  });

  it.each<DateTriggerOptions>([
    {},
    { runDate: new Date('2030-05-05T12:00:00Z') },
    { runDate: 1_900_000_000_123 },
    { runDate: '2030-05-05 12:00' },
    { runDate: '2030-05-05T12:00:00.123456-03:30' },
    { runDate: '2030-05-05 12:00', timezone: 'America/New_York' },
    { runDate: '2030-05-05T12:00Z', timezone: 'America/New_York' },
    { timezone: 'Asia/Kolkata' },
  ])('survives JSON, before and after it is anchored: %o', (options) => {
    const trigger = new DateTrigger(options);
    for (const it of [trigger, trigger.anchor(context)]) {
      const { type: _type, ...json } = JSON.parse(JSON.stringify(it)) as { type: string } & DateTriggerOptions;
      const copy = new DateTrigger(json);
      expect(copy.toJSON()).toEqual(it.toJSON());
      expect(copy.anchor(context).toJSON()).toEqual(it.anchor(context).toJSON());
      expect(copy.next(null, now)).toBe(it.next(null, now));
    }
  });
});
