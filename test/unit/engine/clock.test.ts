import { ManualClock } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND, START } from '../../support/engine.js';

describe('ManualClock', () => {
  it.each([
    ['epoch milliseconds', START],
    ['a Date', new Date(START)],
    ['text with an offset', '2030-01-01T01:00:00+01:00'],
    ['text without an offset, in UTC', '2030-01-01'],
  ])('starts at, and jumps to, %s', async (_, instant) => {
    expect(new ManualClock(instant).now()).toBe(START);
    const clock = new ManualClock();
    await clock.set(instant);
    expect(clock.now()).toBe(START);
  });

  it.each(['soon', '', '2030', '2030-02-30', NaN, Infinity, new Date(NaN), null])(
    'refuses the date %o',
    async (date) => {
      const instant = date as string;
      expect(() => new ManualClock(instant)).toThrow(/start must be a (date|day of the calendar).*, got /);
      await expect(new ManualClock().set(instant)).rejects.toThrow(
        /instant must be a (date|day of the calendar).*, got /,
      );
    },
  );

  it.each([
    [1500, 1500],
    ['1h30m', 90 * MINUTE],
    ['PT90S', 90 * SECOND],
    ['250ms', 250],
    ['0s', 0],
  ])('is advanced by %j', async (duration, ms) => {
    const clock = new ManualClock(START);
    await clock.advance(duration);
    expect(clock.now()).toBe(START + ms);
  });

  it('stops at every timer on the way', async () => {
    const clock = new ManualClock(START);
    const seen: number[] = [];
    for (const delay of [2 * HOUR, HOUR]) clock.setTimer(() => seen.push(clock.now() - START), delay);
    await clock.advance('90m');
    expect(seen).toEqual([HOUR]);
    await clock.advance('1d');
    expect(seen).toEqual([HOUR, 2 * HOUR]);
  });

  it.each([-1, NaN, Infinity, '', 'soon', '5', '-1h', 'P1M'])('is not advanced by %j', async (duration) => {
    const clock = new ManualClock(START);
    await expect(clock.advance(duration)).rejects.toThrow(/duration (must|needs) .*, got /);
    expect(clock.now()).toBe(START);
  });
});
