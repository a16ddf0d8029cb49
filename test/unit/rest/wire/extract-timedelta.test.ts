import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractTimedelta } from '../../../../lib/rest/wire/extract-timedelta.js';

const UNITS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

describe('extractTimedelta', () => {
  it.each([
    [0, [0, 0, 0, 0, 0]],
    [5000, [0, 0, 0, 0, 5]],
    [90 * 60_000, [0, 0, 1, 30, 0]],
    [788_645_000, [1, 2, 3, 4, 5]],
    [1500, [0, 0, 0, 0, 1.5]],
  ])('divides %d ms', (ms, parts) => {
    expect(extractTimedelta(ms)).toEqual(parts);
  });

  it('makes parts that add up, each below the next larger unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (ms) => {
        const parts = extractTimedelta(ms);
        expect(parts.reduce((sum, part, index) => sum + part * (UNITS[index] ?? NaN), 0)).toBe(ms);
        expect(parts.every((part, index) => index === 0 || part * UNITS[index]! < UNITS[index - 1]!)).toBe(true);
      }),
    );
  });

  it.each([-1, NaN, Infinity])('refuses %d', (ms) => {
    expect(() => extractTimedelta(ms)).toThrow(RangeError);
  });
});
