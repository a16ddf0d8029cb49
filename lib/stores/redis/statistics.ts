import { SPANS, type StatisticsCell, type StatisticsSpan } from '../../engine/model/statistics.js';
import type { Backend } from './backend.js';
import { ADD_STATISTICS, FORGET_STATISTICS, GET_STATISTICS } from './scripts/statistics-scripts.js';

/** How runs went, in counters that all nodes add to. There are tens of thousands: all clients wait while the server goes through them. */
export class Statistics {
  constructor(private readonly backend: Backend) {}

  async add(cells: readonly StatisticsCell[]): Promise<void> {
    if (cells.length === 0) return;
    const [minutes, hours] = (['minute', 'hour'] as const).map((span) => {
      const starts = cells.flatMap((cell) => (cell.span === span ? [cell.start] : []));
      return starts.length === 0 ? 0 : Math.max(...starts) - SPANS[span].keptMs;
    }) as [number, number];
    const fields = cells.flatMap(({ count, series, span, start }) => [`${span} ${start} ${series}`, count]);
    const isNew = (await this.backend.run<0 | 1>(ADD_STATISTICS, minutes, ...fields)) === 1;
    for (let cursor = isNew ? '0' : null; cursor !== null;) {
      const next = await this.backend.run<string>(FORGET_STATISTICS, cursor, minutes, hours);
      cursor = next === '0' ? null : next;
    }
  }

  async list(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    const cells = new Map<string, StatisticsCell>();
    let cursor = '0';
    do {
      const [next, found] = await this.backend.run<[next: string, found: string[]]>(
        GET_STATISTICS,
        ...[cursor, span, from - SPANS[span].lengthMs],
      );
      for (let at = 0; at < found.length; at += 2) {
        const field = found[at] as string;
        const [, start, series = ''] = field.split(' ');
        cells.set(field, { span, start: Number(start), series, count: Number(found[at + 1]) });
      }
      cursor = next;
    } while (cursor !== '0');
    return [...cells.values()];
  }
}
