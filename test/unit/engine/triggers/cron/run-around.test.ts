import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CronTrigger } from '../../../../../lib/engine/triggers/cron.trigger.js';

const field = (max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    fc.constant(`0-${max}`),
    fc.constant('*/2'),
    fc.tuple(fc.nat(max), fc.nat(max)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const triggers = fc
  .record({
    hour: field(23),
    minute: field(59),
    second: field(59),
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Africa/Cairo', 'Australia/Lord_Howe', '+05:30'),
    endDate: fc.constantFrom('2026-10-25T01:30:20Z', '2027-01-01'),
  })
  .map((options) => new CronTrigger({ ...options, startDate: '2026-03-28T22:10:05Z' }));

it('A cron trigger fires at each second of the stretch that it tells', () => {
  // Around the changes of the clock, where it matters: Berlin, Cairo, Lord Howe.
  const changes = [
    '2026-03-29T01:00Z',
    '2026-10-25T01:00Z',
    '2026-04-23T22:00Z',
    '2026-10-29T21:00Z',
    '2026-10-03T15:30Z',
  ];
  const instants = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -10_000, max: 10_000 }))
    .map(([change, seconds]) => Date.parse(change) + seconds * 1000);
  fc.assert(
    fc.property(
      triggers,
      instants,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (trigger, instant, part) => {
        const time = trigger.next(null, instant);
        if (time === null) return;
        const { from, to } = trigger.runAround(time);
        expect(from).toBeLessThanOrEqual(time);
        expect(to).toBeGreaterThan(time);
        const count = Math.ceil((to - from) / 1000);
        for (const index of [0, Math.floor(count * part), count - 1]) {
          const each = from + index * 1000;
          expect(trigger.next(each - 1, 0)).toBe(each);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
