import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import { JobLookupError, JobUnreadableError } from '../../../engine/errors.js';
import type { JobRecord } from '../../../engine/model/job.js';
import type { OnUnreadable } from '../../../engine/model/unreadable-job.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { encodeJob } from './job-codec.js';
import type { JobReader } from './job-reader.js';
import { SEARCH_COLUMNS, type JobRow } from './job-row.js';
import type { JobTags } from './job-tags.js';

const SCHEDULE = ['next_run_time', 'next_nominal_time', 'paused', 'runs_left'];
const CHANGED = ['task', 'executor', 'spec', 'spec_hash', ...SCHEDULE, ...Object.keys(SEARCH_COLUMNS), 'updated_at'];
const SHOWN = ['id, task, executor, spec, spec_hash', ...SCHEDULE].join(', ');

/** How many jobs are read at once. */
const PAGE = 1000;

/** In what stands of a job that has `declaredBy`. */
const DECLARED = '%"declaredBy":{%';

/** A run that is under way, or is to be tried again. */
const BUSY = '(lease IS NOT NULL OR retry_at IS NOT NULL)';

interface LockedJob {
  readonly id: string;
  readonly uid: string;
}

/** The jobs in their table. */
export class JobTable {
  constructor(
    private readonly session: SqlSession,
    private readonly reader: JobReader,
    private readonly tags: JobTags,
  ) {}

  async get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined> {
    const [row] = await this.session.read(this.select(sql`AND id = ${id}`));
    return (row && this.reader.recordOf(row, onUnreadable)) ?? undefined;
  }

  async rowsOf(ids: readonly string[]): Promise<ReadonlyMap<string, JobRow>> {
    const rows = await this.session.read(this.session.selectBy<JobRow>(this.session.jobs, 'id', ids, SHOWN));
    return new Map(rows.map((row) => [row.id, row]));
  }

