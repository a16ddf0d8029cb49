import { SPANS, type StatisticsCell, type StatisticsSpan } from '../../engine/model/statistics.js';
import type { Backend } from './backend.js';
import { ADD_STATISTICS, GET_STATISTICS } from './scripts/statistics-scripts.js';

/** How runs went, in counters that all nodes add to. */
export class Statistics {
  constructor(private readonly backend: Backend) {}

  async add(cells: readonly StatisticsCell[]): Promise<void> {
    if (cells.length === 0) return;
    const oldest = (['minute', 'hour'] as const).map((span) => {
      const starts = cells.flatMap((cell) => (cell.span === span ? [cell.start] : []));
      return starts.length === 0 ? 0 : Math.max(...starts) - SPANS[span].keptMs;
    });
    const fields = cells.flatMap(({ count, series, span, start }) => [`${span} ${start} ${series}`, count]);
    await this.backend.run(ADD_STATISTICS, ...oldest, ...fields);
  }

  async list(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    const found = await this.backend.run<string[]>(GET_STATISTICS, span, from - SPANS[span].lengthMs);
    const cells: StatisticsCell[] = [];
    for (let at = 0; at < found.length; at += 2) {
      const [, start, series = ''] = (found[at] as string).split(' ');
      cells.push({ span, start: Number(start), series, count: Number(found[at + 1]) });
    }
    return cells;
  }
}
