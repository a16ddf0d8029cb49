import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';
import type { DeferredJobs } from './deferred-jobs.js';

/** How many jobs are looked through for one of the executors that a node has: no index knows executors. */
const WINDOW = 1000;

/** The first job of some executors, among so many that are due first. */
export interface WantedRow {
  /** When it is due; null if there is none among those. */
  readonly due: number | string | null;
  /** The place of the last of those; null where there were not that many, or all executors are wanted. */
  readonly end_time: number | string | null;
  readonly end_id: string | null;
}

/** Columns that say when the first job is due that is not deferred and has one of these executors; of all if it is undefined. */
export function firstWanted(
  session: SqlSession,
  deferred: DeferredJobs,
  executors: readonly string[] | undefined,
): RawBuilder<WantedRow> {
  const { jobs, ordered } = session;
  const isNotDeferred = deferred.isNot(session, 'next_run_time', 'id');
  const those = sql`FROM ${jobs} WHERE ${ordered} AND next_run_time IS NOT NULL AND ${isNotDeferred}`;
  if (!executors) return sql`(SELECT min(next_run_time) ${those}) AS due, NULL AS end_time, NULL AS end_id`;
  const inOrder = sql.raw('ORDER BY next_run_time, id');
  const last = sql`${those} ${inOrder} LIMIT 1 OFFSET ${WINDOW - 1}`;
  const first = sql`SELECT next_run_time, executor ${those} ${inOrder} LIMIT ${WINDOW}`;
  return sql`
    (SELECT min(next_run_time) FROM (${first}) AS first_jobs WHERE ${session.among('executor', executors)}) AS due,
    (SELECT next_run_time ${last}) AS end_time, (SELECT id ${last}) AS end_id`;
}
