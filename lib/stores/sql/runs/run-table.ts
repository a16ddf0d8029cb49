import type { RawBuilder } from 'kysely';
import { OnceLogger } from '../../../engine/util/once-logger.js';
import { messageOf } from '../../../engine/util/inspect.js';
import type { RunRecord } from '../../../engine/model/run-record.js';
import type { OnUnreadableRun } from '../../../engine/model/unreadable-run.js';
import type { HistoryLimits, RunFilter } from '../../../engine/stores/job-store.js';
import type { Value } from '../dialects/sql-dialect.js';
import { sql } from '../connection/kysely.js';
import { STATEMENT_BOUNDS, type Connection, type SqlSession } from '../sql-session.js';
import { inChunks, inWeighedChunks } from '../../../engine/util/chunks.js';
import { UNWATCHED } from '../nodes/lost-runs.js';
import { commonValues } from './common-values.js';
import { BEGUN, bytesOf, OUTCOME_COLUMNS, recordOf, RUN_COLUMNS, type RunRow } from './run-row.js';

const COLUMNS = Object.keys(RUN_COLUMNS) as (keyof RunRow)[];
/** The columns of a run's row, as SQL. */
export const RUN_NAMES = COLUMNS.join(', ');

/** How many last runs are read at once. */
const LAST_AT_ONCE = 1000;

/** A run that has been settled. */
export interface SettledRun {
  readonly id: string;
  readonly job_id: string;
  readonly job_uid: string | null;
  /** Not null when its job has no time left; it is locked then. */
  readonly is_over: number | null;
}

/** The runs in their table. */
export class RunTable {
  constructor(
    private readonly session: SqlSession,
    private readonly limits: HistoryLimits,
    private readonly reports = new OnceLogger(() => undefined),
  ) {}

