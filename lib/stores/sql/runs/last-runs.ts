import type { Connection, SqlSession } from '../sql-session.js';
import { inChunks } from '../../../engine/util/chunks.js';
import type { RunRow } from './run-row.js';
import type { RunTable } from './run-table.js';

/** A job whose last run may change. Its row is locked. */
export interface LastRunRow {
  readonly id: string;
  /** Null where this release has not written the row: then it is found out later. */
  readonly last_run: string | null;
}

const COLUMNS = { id: 'key', last_run: 'key' } as const;
const AT_ONCE = 1000;

/** Keeps with each job which run was begun last: what `RunTable.last` answers, so that jobs can be sorted by it. */
export class LastRuns {
  constructor(
    private readonly session: SqlSession,
    private readonly runs: RunTable,
  ) {}

  /** Runs have begun. */
  async advance(
    db: Connection,
    jobs: Iterable<LastRunRow>,
    begun: readonly Pick<RunRow, 'id' | 'job_id'>[],
  ): Promise<void> {
    const before = new Map(Array.from(jobs, ({ id, last_run }) => [id, last_run]));
    const after = new Map<string, string>();
    for (const { id, job_id } of begun) {
      const last = after.get(job_id) ?? before.get(job_id);
      if (last !== undefined && id > (last ?? '')) after.set(job_id, id);
    }
    await this.write(
      db,
      Array.from(after, ([id, last_run]) => ({ id, last_run })),
    );
  }

  /** Runs of these jobs are gone, or had not begun: looks for the last ones anew. */
  async look(db: Connection, jobIds: Iterable<string>): Promise<void> {
    const { session } = this;
    for (const ids of inChunks([...new Set(jobIds)], AT_ONCE)) {
      // Nobody may begin one meanwhile.
      const { rows } = await session
        .selectBy<{ id: string }>(session.jobs, 'id', ids, 'id', { lock: session.dialect.lock })
        .execute(db);
      const there = rows.map(({ id }) => id);
      const last = await this.idsOf(db, there);
      await this.write(
        db,
        there.map((id) => ({ id, last_run: last.get(id) ?? '' })),
      );
    }
  }

  /** The ids of the last runs of these jobs. */
  async idsOf(db: Connection, jobIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (jobIds.length === 0) return new Map();
    const { rows } = await this.runs.lastOf(jobIds, 'id, job_id').execute(db);
    return new Map(rows.map(({ id, job_id }) => [job_id, id]));
  }

  private async write(db: Connection, rows: readonly { id: string; last_run: string }[]): Promise<void> {
    if (rows.length === 0) return;
    const { dialect, jobs, namespace } = this.session;
    await dialect.updateFrom(jobs, namespace, ['last_run'], this.session.rows(rows, COLUMNS)).execute(db);
  }
}
