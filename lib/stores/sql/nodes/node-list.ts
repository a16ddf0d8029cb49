import { readStoredInstant, type StoredNode } from '../../../engine/stores/stored-node.js';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';
import type { StoreTime } from '../store-time.js';
import { ENDED } from './lease-ender.js';

interface NodeRow {
  readonly id: string;
  readonly name: unknown;
  readonly started_at: unknown;
  readonly seen_at: unknown;
  readonly expires_at: unknown;
  readonly skew_ms: unknown;
  readonly description: unknown;
  readonly now: number | string;
}

/** Lists the nodes that have a lease. */
export class NodeList {
  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
  ) {}

  async read(): Promise<readonly StoredNode[]> {
    const { namespace, nodes } = this.session;
    const columns = sql.raw('id, name, started_at, seen_at, expires_at, skew_ms, description');
    const rows = await this.session.read(sql<NodeRow>`
      SELECT ${columns}, ${this.time.inSql} AS now FROM ${nodes}
      WHERE namespace = ${namespace} AND expires_at <> ${ENDED} ORDER BY id
    `);
    const counts = await this.countRuns(rows.map(({ id }) => id));
    return rows.map((row) => this.nodeOf(row, counts.get(row.id) ?? 0));
  }

  private nodeOf(row: NodeRow, activeRuns: number): StoredNode {
    return {
      instance: row.id.slice(0, row.id.lastIndexOf('-')),
      name: typeof row.name === 'string' ? row.name : '',
      since: readStoredInstant(row.started_at),
      seenAt: readStoredInstant(row.seen_at),
      expiresAt: readStoredInstant(row.expires_at),
      expired: Number(row.expires_at) <= Number(row.now),
      clockSkewMs: this.time.measuredSkewMs === null ? null : readStoredInstant(row.skew_ms),
      activeRuns,
      description: typeof row.description === 'string' ? row.description : null,
    };
  }

  private async countRuns(leases: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (leases.length === 0) return new Map();
    // No two namespaces have the same lease. Without statistics PostgreSQL would go through all runs of the namespace.
    const rows = await this.session.read(sql<{ lease: string; number: number | string }>`
      SELECT lease, COUNT(*) AS number FROM ${this.session.runs}
      WHERE lease IS NOT NULL AND ${this.session.among('lease', leases)} GROUP BY lease
    `);
    return new Map(rows.map(({ lease, number }) => [lease, Number(number)]));
  }
}
