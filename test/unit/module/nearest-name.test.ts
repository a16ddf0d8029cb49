import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestName } from '../../../lib/module/nearest-name.js';

const NAMES = ['apiEnabled', 'apiPrefix', 'timezone', 'jobs'];

it.each([
  ['apiPrefx', 'apiPrefix'],
  ['API_ENABLED', 'apiEnabled'],
  ['timeZone', 'timezone'],
  ['job', 'jobs'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
])('takes %j for %j', (given, meant) => {
  expect(nearestName(given, NAMES)).toBe(meant);
});

it('finds a name that is known, whatever else is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }), { minLength: 1, maxLength: 8 }),
      (names) => {
        const [name = ''] = names;
        expect(nearestName(name, names)?.toLowerCase()).toBe(name.toLowerCase());
      },
    ),
  );
});
