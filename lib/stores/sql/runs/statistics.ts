import { SPANS, type StatisticsCell, type StatisticsSpan } from '../../../engine/model/statistics.js';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';

const COLUMNS = { span: 'word', start: 'bigint', series: 'word', added: 'bigint' } as const;

interface CellRow {
  readonly start: number | string;
  readonly series: string;
  readonly number: number | string;
}

/** How runs went, in counters that all nodes add to. */
export class Statistics {
  /** By span: the start of the cell that was added last. Older cells are looked for when there is another one. */
  private readonly latest = new Map<StatisticsSpan, number>();

  constructor(private readonly session: SqlSession) {}

  async add(cells: readonly StatisticsCell[]): Promise<void> {
    if (cells.length === 0) return;
    const { dialect, namespace, statistics } = this.session;
    // In one order on all nodes: they would wait for one another's rows otherwise.
    const values = cells
      .map(({ count: added, ...cell }) => ({ ...cell, added }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const rows = this.session.rows(values, COLUMNS);
    const otherwise = sql.raw(dialect.onConflictAdd(['namespace', 'span', 'start', 'series'], 'number'));
    await this.session.change(sql`
      INSERT INTO ${statistics}${sql.raw(dialect.insertAlias)} (namespace, span, start, series, number)
      SELECT ${namespace}, span, start, series, added FROM ${rows} WHERE 1 = 1 ${otherwise}
    `);
    for (const span of Object.keys(SPANS) as StatisticsSpan[]) {
      const starts = cells.flatMap((cell) => (cell.span === span ? [cell.start] : []));
      if (starts.length > 0) await this.forgetBefore(span, Math.max(...starts));
    }
  }

  async list(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    const { namespace, statistics } = this.session;
    const rows = await this.session.read(sql<CellRow>`
      SELECT start, series, number FROM ${statistics}
      WHERE namespace = ${namespace} AND span = ${span} AND start > ${from - SPANS[span].lengthMs}
    `);
    return rows.map(({ number, series, start }) => ({ span, start: Number(start), series, count: Number(number) }));
  }

  private async forgetBefore(span: StatisticsSpan, latest: number): Promise<void> {
    // Not only a later one: the clock may have been set back.
    if (latest === this.latest.get(span)) return;
    this.latest.set(span, latest);
    const { namespace, statistics } = this.session;
    await this.session.change(sql`
      DELETE FROM ${statistics}
      WHERE namespace = ${namespace} AND span = ${span} AND start < ${latest - SPANS[span].keptMs}
    `);
  }
}

function keyOf({ series, span, start }: Pick<StatisticsCell, 'series' | 'span' | 'start'>): string {
  return `${span} ${start} ${series}`;
}
