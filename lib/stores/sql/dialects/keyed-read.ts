import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import type { JobRuns, JobRunsSearch, KeyedRead, SqlDialect } from './sql-dialect.js';

/** Reads rows by their keys, where keys come with a statement as rows. */
export function selectAmong(this: SqlDialect, read: KeyedRead): RawBuilder<unknown> {
  const { table, namespace, column, keys, columns, where = sql`1 = 1`, lock = sql`` } = read;
  return sql`
    SELECT ${columns} FROM ${table}
    WHERE namespace = ${namespace} AND ${this.among(sql.raw(column), keys)} AND ${where} ${lock}`;
}

/** Finds the runs of a job by plain conditions. */
export function plainRunsOf({
  namespace,
  column: key = 'job_id',
  jobId,
  before,
  after,
  alias,
}: JobRuns): JobRunsSearch {
  const prefix = alias === undefined ? '' : `${alias}.`;
  const column = (name: string): RawBuilder<unknown> => sql.raw(prefix + name);
  const conditions = [sql`${column('namespace')} = ${namespace}`, sql`${column(key)} = ${jobId}`];
  if (before !== undefined) conditions.push(sql`${column('id')} < ${before}`);
  if (after !== undefined) conditions.push(sql`${column('id')} > ${after}`);
  return { where: sql.join(conditions, sql` AND `), latestFirst: sql`${column('id')} DESC` };
}

/** Finds the runs of a job by columns that are compared as a row: these fit one index only. */
export function runsByRow({ namespace, column = 'job_id', jobId, before, after, alias }: JobRuns): JobRunsSearch {
  const prefix = alias === undefined ? '' : `${alias}.`;
  const [ofJob, place] = [
    [column, 'namespace'],
    [column, 'namespace', 'id'],
  ].map((names) => sql.raw(`(${names.map((name) => prefix + name).join(', ')})`));
  const from =
    after === undefined
      ? sql`${ofJob} >= (${jobId}, ${namespace})`
      : sql`${place} > (${jobId}, ${namespace}, ${after})`;
  const to =
    before === undefined
      ? sql`${ofJob} <= (${jobId}, ${namespace})`
      : sql`${place} < (${jobId}, ${namespace}, ${before})`;
  const order = [column, 'namespace', 'id'].map((name) => `${prefix}${name} DESC`);
  return { where: sql`${from} AND ${to}`, latestFirst: sql.raw(order.join(', ')) };
}

/**
 * Makes what reads the latest run of each job, where the ids of jobs come with a statement as rows.
 *
 * @param hint - follows the name of the table that is searched for the latest run.
 */
export function latestAmong(hint = ''): SqlDialect['selectLatestRuns'] {
  return function (this: SqlDialect, table, namespace, jobIds, columns, where) {
    const wanted = this.rows(
      jobIds.map((jobId) => ({ wanted: jobId })),
      { wanted: 'key' },
    );
    const ofJob = this.runsOf({ namespace, jobId: sql.raw('x.wanted') });
    // A CROSS JOIN makes SQLite begin with the keys; it would go through the whole table otherwise.
    return sql`
      SELECT ${columns} FROM ${wanted} CROSS JOIN ${table} AS r WHERE r.namespace = ${namespace} AND r.id = (
        SELECT id FROM ${table} ${sql.raw(hint)} WHERE ${ofJob.where} AND ${where}
        ORDER BY ${ofJob.latestFirst} LIMIT 1
      )`;
  };
}

/** Deletes rows by their ids, where keys come with a statement as rows. */
export function deleteAmong(
  this: SqlDialect,
  table: RawBuilder<unknown>,
  namespace: string,
  ids: readonly string[],
): RawBuilder<unknown> {
  return sql`DELETE FROM ${table} WHERE namespace = ${namespace} AND ${this.among(sql.raw('id'), ids)}`;
}
