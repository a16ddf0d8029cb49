import { sql, type RawBuilder } from 'kysely';
import { messageOf } from '../../../engine/util/inspect.js';
import type { Logger } from '../../../engine/logger.js';
import type { HistoryLimits } from '../../../engine/stores/job-store.js';
import type { SqlSession } from '../sql-session.js';
import { BEGUN } from './run-row.js';

/** How far a limit may be passed before history is cut down to it: by a tenth. */
const SLACK = 10;
/** But within so many milliseconds all of it is cut once only, unless it has grown by half: each cut goes through it. */
const REST_MS = 1000;
const RUSH = 2;
const CHUNK = 1000;
/** After so many cuts the oldest runs are looked at again, that stayed as the latest of their jobs. */
const CUTS_PER_SWEEP = 100;

/** Keeps the history within its limits, many runs at a time: a look at each end of a run would cost more than the run. */
export class RunPruner {
  /** How many runs of each job have ended here since its history was cut. */
  private readonly endedByJob = new Map<string, number>();
  private ended = 0;
  private cuts = 0;
  /** When all of it was cut last, in epoch milliseconds. */
  private cutAt = -Infinity;
  /** All up to this one have been looked at. */
  private seen = '';
  private isFailing = false;

  constructor(
    private readonly session: SqlSession,
    private readonly limits: HistoryLimits,
    private readonly logger: Logger,
  ) {}

  /**
   * Counts runs that have ended, and cuts the history down where it is time to.
   *
   * @param now - the end of the latest, in epoch milliseconds.
   */
  async add(jobIds: readonly string[], now: number): Promise<void> {
    const { perJob, total } = this.limits;
    const long: string[] = [];
    for (const id of jobIds) {
      const count = (this.endedByJob.get(id) ?? 0) + 1;
      this.endedByJob.set(id, count);
      if (count > perJob / SLACK) long.push(id);
    }
    this.ended += jobIds.length;
    try {
      if (long.length > 0) await this.cutJobs(new Set(long));
      const isRested = now < this.cutAt || now >= this.cutAt + REST_MS;
      if (this.ended > total / (isRested ? SLACK : RUSH)) await this.cutAll(now);
      this.isFailing = false;
    } catch (error) {
      // What has been recorded is recorded; the next end of a run tries again.
      if (!this.isFailing) this.logger.warn(`The history of runs is not cut down to its limits: ${messageOf(error)}`);
      this.isFailing = true;
    }
  }

  private async cutJobs(jobIds: ReadonlySet<string>): Promise<void> {
    const { namespace, runs } = this.session;
    const ranked = sql`
      SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY job_id ORDER BY id DESC) AS place FROM ${runs}
        WHERE namespace = ${namespace} AND ${this.session.among('job_id', jobIds)} AND lease IS NULL
      ) AS ranked WHERE place > ${this.limits.perJob}`;
    await this.cut(sql`r.id IN (${ranked})`);
    for (const id of jobIds) this.endedByJob.delete(id);
  }

  private async cutAll(now: number): Promise<void> {
    const { namespace, runs } = this.session;
    this.ended = 0;
    this.cutAt = now;
    this.endedByJob.clear();
    if (++this.cuts % CUTS_PER_SWEEP === 0) this.seen = '';
    const [last] = await this.session.read(sql<{ id: string }>`
      SELECT id FROM ${runs} WHERE namespace = ${namespace} AND lease IS NULL
      ORDER BY id DESC LIMIT 1 OFFSET ${this.limits.total}
    `);
    if (last) {
      await this.cut(sql`r.id > ${this.seen} AND r.id <= ${last.id}`);
      this.seen = last.id;
    }
    const oldest = now - this.limits.maxAgeMs;
    if (oldest > 0) await this.cut(sql`r.id < ${idAt(oldest)} AND r.finished_at < ${oldest}`);
  }

  /** Forgets runs, save the latest of each job, and those that are under way or to be tried again. */
  private async cut(which: RawBuilder<unknown>): Promise<void> {
    const { namespace, runs, jobs } = this.session;
    const notLatest = sql`(
      EXISTS (
        SELECT 1 FROM ${runs} AS newer
        WHERE newer.namespace = ${namespace} AND newer.job_id = r.job_id AND newer.id > r.id
          AND (newer.started_at IS NOT NULL OR newer.state IN ('running', 'lost'))
      ) OR NOT ${BEGUN} OR NOT EXISTS (
        SELECT 1 FROM ${jobs} AS j WHERE j.namespace = ${namespace} AND j.id = r.job_id AND j.uid = r.job_uid
      )
    )`;
    for (let found = CHUNK; found === CHUNK;) {
      found = await this.session.transaction(async (db) => {
        const { rows } = await sql<{ id: string }>`
          SELECT r.id FROM ${runs} AS r
          WHERE r.namespace = ${namespace} AND r.lease IS NULL AND r.retry_at IS NULL AND ${which}
            AND ${notLatest}
          LIMIT ${CHUNK}
        `.execute(db);
        if (rows.length === 0) return 0;
        const ids = rows.map(({ id }) => id);
        await this.session.deleteByIds(runs, ids).execute(db);
        return rows.length;
      });
    }
  }
}

/** Ids begin with the time at which their runs were made. */
const idAt = (time: number): string => Math.trunc(time).toString(16).padStart(12, '0');
