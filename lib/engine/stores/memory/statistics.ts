import { SPANS, type StatisticsCell, type StatisticsSpan } from '../../model/statistics.js';

/** Statistics in this process. */
export class MemoryStatistics {
  /** By span and start: the counts of each series. */
  private readonly cells = new Map<StatisticsSpan, Map<number, Map<string, number>>>();

  add(cells: readonly StatisticsCell[]): void {
    for (const { count, series, span, start } of cells) {
      const ofSpan = getOrMake(this.cells, span, () => new Map<number, Map<string, number>>());
      if (!ofSpan.has(start)) forgetOld(ofSpan, start - SPANS[span].keptMs);
      const counts = getOrMake(ofSpan, start, () => new Map<string, number>());
      counts.set(series, (counts.get(series) ?? 0) + count);
    }
  }

  list(span: StatisticsSpan, from: number): StatisticsCell[] {
    return Array.from(this.cells.get(span) ?? []).flatMap(([start, counts]) =>
      start + SPANS[span].lengthMs <= from
        ? []
        : Array.from(counts, ([series, count]) => ({ span, start, series, count })),
    );
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function forgetOld(ofSpan: Map<number, unknown>, before: number): void {
  for (const start of ofSpan.keys()) if (start < before) ofSpan.delete(start);
}
