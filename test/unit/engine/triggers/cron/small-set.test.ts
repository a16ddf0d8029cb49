import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SmallSet } from '../../../../../lib/engine/triggers/cron/small-set.js';

describe('SmallSet', () => {
  it('finds members as a look through a list does', () => {
    const values = fc.array(fc.nat(63), { maxLength: 8 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 64 }), (values, from) => {
        const set = new SmallSet(values);
        const sorted = values.toSorted((a, b) => a - b);
        expect(set.has(from)).toBe(values.includes(from));
        expect(set.next(from)).toBe(sorted.find((value) => value >= from) ?? -1);
        expect(set.previous(from - 1)).toBe(sorted.findLast((value) => value < from) ?? -1);
      }),
      { numRuns: 2000 },
    );
  });

  it('has nothing beyond its ends', () => {
    const all = new SmallSet(Array.from({ length: 64 }, (_, value) => value));
    expect([-1, 0, 31, 32, 63, 64].map((value) => all.has(value))).toEqual([false, true, true, true, true, false]);
  });
});
