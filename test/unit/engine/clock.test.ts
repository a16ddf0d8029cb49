import { InvalidInputError, ManualClock } from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gate, HOUR, MINUTE, SECOND, START } from '../../support/engine.js';
import { takeRealTime } from '../../support/real-time.js';

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

  it('calls who is there for jumps only when it is needed, or soon after a jump', async () => {
    const clock = new ManualClock(START);
    const seen: string[] = [];
    const call = (name: string) => () => void seen.push(`${name} at ${clock.now() - START}`);
    clock.setTimer(call('a'), 30 * SECOND, HOUR);
    clock.setTimer(call('never'), 30 * SECOND, Infinity);
    await clock.advance('2h');
    expect(seen).toEqual([`a at ${HOUR}`]);
    clock.setTimer(call('b'), 30 * SECOND, HOUR);
    clock.setTimer(call('exact'), HOUR);
    await clock.set(START);
    await clock.advance('1m');
    expect(seen.slice(1)).toEqual([`never at ${30 * SECOND}`, `b at ${30 * SECOND}`]);
    await clock.advance('59m');
    expect(seen.slice(3)).toEqual([`exact at ${HOUR}`]);
  });

  it.each([-1, NaN, Infinity, '', 'soon', '5', '-1h', 'P1M'])('is not advanced by %j', async (duration) => {
    const clock = new ManualClock(START);
    await expect(clock.advance(duration)).rejects.toThrow(/duration (must|needs) .*, got /);
    expect(clock.now()).toBe(START);
  });
});

describe('ManualClock, told of work under way,', () => {
  it('lets it settle before it moves on', async () => {
    const clock = new ManualClock(START);
    const seen: string[] = [];
    for (const hour of [1, 2]) {
      const work = async (): Promise<void> => {
        seen.push(`begins at ${clock.now() - START}`);
        await takeRealTime();
        seen.push(`ends at ${clock.now() - START}`);
      };
      clock.setTimer(() => clock.track(work()), hour * HOUR);
    }
    await clock.advance('1d');
    expect(seen).toEqual([HOUR, 2 * HOUR].flatMap((time) => [`begins at ${time}`, `ends at ${time}`]));
  });

  it('lets the work settle that it leads to', async () => {
    const clock = new ManualClock(START);
    const seen: string[] = [];
    const second = async (): Promise<void> => {
      await takeRealTime();
      seen.push('second');
    };
    const first = async (): Promise<void> => {
      await takeRealTime();
      seen.push('first');
      clock.track(second());
    };
    clock.track(first());
    await clock.set(START + HOUR);
    expect(seen).toEqual(['first', 'second']);
  });

  it('moves on to a timer that the work itself waits for', async () => {
    const clock = new ManualClock(START, { patienceMs: 20 });
    let finished: number | undefined;
    const work = async (): Promise<void> => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, HOUR));
      finished = clock.now();
    };
    clock.track(work());
    await clock.advance('1d');
    expect(finished).toBe(START + HOUR);
  });

  it('loses its patience with work that hangs, once', async () => {
    const patienceMs = 100;
    const clock = new ManualClock(START, { patienceMs });
    clock.track(gate().promise);
    const begin = performance.now();
    for (let second = 0; second < 50; second++) await clock.advance('1s');
    expect(performance.now() - begin).toBeGreaterThan(0.9 * patienceMs);
    expect(performance.now() - begin).toBeLessThan(25 * patienceMs);
  });

  it('waits no real time without patience', async () => {
    const clock = new ManualClock(START, { patienceMs: 0 });
    let isOver = false;
    const work = takeRealTime().then(() => void (isOver = true));
    clock.track(work);
    await clock.advance('1s');
    expect(isOver).toBe(false);
    await work;
  });

  it('takes failing work for settled', async () => {
    const clock = new ManualClock(START);
    const { promise, fail } = gate();
    clock.track(promise);
    setImmediate(() => fail(new Error('out of paper')));
    await clock.advance('1s');
    await expect(promise).rejects.toThrow('out of paper');
  });

  it('lets work go on that lets others go first, however often, and moves on when that has no end', async () => {
    const clock = new ManualClock(START, { patienceMs: 0 });
    let parts = 0;
    const work = async (end: number): Promise<void> => {
      while (parts < end) {
        parts++;
        await clock.yield();
      }
    };
    void work(200);
    await clock.advance(0);
    expect(parts).toBe(200);
    void work(Infinity);
    await clock.advance(SECOND);
    expect(clock.now()).toBe(START + SECOND);
    parts = Infinity;
  });

  it('is turned beside fake timers', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const clock = new ManualClock(START);
    let isOver = false;
    clock.track(takeRealTime().then(() => void (isOver = true)));
    await clock.advance('1h');
    expect(isOver).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer of Node.js behind', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const clear = vi.spyOn(globalThis, 'clearTimeout');
    onTestFinished(() => void vi.restoreAllMocks());
    // It takes the timers of Node.js when it is loaded.
    vi.resetModules();
    const fresh = await import('nestjs-apscheduler/engine');
    const patienceMs = 12_345;
    const clock = new fresh.ManualClock(START, { patienceMs });
    clock.track(takeRealTime());
    await clock.advance('1h');
    const timers = set.mock.results.filter((_, index) => set.mock.calls[index]?.[1] === patienceMs);
    expect(timers).toHaveLength(1);
    expect(clear.mock.calls).toContainEqual([timers[0]?.value]);
  });

  it.each([-1, NaN, Infinity, 2 ** 31, '5', null])('refuses a patience of %o', (patience) => {
    const patienceMs = patience as number;
    expect(() => new ManualClock(START, { patienceMs })).toThrow(InvalidInputError);
    expect(() => new ManualClock(START, { patienceMs })).toThrow(/patienceMs must be milliseconds from 0 .*, got /);
  });
});
