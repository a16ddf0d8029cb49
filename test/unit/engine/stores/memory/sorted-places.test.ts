import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePlaces, type JobPlace } from '../../../../../lib/engine/stores/job-search.js';
import { SortedPlaces, sortPlaces } from '../../../../../lib/engine/stores/memory/sorted-places.js';

/** Few keys, so that many places are equal; in each run places enough for several blocks. */
const key = fc.integer({ min: 0, max: 2000 });
const places = fc.array(key, { minLength: 1, maxLength: 3000, size: 'max' });

const placeOf = (number: number): JobPlace => ({ key: number >> 2, id: `job-${number & 3}` });

describe('Places in order', () => {
  it('are those of a sorted array, from any place on and in both directions, whatever is added and removed', () => {
    const step = fc.record({ number: key, removes: fc.boolean() });
    fc.assert(
      fc.property(places, fc.array(step, { maxLength: 2000, size: 'max' }), key, (first, steps, start) => {
        const sorted = new SortedPlaces<JobPlace>();
        let plain = first.map(placeOf).sort(comparePlaces);
        sorted.fill(plain);
        for (const { number, removes } of steps) {
          if (removes) {
            const removed = plain[number % Math.max(1, plain.length)];
            if (removed) sorted.remove(removed);
            plain = plain.filter((place) => place !== removed);
          } else {
            const place = placeOf(number);
            sorted.add(place);
            plain.push(place);
          }
        }
        plain.sort(comparePlaces);
        const from = placeOf(start);
        const above = plain.filter((place) => comparePlaces(place, from) >= 0);
        const below = plain.filter((place) => comparePlaces(place, from) <= 0);
        expect([...sorted.from(undefined, false)]).toEqual(plain);
        expect([...sorted.from(undefined, true)]).toEqual(plain.toReversed());
        expect([...sorted.from(from, false)]).toEqual(above);
        expect([...sorted.from(from, true)]).toEqual(below.toReversed());
        expect(new Set(sorted.from(undefined, false))).toEqual(new Set(plain));
      }),
      { numRuns: 50 },
    );
  });

  it('are sorted a few at a time', async () => {
    const sizes = fc.constantFrom(0, 1, 999, 1000, 1001, 2000, 5001, 12_345);
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 1000 }), async (size, factor) => {
        const given = Array.from({ length: size }, (_, n) => placeOf((n * factor) % 1009));
        const expected = given.toSorted(comparePlaces);
        let pauses = 0;
        const sorted = await sortPlaces(given, async () => void pauses++);
        expect(sorted).toEqual(expected);
        expect(pauses).toBeGreaterThanOrEqual(Math.ceil(size / 1000));
      }),
      { numRuns: 30 },
    );
  });
});
