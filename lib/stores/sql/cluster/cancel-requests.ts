import { sql } from '../connection/kysely.js';
import type { NodeLease } from '../nodes/node-lease.js';
import { CANCEL_ROW } from '../meta-row.js';
import { UNWATCHED } from '../nodes/lost-runs.js';
import type { SqlSession } from '../sql-session.js';

/** Requests cancellations from other nodes: one row per run, until its node has seen it. */
export class CancelRequests {
  constructor(
    private readonly session: SqlSession,
    private readonly lease: NodeLease,
  ) {}

  /** @returns whether the run is active on another node */
  ask(runId: string): Promise<boolean> {
    const { dialect, meta, namespace, runs } = this.session;
    return this.session.transaction(async (db) => {
      const { rows } = await sql<{ lease: string | null }>`
        SELECT lease FROM ${runs} WHERE namespace = ${namespace} AND id = ${runId} ${dialect.lock}
      `.execute(db);
      const lease = rows[0]?.lease ?? null;
      if (lease === null || lease === UNWATCHED || lease === this.lease.id) return false;
      const again = sql.raw(dialect.onConflictUpdate(['namespace', 'name'], ['value']));
      await sql`
        INSERT INTO ${meta} (namespace, name, value) VALUES (${namespace}, ${CANCEL_ROW + runId}, ${lease}) ${again}
      `.execute(db);
      return true;
    });
  }

  /** Removes requests that have been handled. */
  async forget(runIds: readonly string[]): Promise<void> {
    const { meta, namespace } = this.session;
    const among = this.session.among(
      'name',
      runIds.map((id) => CANCEL_ROW + id),
    );
    await this.session.transaction((db) =>
      sql`DELETE FROM ${meta} WHERE namespace = ${namespace} AND ${among}`.execute(db),
    );
  }
}
