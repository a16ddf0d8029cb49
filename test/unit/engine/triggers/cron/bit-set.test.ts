import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitSet } from '../../../../../lib/engine/triggers/cron/bit-set.js';

describe('BitSet', () => {
  it('finds members as a look through a list does', () => {
    const sets = fc.integer({ min: 1, max: 200 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        values: fc.array(fc.nat(size - 1), { maxLength: 8 }),
        from: fc.integer({ min: 0, max: size }),
      }),
    );
    fc.assert(
      fc.property(sets, ({ size, values, from }) => {
        const set = new BitSet(size, values);
        const sorted = values.toSorted((a, b) => a - b);
        expect(set.has(from)).toBe(values.includes(from));
        expect(set.next(from)).toBe(sorted.find((value) => value >= from) ?? -1);
        expect(set.previous(from - 1)).toBe(sorted.findLast((value) => value < from) ?? -1);
      }),
      { numRuns: 1000 },
    );
  });
});
