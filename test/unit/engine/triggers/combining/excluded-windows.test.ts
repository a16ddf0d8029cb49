import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExcludedWindows } from '../../../../../lib/engine/triggers/combining/excluded-windows.js';

const windows = fc.array(
  fc
    .record({ from: fc.nat(200), length: fc.integer({ min: 1, max: 20 }) })
    .map(({ from, length }) => ({ from, to: from + length })),
);

describe('ExcludedWindows', () => {
  it('finds the whole stretch around an instant, touching and overlapping windows joined', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: -5, max: 230 }), (given, time) => {
        const isIn = (instant: number): boolean => given.some(({ from, to }) => instant >= from && instant < to);
        const found = new ExcludedWindows(given).around(time);
        if (!isIn(time)) {
          expect(found).toBeUndefined();
          return;
        }
        let [from, to] = [time, time + 1];
        while (isIn(from - 1)) from--;
        while (isIn(to)) to++;
        expect(found).toEqual({ from, to });
      }),
    );
  });
});
