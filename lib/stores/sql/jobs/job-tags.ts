import { inChunks } from '../../../engine/util/chunks.js';
import { sql } from '../connection/kysely.js';
import { STATEMENT_BOUNDS, type Connection, type SqlSession } from '../sql-session.js';

const COLUMNS = { tag: 'key', job_id: 'key', job_uid: 'word' } as const;

/** A row for each tag of a job. */
export interface TagRow {
  readonly tag: string;
  readonly job_id: string;
  readonly job_uid: string;
}

export const tagRowsOf = ({ id, uid }: { id: string; uid: string }, tags: readonly string[]): readonly TagRow[] =>
  tags.map((tag) => ({ tag, job_id: id, job_uid: uid }));

/** The tags of jobs, which jobs are found by. They go with their jobs. */
export class JobTags {
  constructor(private readonly session: SqlSession) {}

  /** Adds tags. Those of an earlier job may be there where the application has turned off the foreign keys of SQLite. */
  async put(db: Connection, rows: readonly TagRow[]): Promise<void> {
    const { dialect, jobTags, namespace } = this.session;
    const otherwise = sql.raw(dialect.onConflictUpdate(['namespace', 'tag', 'job_id'], ['job_uid']));
    for (const some of inChunks(rows, STATEMENT_BOUNDS.items)) {
      await sql`
        INSERT INTO ${jobTags} (namespace, tag, job_id, job_uid)
        SELECT ${namespace}, tag, job_id, job_uid FROM ${this.session.rows(some, COLUMNS)} WHERE 1 = 1 ${otherwise}
      `.execute(db);
    }
  }

  /** Puts tags of a job in the place of those that it has. */
  async replace(db: Connection, id: string, tags: readonly string[]): Promise<void> {
    const { jobs, jobTags, namespace } = this.session;
    await sql`DELETE FROM ${jobTags} WHERE namespace = ${namespace} AND job_id = ${id}`.execute(db);
    if (tags.length === 0) return;
    const isIt = sql`namespace = ${namespace} AND id = ${id}`;
    const { rows } = await sql<{ uid: string }>`SELECT uid FROM ${jobs} WHERE ${isIt}`.execute(db);
    for (const { uid } of rows) await this.put(db, tagRowsOf({ id, uid }, tags));
  }
}
