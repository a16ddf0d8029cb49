import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalGrid, WHOLE_SECONDS } from '../../../../../lib/engine/triggers/combining/interval-grid.js';

/** Every time of a grid, one after another. */
function timesOf({ start, period, last }: IntervalGrid): number[] {
  const times: number[] = [];
  for (let time = start; time <= last; time += period) times.push(time);
  return times;
}

const grids = fc
  .record({ start: fc.integer({ min: -100, max: 100 }), period: fc.integer({ min: 1, max: 40 }), length: fc.nat(400) })
  .map(({ start, period, length }) => new IntervalGrid(start, period, start + length));

describe('IntervalGrid', () => {
  it('goes forward and back through its times', () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: -150, max: 600 }), (grid, instant) => {
        const times = timesOf(grid);
        expect(grid.next(instant)).toBe(times.find((time) => time > instant) ?? null);
        expect(grid.previous(instant)).toBe(times.findLast((time) => time < instant) ?? null);
      }),
    );
  });

  it('meets another where both have a time', () => {
    fc.assert(
      fc.property(grids, grids, (a, b) => {
        const common = timesOf(a).filter((time) => timesOf(b).includes(time));
        const met = a.meet(b);
        expect(met === null ? [] : timesOf(met)).toEqual(common);
        expect(b.meet(a)?.start).toBe(met?.start);
      }),
    );
  });

  it('covers another when it has all of its times', () => {
    fc.assert(
      fc.property(grids, grids, (a, b) => {
        if (a.covers(b)) expect(timesOf(a)).toEqual(expect.arrayContaining(timesOf(b)));
      }),
    );
    expect(new IntervalGrid(0, 5, 100).covers(new IntervalGrid(10, 15, 90))).toBe(true);
    expect(new IntervalGrid(0, 5, 100).covers(new IntervalGrid(11, 15, 90))).toBe(false);
    expect(new IntervalGrid(0, 5, 100).covers(new IntervalGrid(10, 15, 110))).toBe(false);
    expect(new IntervalGrid(20, 5, 100).covers(new IntervalGrid(10, 15, 90))).toBe(false);
  });

  it('is exact where the product of two periods is not', () => {
    const [a, b] = [86_400_000 * 366 - 1, 86_400_000 * 366 + 1];
    const met = new IntervalGrid(0, a, Number.MAX_SAFE_INTEGER).meet(new IntervalGrid(a, b, Number.MAX_SAFE_INTEGER));
    // a * x = a + b * y: x = 1, y = 0.
    expect(met?.start).toBe(a);
    expect(met?.next(a)).toBeNull();
  });

  it('knows that a grid beside whole seconds never meets them', () => {
    expect(WHOLE_SECONDS.meet(new IntervalGrid(205, 600_000, 1e15))).toBeNull();
    expect(WHOLE_SECONDS.meet(new IntervalGrid(205, 600_001, 1e15))?.start).toBe(205 + 600_001 * 795);
  });
});
