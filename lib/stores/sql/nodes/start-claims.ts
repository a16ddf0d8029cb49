import { sql } from '../connection/kysely.js';
import { START_ROW } from '../meta-row.js';
import type { Connection, SqlSession } from '../sql-session.js';

/** Which jobs have run for the start of all nodes: a row for each, until all nodes start again. */
export class StartClaims {
  constructor(private readonly session: SqlSession) {}

  /** @returns whether it is the first claim since then; false also if the job is gone. */
  async claim(jobId: string): Promise<boolean> {
    const { dialect, jobs, meta, namespace } = this.session;
    const [job] = await this.session.read(this.session.selectBy<{ uid: string }>(jobs, 'id', [jobId], 'uid'));
    if (!job) return false;
    try {
      await this.session.change(sql`
        INSERT INTO ${meta} (namespace, name, value) VALUES (${namespace}, ${START_ROW + job.uid}, '')
      `);
      return true;
    } catch (error) {
      if (!dialect.isConflict(error)) throw error;
      return false;
    }
  }

  /** To be called in the transaction in which a node takes its first lease, before it does: it may be the only one. */
  async join(db: Connection, now: number): Promise<void> {
    const { dialect, meta, namespace, nodes } = this.session;
    // One after the other, or each of several nodes that start at once would be the only one.
    await sql`SELECT value FROM ${meta} WHERE namespace = '' AND name = 'schema_version' ${dialect.lock}`.execute(db);
    const { rows } = await sql`
      SELECT id FROM ${nodes} WHERE namespace = ${namespace} AND expires_at > ${now} LIMIT 1
    `.execute(db);
    if (rows.length === 0) await this.forget(db);
  }

  async forget(db: Connection): Promise<void> {
    const { meta, namespace } = this.session;
    await sql`DELETE FROM ${meta} WHERE namespace = ${namespace} AND name LIKE ${`${START_ROW}%`}`.execute(db);
  }
}