  async get(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined> {
    const { namespace, runs } = this.session;
    const query = sql<RunRow>`SELECT ${sql.raw(RUN_NAMES)} FROM ${runs} WHERE namespace = ${namespace} AND id = ${id}`;
    const [row] = await this.session.read(query);
    return row && this.read(row, onUnreadable);
  }

  async list(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]> {
    const { dialect, namespace, runs } = this.session;
    const { jobId, states, from, to, before, limit, now } = filter;
    const ofJob = jobId === undefined ? undefined : dialect.runsOf({ namespace, jobId, before });
    const conditions: RawBuilder<unknown>[] = [ofJob?.where ?? sql`namespace = ${namespace}`];
    if (states) conditions.push(states.length > 0 ? sql`state IN (${sql.join(states)})` : sql`1 = 0`);
    if (from !== undefined) conditions.push(sql`last_nominal_time >= ${from}`);
    if (to !== undefined) conditions.push(sql`nominal_time < ${to}`);
    const { maxAgeMs, perJob, total } = this.limits;
    // The latest run of a job is there all the same, and is no history.
    if (perJob === 0 || total === 0) conditions.push(sql`settled = 0`);
    const oldest = now - maxAgeMs;
    if (Number.isFinite(oldest)) conditions.push(sql`(finished_at IS NULL OR finished_at >= ${oldest} OR settled = 0)`);
    if (before !== undefined && !ofJob) conditions.push(sql`id < ${before}`);
    const rows = await this.session.read(
      sql<RunRow>`
        SELECT ${sql.raw(RUN_NAMES)} FROM ${runs} WHERE ${sql.join(conditions, sql` AND `)}
        ORDER BY ${ofJob?.latestFirst ?? sql`id DESC`} LIMIT ${limit}`,
    );
    return rows.flatMap((row) => this.read(row, onUnreadable) ?? []);
  }

  /** A run; undefined when it cannot be read, which is logged. */
  read(row: RunRow, onUnreadable?: OnUnreadableRun): RunRecord | undefined {
    try {
      return recordOf(row);
    } catch (error) {
      const { id, job_id: jobId } = row;
      const problem = messageOf(error);
      this.reports.add(id, `Run "${id}" of job "${jobId}" cannot be read by this release: ${problem}`);
      onUnreadable?.({ id, jobId, problem, raw: { ...row } });
      return undefined;
    }
  }

  /** The latest run that was begun of each of these jobs. */
  async last(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    const found = new Map<string, RunRecord>();
    for (const ids of inChunks(jobIds, LAST_AT_ONCE)) {
      for (const row of await this.session.read(this.lastOf(ids))) {
        const run = this.read(row);
        if (run) found.set(row.job_id, run);
      }
    }
    return found;
  }

  /** Reads the latest run that was begun of each of these jobs: a run of an earlier job of its id does not count. */
  lastOf(jobIds: readonly string[], columns = RUN_NAMES): RawBuilder<RunRow> {
    const { dialect, jobs, namespace, runs } = this.session;
    const isOfJob = sql`job_uid = (SELECT uid FROM ${jobs} AS j WHERE j.namespace = ${namespace} AND j.id = job_id)`;
    const where = sql`${isOfJob} AND ${sql.raw(BEGUN)}`;
    return dialect.selectLatestRuns(runs, namespace, jobIds, sql.raw(columns), where) as RawBuilder<RunRow>;
  }

  /**
   * How many runs of these jobs are under way that do not stand under a lease: on other nodes, or handed over and watched by
   * none. The lease of a node that is over holds until somebody has taken its runs. To be asked after the jobs have been locked: what a statement that locks them sees may be older.
   */
  async countElsewhere(db: Connection, lease: Value, jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { namespace, nodes, runs } = this.session;
    const { rows } = await sql<{ job_id: string; count: number | string }>`
      SELECT r.job_id, count(*) AS count
      FROM ${nodes} AS n JOIN ${runs} AS r ON r.lease = n.id AND r.namespace = n.namespace
      WHERE n.namespace = ${namespace} AND n.id <> ${lease} AND ${this.session.among('r.job_id', jobIds)}
      GROUP BY r.job_id
      UNION ALL
      SELECT job_id, count(*) AS count FROM ${runs}
      WHERE lease = ${UNWATCHED} AND namespace = ${namespace} AND ${this.session.among('job_id', jobIds)}
      GROUP BY job_id
    `.execute(db);
    const counts = new Map<string, number>();
    for (const { job_id, count } of rows) counts.set(job_id, (counts.get(job_id) ?? 0) + Number(count));
    return counts;
  }

  /** Writes rows, in place of those that are there. */
  async put(rows: readonly RunRow[], db: Connection): Promise<void> {
    const otherwise = this.session.dialect.onConflictUpdate(['namespace', 'id'], COLUMNS.slice(1));
    for (const some of inWeighedChunks(rows, STATEMENT_BOUNDS, bytesOf)) {
      await this.inserting(some, sql`1 = 1 ${sql.raw(otherwise)}`).execute(db);
    }
  }

  /** Writes rows that are new, there is at least one. */
  adding(rows: readonly RunRow[]): RawBuilder<unknown> {
    return this.inserting(rows, sql`1 = 1`);
  }

  /** Writes a row that is new, of which this is each value, if a condition holds. */
  addingOne(value: (name: keyof RunRow) => RawBuilder<unknown>, condition: RawBuilder<unknown>): RawBuilder<unknown> {
    const { namespace, runs } = this.session;
    const values = sql.join([namespace, ...COLUMNS.map(value)]);
    return sql`INSERT INTO ${runs} (namespace, ${sql.raw(RUN_NAMES)}) SELECT ${values} WHERE ${condition}`;
  }

  /**
   * Writes down how runs ended that a lease has; for databases that answer an UPDATE.
   *
   * @returns those that were written.
   */
  async settle(rows: readonly RunRow[], lease: string, db: Connection): Promise<readonly SettledRun[]> {
    const { dialect, jobs, namespace, runs } = this.session;
    const { columns, valueOf } = commonValues(rows, OUTCOME_COLUMNS);
    const names = Object.keys(OUTCOME_COLUMNS).filter((name) => name !== 'id');
    const values = sql.join(names.map((name) => sql`${sql.raw(name)} = ${valueOf(name)}`));
    const from = this.session.rows(rows, columns);
    const update = dialect.updateHeld(runs, namespace, values, from, lease, (column) => {
      const [jobId, jobUid] = [column('job_id'), column('job_uid')];
      return sql`
        ${column('id')}, ${jobId}, ${jobUid}, (
          SELECT 1 FROM ${jobs} AS j
          WHERE j.namespace = ${namespace} AND j.id = ${jobId} AND j.uid = ${jobUid}
            AND j.next_run_time IS NULL AND j.paused = 0 ${dialect.lock}
        ) AS is_over`;
    });
    const settled = await sql<SettledRun>`${update}`.execute(db);
    return settled.rows;
  }

  /** @param condition - and what may follow it. */
  private inserting(rows: readonly RunRow[], condition: RawBuilder<unknown>): RawBuilder<unknown> {
    const { namespace, runs } = this.session;
    const { columns, valueOf } = commonValues(rows, RUN_COLUMNS);
    return sql`
      INSERT INTO ${runs} (namespace, ${sql.raw(RUN_NAMES)})
      SELECT ${namespace}, ${sql.join(COLUMNS.map(valueOf))} FROM ${this.session.rows(rows, columns)}
      WHERE ${condition}`;
  }
}
