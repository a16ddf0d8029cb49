import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daySequence, type CalendarStep } from '../../../../../lib/engine/triggers/calendar/day-sequence.js';

const DAY_MS = 86_400_000;
const dayOf = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;
const textOf = (day: number | null): string | null =>
  day === null ? null : new Date(day * DAY_MS).toISOString().slice(0, 10);

/** APScheduler's rule taken literally, one step at a time. */
function* steps(first: number, { months, days }: CalendarStep): Generator<number> {
  for (let date = new Date(first * DAY_MS); ;) {
    yield date.getTime() / DAY_MS;
    const day = date.getUTCDate();
    let [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    do {
      month += months;
      year += Math.floor(month / 12);
      month %= 12;
    } while (day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
    date = new Date(Date.UTC(year, month, day) + days * DAY_MS);
  }
}

/** The days that a sequence has, the first ones. */
function firstDays(first: string, step: CalendarStep, count: number): (string | null)[] {
  const sequence = daySequence(dayOf(first), step);
  const found: (string | null)[] = [];
  for (let day = sequence.next(-Infinity); found.length < count; day = day === null ? null : sequence.next(day + 1)) {
    found.push(textOf(day));
    if (day === null) break;
  }
  return found;
}

describe('daySequence', () => {
  it.each<[string, CalendarStep, (string | null)[]]>([
    ['2030-01-31', { months: 1, days: 0 }, ['2030-01-31', '2030-03-31', '2030-05-31', '2030-07-31', '2030-08-31']],
    ['2030-01-30', { months: 1, days: 0 }, ['2030-01-30', '2030-03-30', '2030-04-30']],
    ['2031-12-29', { months: 1, days: 0 }, ['2031-12-29', '2032-01-29', '2032-02-29', '2032-03-29']],
    ['2028-02-29', { months: 12, days: 0 }, ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['2096-02-29', { months: 12, days: 0 }, ['2096-02-29', '2104-02-29']],
    ['2000-02-29', { months: 12 * 25, days: 0 }, ['2000-02-29', '2400-02-29']],
    ['2030-01-31', { months: 0, days: 7 }, ['2030-01-31', '2030-02-07', '2030-02-14']],
    // The months come first: 31 January and a month is 31 March, as February has no 31st; a day later it is April.
    ['2030-01-31', { months: 1, days: 1 }, ['2030-01-31', '2030-04-01', '2030-05-02', '2030-06-03']],
    ['2016-03-05', { months: 17, days: 50 }, ['2016-03-05', '2017-09-24', '2019-04-15']],
    ['9999-11-30', { months: 1, days: 0 }, ['9999-11-30', '9999-12-30', null]],
    ['9999-12-30', { months: 0, days: 1 }, ['9999-12-30', '9999-12-31', null]],
    ['9999-10-15', { months: 1, days: 5 }, ['9999-10-15', '9999-11-20', '9999-12-25', null]],
  ])('counts on from %s by %o', (first, step, expected) => {
    expect(firstDays(first, step, expected.length)).toEqual(expected);
  });

  const firsts = fc.integer({ min: dayOf('1890-01-01'), max: dayOf('2110-01-01') });
  const anySteps = fc
    .record({
      months: fc.oneof(fc.nat(30), fc.constantFrom(12, 48, 300, 1200)),
      days: fc.oneof(fc.constant(0), fc.nat(60)),
    })
    .filter(({ months, days }) => months + days > 0);

  it('agrees with a walk, forward and backward, wherever it is asked', () => {
    fc.assert(
      fc.property(
        firsts,
        anySteps,
        fc.array(fc.integer({ min: -400, max: 100_000 }), { minLength: 5 }),
        (first, step, asked) => {
          const sequence = daySequence(first, step);
          for (const distance of asked) {
            const day = first + distance;
            const [before, after] = neighbours(first, step, day);
            expect(textOf(sequence.previous(day))).toBe(textOf(before));
            expect(textOf(sequence.next(day))).toBe(textOf(after));
          }
        },
      ),
    );
  });

  it('never looks at more than 16 months, whatever the distance', () => {
    const sequences = Array.from({ length: 500 }, (_, years) =>
      daySequence(dayOf('2000-02-29'), { months: (years + 1) * 12, days: 0 }),
    );
    for (const [index, sequence] of sequences.entries()) {
      const next = sequence.next(dayOf('2000-03-01'));
      if (next === null) continue;
      expect((Number(textOf(next)?.slice(0, 4)) - 2000) / (index + 1)).toBeLessThanOrEqual(16);
    }
  });

  it('finds the far end of a sequence whose days depend on each other, again and again', () => {
    const sequence = daySequence(dayOf('1970-01-31'), { months: 1, days: 1 });
    const last = sequence.previous(dayOf('9999-12-31'));
    for (let count = 0; count < 2000; count++) expect(sequence.previous(dayOf('9999-12-31'))).toBe(last);
    expect(sequence.next((last ?? 0) + 1)).toBeNull();
  });
});

/** The last day of the walk up to a day, and the first from it on. */
function neighbours(first: number, step: CalendarStep, day: number): [number | null, number] {
  let before: number | null = null;
  for (const found of steps(first, step)) {
    if (found >= day) return [found === day ? found : before, found];
    before = found;
  }
  throw new Error('A walk has no end');
}