  async list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]> {
    const found = which ? sql`AND spec LIKE ${DECLARED}` : sql``;
    const records: JobRecord[] = [];
    for (let after = '', count = PAGE; count === PAGE;) {
      const rows = await this.session.read(this.select(sql`AND id > ${after} ${found} ORDER BY id LIMIT ${PAGE}`));
      for (const row of rows) {
        const record = this.reader.recordOf(row, onUnreadable);
        // What the database finds may be an argument of that name.
        if (record && (!which || record.declaredBy)) records.push(record);
      }
      after = rows.at(-1)?.id ?? '';
      count = rows.length;
    }
    return records.sort((a, b) => (a.nextRunTime ?? Infinity) - (b.nextRunTime ?? Infinity) || 0);
  }

  update(id: string, change: (current: JobRecord) => JobRecord, now: number): Promise<JobRecord> {
    const { session } = this;
    return session.transaction(async (db) => {
      const { rows } = await this.select(sql`AND id = ${id} ${session.dialect.lock}`).execute(db);
      const [row] = rows;
      if (!row) throw new JobLookupError(id);
      const current = this.reader.recordOf(row, (job) => {
        throw new JobUnreadableError(job);
      }) as JobRecord;
      const changed = change(current);
      if (changed === current) return current;
      const encoded = { ...encodeJob({ ...changed, id }, row.spec), updated_at: now };
      const values = sql.join(CHANGED.map((name) => sql`${sql.ref(name)} = ${valueOf(name, encoded)}`));
      await sql`UPDATE ${session.jobs} SET ${values} WHERE ${this.itsOwn} AND id = ${id}`.execute(db);
      if (!isEqual(current.tags, changed.tags)) await this.tags.replace(db, id, changed.tags ?? []);
      return changed;
    });
  }

  remove(id: string): Promise<void> {
    return this.session.transaction(async (db) => {
      if (!(await this.drop(db, id))) throw new JobLookupError(id);
    });
  }

  removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    return this.session.transaction(async (db) => {
      const { rows } = await this.select(sql`AND id = ${id} ${this.session.dialect.lock}`).execute(db);
      const current = rows[0] && this.reader.recordOf(rows[0]);
      return current && predicate(current) ? this.drop(db, id) : false;
    });
  }

  removeAll(): Promise<void> {
    const { session } = this;
    return session.transaction(async (db) => {
      await sql`DELETE FROM ${session.jobs} WHERE ${this.itsOwn}`.execute(db);
      await this.dropRetries(sql``, db);
    });
  }

  /**
   * Removes those jobs that have nothing left.
   *
   * @param uids - of the jobs that are meant, where others may have their ids by now.
   */
  async removeEnded(db: Connection, ids: Iterable<string>, uids?: ReadonlySet<string>): Promise<readonly string[]> {
    const { session } = this;
    // Locked before anybody looks at their runs: of two nodes that end the last two runs of a job, the second removes it.
    const where = sql`next_run_time IS NULL AND paused = 0`;
    const { rows: over } = await session
      .selectBy<LockedJob>(session.jobs, 'id', ids, 'id, uid', { where, lock: session.dialect.lock })
      .execute(db);
    const meant = over.filter(({ uid }) => uids === undefined || uids.has(uid));
    if (meant.length === 0) return [];
    return this.removeIdle(db, meant);
  }

  /** Removes those of these jobs that have nothing under way, and nothing to be tried again. They have no time left, and are locked. */
  async removeIdle(db: Connection, jobs: readonly LockedJob[]): Promise<readonly string[]> {
    const { session } = this;
    const ids = jobs.map(({ id }) => id);
    if (session.dialect.returning) {
      const { rows } = await this.removingIdle(ids).execute(db);
      return rows.map(({ id }) => id);
    }
    const busyUids = await this.busy(db, ids);
    const ended = jobs.filter(({ uid }) => !busyUids.has(uid)).map(({ id }) => id);
    if (ended.length > 0) await session.deleteByIds(session.jobs, ended).execute(db);
    return ended;
  }

  /**
   * What removes those of these jobs that have nothing under way, and nothing to be tried again, and answers which; for
   * databases that answer a DELETE. They have no time left, and are locked.
   */
  removingIdle(ids: Iterable<string>): RawBuilder<{ readonly id: string }> {
    const { jobs, namespace, runs } = this.session;
    return sql<{ id: string }>`
      ${this.session.deleteByIds(jobs, ids)} AND (
        SELECT count(*) FROM ${runs} AS r
        WHERE r.namespace = ${namespace} AND r.job_id = ${jobs}.id AND r.job_uid = ${jobs}.uid AND ${sql.raw(BUSY)}
      ) = 0 RETURNING id`;
  }

  /** What tells those of these jobs from others that have a run under way, or one to be tried again. */
  async busy(db: Connection, ids: Iterable<string>): Promise<ReadonlySet<string | null>> {
    const { session } = this;
    const { rows } = await session
      .selectBy<{ job_uid: string | null }>(session.runs, 'job_id', ids, 'DISTINCT job_uid', { where: sql.raw(BUSY) })
      .execute(db);
    return new Set(rows.map(({ job_uid }) => job_uid));
  }

  private get itsOwn(): RawBuilder<unknown> {
    return sql`namespace = ${this.session.namespace}`;
  }

  private select(rest: RawBuilder<unknown>): RawBuilder<JobRow> {
    return sql<JobRow>`SELECT ${sql.raw(SHOWN)} FROM ${this.session.jobs} WHERE ${this.itsOwn} ${rest}`;
  }

  /** Whether it was there. */
  private async drop(db: Connection, id: string): Promise<boolean> {
    const gone = await sql`DELETE FROM ${this.session.jobs} WHERE ${this.itsOwn} AND id = ${id}`.execute(db);
    if (!gone.numAffectedRows) return false;
    await this.dropRetries(sql`AND job_id = ${id}`, db);
    return true;
  }

  private dropRetries(which: RawBuilder<unknown>, db: Connection): Promise<unknown> {
    return sql`
      UPDATE ${this.session.runs} SET retry_at = NULL WHERE ${this.itsOwn} AND retry_at IS NOT NULL ${which}
    `.execute(db);
  }
}

/** A job that is still to be indexed stays one: its tags and its last run are unknown, too. */
function valueOf(name: string, encoded: object): RawBuilder<unknown> {
  const value = sql`${encoded[name as keyof typeof encoded]}`;
  return name === 'name_key' ? sql`CASE WHEN name_key IS NULL THEN NULL ELSE ${value} END` : value;
}

const isEqual = (before: readonly string[] | undefined, after: readonly string[] | undefined): boolean =>
  before === after || JSON.stringify(before) === JSON.stringify(after);
