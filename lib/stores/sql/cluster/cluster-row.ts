import { sql, type RawBuilder } from 'kysely';
import { FIRST_CLUSTER_STATE, type ClusterMode, type ClusterState } from '../../../engine/stores/cluster-state.js';
import type { StoreTime } from '../nodes/store-time.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { MetaRow } from '../meta-row.js';

/** The name of the row in the table of what is known of a namespace. */
export const CLUSTER_ROW = 'cluster';

/** In the row, while nodes are to run. */
const RUNNING = '%"mode":"running"%';
/** What the row says at first. */
const NOTHING_SAID = JSON.stringify(FIRST_CLUSTER_STATE);

/** What all nodes of a namespace are told to do: one row. Where it is missing, nobody has said anything. */
export class ClusterRow {
  private readonly row: MetaRow;

  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    /** The name of this node. */
    private readonly node: string,
  ) {
    this.row = new MetaRow(session, CLUSTER_ROW);
  }

  async read(): Promise<ClusterState> {
    const [row] = await this.session.read(this.row.select());
    return stateOf(row?.value);
  }

  /** Makes the row where it is missing. @throws where it may not be made, or not be held. */
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
   * Waits for the transactions that may not have seen it as it is. Who takes due work holds its node's row, and looks
   * here after that: what still holds one now may have looked before.
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
    return state;
  }
}

/** Whether a row, called `m`, tells all nodes to run. */
export const tellsToRun: RawBuilder<unknown> = sql`m.name = ${CLUSTER_ROW} AND m.value LIKE ${RUNNING}`;

/** What all nodes are told to do, as one more column of a SELECT; null when that is to run. */
export function heldColumn({ meta, namespace }: SqlSession): RawBuilder<unknown> {
  return sql`(
    SELECT value FROM ${meta}
    WHERE namespace = ${namespace} AND name = ${CLUSTER_ROW} AND value NOT LIKE ${RUNNING}
  )`;
}

/** What a row says. */
export function stateOf(value: string | null | undefined): ClusterState {
  return typeof value === 'string' ? (JSON.parse(value) as ClusterState) : FIRST_CLUSTER_STATE;
}
