import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReleases } from '../../../../lib/engine/jobs/releases.js';

describe('Of two releases the earlier one', () => {
  it.each([
    ['1', '2'],
    ['9', '10'],
    ['1.9.0', '1.10.0'],
    ['1.9', '1.9.1'],
    ['v1.9.0', '1.10.0'],
    ['2.0.0-alpha.2', '2.0.0-rc.1'],
    ['2.0.0-rc.9', '2.0.0-rc.10'],
    ['2.0.0-rc.1', '2.0.0'],
    ['2026-01-31', '2026-02-01'],
    ['2026-01-31', '2026-01-31.2'],
    ['build-99', 'build-100'],
    ['20260131235959', '20260201000000'],
    ['9007199254740993', '9007199254740994'],
    [null, '0'],
  ])('%s is before %s', (earlier, later) => {
    expect(compareReleases(earlier, later)).toBeLessThan(0);
    expect(compareReleases(later, earlier)).toBeGreaterThan(0);
  });

  it.each([
    ['1.2', '1.2'],
    ['v1.2', '1.2'],
    ['1.02', '1.2'],
    [null, null],
  ])('is neither of %s and %s', (a, b) => {
    expect(compareReleases(a, b)).toBe(0);
  });

  it('is the same whatever others they are compared with', () => {
    const release = fc.oneof(
      fc.constant(null),
      fc
        .array(fc.constantFrom('1', '2', '10', '.', '-', '~', 'rc', 'b', ' '), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(release, release, release, (a, b, c) => {
        expect(Math.sign(compareReleases(a, b))).toBe(0 - Math.sign(compareReleases(b, a)));
        if (compareReleases(a, b) <= 0 && compareReleases(b, c) <= 0) {
          expect(compareReleases(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
