import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import { indexOf } from '../search/job-ranges.js';
import type { SqlSession } from '../sql-session.js';
import type { DeferredJobs } from './deferred-jobs.js';

/** How many jobs are looked through in one step for one of the executors that a node has: no index knows executors. */
const WINDOW = 1000;

/** The first job of some executors, among those that are due first. */
export interface WantedRow {
  /** When it is due; null if there is none among those. */
  readonly due: number | string | null;
  /** When the last of those is due; null if there are no more jobs than those, or all executors are wanted. */
  readonly end_time: number | string | null;
}

/** Columns that say when the first job is due that is not deferred and has one of these executors; of all if it is undefined. */
export function firstWanted(
  session: SqlSession,
  deferred: DeferredJobs,
  executors: readonly string[] | undefined,
): RawBuilder<WantedRow> {
  const { jobs, ordered } = session;
  const isNotDeferred = deferred.isNot(session, 'next_run_time', 'id');
  const those = sql`WHERE ${ordered} AND next_run_time IS NOT NULL AND ${isNotDeferred}`;
  if (!executors) return sql`(SELECT min(next_run_time) FROM ${jobs} ${those}) AS due, NULL AS end_time`;
  // Without statistics databases may take another index, and go through all jobs.
  const inOrder = sql`FROM ${session.jobsBy(indexOf('nextRun'))} ${those} ORDER BY next_run_time`;
  const first = sql`SELECT next_run_time, executor ${inOrder} LIMIT ${WINDOW}`;
  const isWanted = session.among('executor', executors);
  return sql`
    (SELECT min(next_run_time) FROM (${first}) AS first_jobs WHERE ${isWanted}) AS due,
    (SELECT next_run_time ${inOrder} LIMIT 1 OFFSET ${WINDOW - 1}) AS end_time`;
}

/** Asks whether a job with one of these executors is due at a time, and not deferred: there may be very many of others. */
export async function isAnyWantedAt(
  session: SqlSession,
  deferred: DeferredJobs,
  executors: readonly string[],
  time: number,
): Promise<boolean> {
  const isNotDeferred = deferred.isNot(session, 'next_run_time', 'id');
  const rows = await session.read(sql`
    SELECT id FROM ${session.jobsBy(indexOf('nextRun'))}
    WHERE ${session.ordered} AND next_run_time = ${time} AND ${isNotDeferred} AND ${session.among('executor', executors)} LIMIT 1`);
  return rows.length > 0;
}
