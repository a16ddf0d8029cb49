import { sql } from '../connection/kysely.js';
import { COMPLETED_JOBS } from '../../../engine/stores/completion-time.js';
import type { Connection, SqlSession } from '../sql-session.js';

const COLUMNS = { id: 'key', last_time: 'bigint' } as const;

/** The last times of declared jobs, which outlive them: see `completionTime`. */
export class CompletedJobs {
  constructor(private readonly session: SqlSession) {}

  /** Notes the last times of jobs in the transaction that claims them. */
  async note(db: Connection, lastTimes: ReadonlyMap<string, number>): Promise<void> {
    if (lastTimes.size === 0) return;
    const { completed, dialect, namespace } = this.session;
    const rows = this.session.rows(
      Array.from(lastTimes, ([id, last_time]) => ({ id, last_time })),
      COLUMNS,
    );
    const otherwise = sql.raw(dialect.onConflictUpdate(['namespace', 'id'], ['last_time']));
    await sql`
      INSERT INTO ${completed} (namespace, id, last_time)
      SELECT ${namespace}, id, last_time FROM ${rows} WHERE 1 = 1 ${otherwise}
    `.execute(db);
  }

  /** Whether a job has had a time. Asked after the job was added, in the same transaction: its end was committed before. */
  async has(db: Connection, id: string, time: number): Promise<boolean> {
    const { completed, namespace } = this.session;
    const { rows } = await sql`
      SELECT id FROM ${completed} WHERE namespace = ${namespace} AND id = ${id} AND last_time >= ${time}
    `.execute(db);
    return rows.length > 0;
  }

  /** Forgets the earliest when there are too many. */
  async prune(): Promise<void> {
    const { completed, namespace } = this.session;
    const [first] = await this.session.read(sql<{ last_time: number | string }>`
      SELECT last_time FROM ${completed} WHERE namespace = ${namespace}
      ORDER BY last_time DESC LIMIT 1 OFFSET ${COMPLETED_JOBS}
    `);
    if (!first) return;
    await this.session.change(sql`
      DELETE FROM ${completed} WHERE namespace = ${namespace} AND last_time <= ${Number(first.last_time)}
    `);
  }
}
