import { sql, type RawBuilder } from 'kysely';
import { FIRST_CLUSTER_STATE, type ClusterMode, type ClusterState } from '../../../engine/stores/cluster-state.js';
import type { StoreTime } from '../nodes/store-time.js';
import type { Connection, SqlSession } from '../sql-session.js';

/** The name of the row in the table of what is known of a namespace. */
export const CLUSTER_ROW = 'cluster';

/** In the row, while nodes are to run. */
const RUNNING = '%"mode":"running"%';

/** What all nodes of a namespace are told to do: one row. Where it is missing, nobody has said anything. */
export class ClusterRow {
  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    /** The name of this node. */
    private readonly node: string,
  ) {}

  async read(): Promise<ClusterState> {
    return stateOf(await this.value());
  }

  /** Makes the row where it is missing. @throws where it may not be made, or not be held. */
  async make(): Promise<void> {
    const isMissing = (await this.value(this.session.dialect.hold)) === undefined;
    if (isMissing) await this.session.change(this.making());
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

  private async value(hold = sql``): Promise<string | undefined> {
    const { meta, namespace } = this.session;
    const [row] = await this.session.read(sql<{ value: string }>`
      SELECT value FROM ${meta} WHERE namespace = ${namespace} AND name = ${CLUSTER_ROW} ${hold}
    `);
    return row?.value;
  }

  private making(): RawBuilder<unknown> {
    const { dialect, meta, namespace } = this.session;
    const keep = sql.raw(dialect.onConflictUpdate(['namespace', 'name'], ['namespace']));
    return sql`
      INSERT INTO ${meta} (namespace, name, value)
      VALUES (${namespace}, ${CLUSTER_ROW}, ${JSON.stringify(FIRST_CLUSTER_STATE)}) ${keep}`;
  }

  private async change(db: Connection, to: ClusterMode, from: readonly ClusterMode[], now: number) {
    const { dialect, meta, namespace } = this.session;
    await this.making().execute(db);
    const { rows } = await sql<{ value: string }>`
      SELECT value FROM ${meta} WHERE namespace = ${namespace} AND name = ${CLUSTER_ROW} ${dialect.lock}
    `.execute(db);
    const current = stateOf(rows[0]?.value);
    if (!from.includes(current.mode)) return current;
    const state: ClusterState = { mode: to, version: current.version + 1, changedAt: now, changedBy: this.node };
    await sql`
      UPDATE ${meta} SET value = ${JSON.stringify(state)} WHERE namespace = ${namespace} AND name = ${CLUSTER_ROW}
    `.execute(db);
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
