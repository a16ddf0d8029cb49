import { describe, expect, it } from 'vitest';
import type { Run } from '../../../lib/client/index.js';
import { arranged, lanesOf, rateOf, type Ahead } from '../../../lib/dashboard/ui/components/timeline-lanes.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2030, 0, 1, 12);
const iso = (ms: number): string => new Date(NOW + ms).toISOString();

const due = (job_id: string, inMs: number, count = 1): Ahead['times'][number] => ({
  ...{ time: iso(inMs), job_id, jobstore: 'default', count },
});
const ahead = (times: Ahead['times'], resolution: number | null = 60): Ahead => ({
  ...{ times, resolution },
});
const names = (lanes: ReturnType<typeof lanesOf>): readonly string[] => lanes.map(({ name }) => name);

describe('The lanes of a timeline', () => {
  it('come in the order of what is nearest to now, and stay in it while the seconds go by', () => {
    const lanes = ahead([due('b', 10_000), due('a', 50_000), due('later', 20 * MINUTE), due('soon', 3 * MINUTE)]);
    expect(names(lanesOf([], lanes, NOW))).toEqual(['a', 'b', 'soon', 'later']);
    expect(names(lanesOf([], lanes, NOW + 20_000))).toEqual(['a', 'b', 'soon', 'later']);
  });

  it('have runs from their start to their end, and those under way until now', () => {
    const run = (more: object) => ({ job_id: 'a', state: 'succeeded', id: '1', ...more }) as unknown as Run;
    const [lane] = lanesOf(
      [
        run({ started_at: iso(-9000), finished_at: iso(-7000) }),
        run({ id: '2', state: 'running', started_at: iso(-5000) }),
      ],
      undefined,
      NOW,
    );
    expect(lane?.marks.map(({ from, group, to }) => [from - NOW, to - NOW, group])).toEqual([
      [-9000, -7000, 'succeeded'],
      [-5000, 0, 'running'],
    ]);
  });

  it('have many times as one mark of the length of a cell', () => {
    const [lane] = lanesOf([], ahead([due('a', 10_000, 50), due('a', 59.5 * MINUTE, 15)], 120), NOW);
    const [first, last] = lane!.marks;
    expect([first!.from - NOW, first!.to - NOW, first!.count]).toEqual([10_000, 130_000, 50]);
    expect([rateOf(first!), rateOf(last!)]).toEqual([50 / 120, 15 / 120]);
  });

  it('have the same rate in each cell of a job that runs at one distance, however many times a cell has', () => {
    // Every 11 s, in cells of 24 s: two or three of them.
    const times = [
      due('a', 11_000, 2),
      due('a', 33_000, 2),
      due('a', 55_000, 2),
      due('a', 77_000, 2),
      due('a', 99_000, 3),
    ];
    const [lane] = lanesOf([], ahead([...times, due('a', 132_000, 2)], 24), NOW);
    const regular = lane!.marks.slice(0, -1);
    expect(regular.map((mark) => rateOf(mark).toFixed(3))).toEqual(regular.map(() => (1 / 11).toFixed(3)));
    expect(regular.map(({ to }, index) => to === lane!.marks[index + 1]!.from)).toEqual(regular.map(() => true));
  });

  it('that somebody reads stay where they are, and new ones come after those', () => {
    const lanes = lanesOf(
      [],
      ahead([due('new', 1000), due('a', 2000), due('c', 5 * MINUTE), due('d', 6 * MINUTE)]),
      NOW,
    );
    expect(names(arranged(lanes, ['d', 'gone', 'a', 'c'], 3))).toEqual(['d', 'gone', 'a', 'new', 'c']);
    expect(arranged(lanes, ['d', 'gone', 'a', 'c'], 3)[1]).toEqual({ name: 'gone', marks: [] });
    expect(names(arranged(lanes, ['d', 'gone', 'a', 'c'], 0))).toEqual(names(lanes));
  });
});
