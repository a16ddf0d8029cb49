import type { Clock } from '../../../engine/clock.js';
import { sql } from '../connection/kysely.js';
import type { LastRuns } from '../runs/last-runs.js';
import type { SqlSession } from '../sql-session.js';
import { SEARCH_COLUMNS } from '../jobs/job-row.js';
import { tagRowsOf, type JobTags } from '../jobs/job-tags.js';
import { readSearchRow } from '../jobs/search-row.js';

/** How many jobs are indexed in one transaction: each may have a megabyte of arguments. */
const AT_ONCE = 100;

const COLUMNS = { id: 'key', ...SEARCH_COLUMNS, last_run: 'key' } as const;

interface UnindexedRow {
  readonly id: string;
  readonly uid: string;
  readonly spec: string;
}

/**
 * Jobs whose rows say nothing of what they are found by: they were there before these columns, or an earlier release has added
 * them while nodes of both are running. Their columns are filled before anybody looks for jobs.
 */
export class UnindexedJobs {
  private indexing: Promise<void> | null = null;

  constructor(
    private readonly session: SqlSession,
    private readonly clock: Clock,
    private readonly lastRuns: LastRuns,
    private readonly tags: JobTags,
  ) {}

  /** Fills the columns of all of them. Where there are none, which is usual, it only asks. */
  async index(): Promise<void> {
    if (!(await this.areThere())) return;
    // Once for all searches: each would wait for the locks of the others, with a connection of its own.
    this.indexing ??= this.indexAll().finally(() => (this.indexing = null));
    await this.indexing;
  }

  private async indexAll(): Promise<void> {
    while (await this.areThere()) {
      await this.indexSome();
      await this.clock.yield();
    }
  }

  private async areThere(): Promise<boolean> {
    const { jobs } = this.session;
    return (await this.session.read(sql`SELECT id FROM ${jobs} WHERE ${this.isUnindexed} LIMIT 1`)).length > 0;
  }

  private indexSome(): Promise<void> {
    const { dialect, jobs, namespace } = this.session;
    return this.session.transaction(async (db) => {
      // Locked: runs that are begun meanwhile would have their place taken by those before.
      const { rows } = await sql<UnindexedRow>`
        SELECT id, uid, spec FROM ${jobs} WHERE ${this.isUnindexed} LIMIT ${AT_ONCE} ${dialect.lock}
      `.execute(db);
      if (rows.length === 0) return;
      const ids = rows.map(({ id }) => id);
      const last = await this.lastRuns.idsOf(db, ids);
      const found = rows.map((row) => ({ ...row, ...readSearchRow(row.id, row.spec) }));
      const filled = found.map(({ id, row }) => ({ id, ...row, last_run: last.get(id) ?? '' }));
      const columns = Object.keys(COLUMNS).filter((name) => name !== 'id');
      await dialect.updateFrom(jobs, namespace, columns, this.session.rows(filled, COLUMNS)).execute(db);
      await this.tags.put(
        db,
        found.flatMap((job) => tagRowsOf(job, job.tags)),
      );
    });
  }

  private get isUnindexed() {
    return sql`${this.session.ordered} AND name_key IS NULL`;
  }
}
