import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import {
  FIRST_CLUSTER_STATE,
  readClusterState,
  type ClusterMode,
  type ClusterState,
} from '../../../engine/stores/cluster-state.js';
import type { StartClaims } from '../nodes/start-claims.js';
import type { StoreTime } from '../store-time.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { MetaRow } from '../meta-row.js';

/** The name of the row in the meta table. */
export const CLUSTER_ROW = 'cluster';

/** The mode in the row while nodes run. */
const RUNNING = '%"mode":"running"%';
/** The initial value of the row. */
const NOTHING_SAID = JSON.stringify(FIRST_CLUSTER_STATE);

/** The order for all nodes of a namespace: one row. Without it, no order has been given. */
export class ClusterRow {
  private readonly row: MetaRow;

  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly starts: StartClaims,
    /** The name of this node. */
    private readonly node: string,
  ) {
    this.row = new MetaRow(session, CLUSTER_ROW);
  }

  async read(): Promise<ClusterState> {
    const [row] = await this.session.read(this.row.select());
    return stateOf(row?.value);
  }

  /** Creates the row if it is missing. @throws if it cannot be created or locked */
  async make(): Promise<void> {
    const { dialect } = this.session;
    const [row] = await this.session.read(this.row.select(dialect.hold));
    if (!row) await this.session.change(this.row.insert(NOTHING_SAID));
  }

  async turn(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState> {
    const now = await this.time.ask();
    return this.session.transaction((db) => this.change(db, to, from, now));
  }

  /**
   * Waits for transactions that may have read the old value. A claim locks its node's row before it reads this one, so a
   * transaction that still holds such a lock may have read it before.
   */
  async settle(): Promise<void> {
    const { dialect, namespace, nodes } = this.session;
    await this.session.transaction((db) =>
      sql`SELECT id FROM ${nodes} WHERE namespace = ${namespace} ORDER BY id ${dialect.lock}`.execute(db),
    );
  }

  private async change(db: Connection, to: ClusterMode, from: readonly ClusterMode[], now: number) {
    await this.row.insert(NOTHING_SAID).execute(db);
    const { rows } = await this.row.select(this.session.dialect.lock).execute(db);
    const current = stateOf(rows[0]?.value);
    if (!from.includes(current.mode)) return current;
    const state: ClusterState = { mode: to, version: current.version + 1, changedAt: now, changedBy: this.node };
    await this.row.update(JSON.stringify(state)).execute(db);
    if (current.mode === 'stopped') await this.starts.forget(db);
    return state;
  }
}

/** SQL: the order for all nodes as a column of a SELECT; null if they run. One that is damaged is not null, and lets them run, too. */
export function heldColumn({ meta, namespace }: SqlSession): RawBuilder<unknown> {
  return sql`(
    SELECT value FROM ${meta}
    WHERE namespace = ${namespace} AND name = ${CLUSTER_ROW} AND value NOT LIKE ${RUNNING}
  )`;
}

/** Parses the value of a row. */
export function stateOf(value: string | null | undefined): ClusterState {
  try {
    return readClusterState(JSON.parse(value ?? 'null'));
  } catch {
    return FIRST_CLUSTER_STATE;
  }
}
