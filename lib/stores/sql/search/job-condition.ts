import type { RawBuilder } from 'kysely';
import type { JobFilter, JobSearch, KnownWork } from '../../../engine/stores/job-search.js';
import { sql } from '../connection/kysely.js';
import { UNWATCHED } from '../nodes/lost-runs.js';
import type { SqlSession } from '../sql-session.js';

/** SQL: what rows of jobs must fulfil that a search asks for; null when it asks for all of them. */
export function conditionOf(session: SqlSession, { filter, known }: JobSearch): RawBuilder<unknown> | null {
  const { dialect, jobs, jobTags, namespace, runs } = session;
  const { declared, executors, lastOutcomes, nextFrom, nextTo, states, tags, tasks, text, triggers } = filter;
  const conditions: RawBuilder<unknown>[] = [];
  if (tasks) conditions.push(session.among('task', storable(tasks)));
  if (executors) conditions.push(session.among('executor', storable(executors)));
  if (triggers) conditions.push(session.among('trigger_type', storable(triggers)));
  if (declared !== undefined) conditions.push(sql`declared = ${declared ? 1 : 0}`);
  if (nextFrom !== undefined) conditions.push(sql`next_run_time >= ${nextFrom}`);
  if (nextTo !== undefined) conditions.push(sql`next_run_time < ${nextTo}`);
  if (tags) {
    // A count: PostgreSQL would hash all tags for EXISTS.
    conditions.push(sql`(
      SELECT count(*) FROM ${jobTags} AS t WHERE t.namespace = ${namespace} AND t.job_id = ${jobs}.id
        AND t.job_uid = ${jobs}.uid AND ${session.among('t.tag', storable(tags))}
    ) > 0`);
  }
  if (states) {
    conditions.push(dialect.among(jobState(session, known), states));
  }
  if (lastOutcomes) {
    const outcome = sql`(SELECT l.state FROM ${runs} AS l WHERE l.namespace = ${namespace} AND l.id = ${jobs}.last_run)`;
    conditions.push(dialect.among(outcome, lastOutcomes));
  }
  if (text !== undefined) {
    const [given] = storable([text]);
    conditions.push(given === undefined ? sql`1 = 0` : sql`${sql.raw(dialect.position)}(search, ${given}) > 0`);
  }
  return conditions.length === 0 ? null : sql.join(conditions, sql` AND `);
}

/** SQL: the state of a job. */
export function jobState(session: SqlSession, known: KnownWork): RawBuilder<unknown> {
  const [tasks, executors] = [
    session.among('task', storable(known.tasks)),
    session.among('executor', storable(known.executors)),
  ];
  return sql`
    CASE WHEN uid IN (SELECT r.job_uid ${runningIn(session)} AND r.job_uid IS NOT NULL) THEN 'running'
      WHEN paused = 1 THEN 'paused' WHEN ${tasks} AND ${executors} THEN 'scheduled' ELSE 'waiting' END`;
}

/**
 * SQL: FROM and WHERE of the runs under way, as `r`: by their leases, for the history is long. A CROSS JOIN makes SQLite begin
 * with the nodes.
 */
export function runningIn({ namespace, nodes, runs }: SqlSession): RawBuilder<unknown> {
  return sql`
    FROM (SELECT id FROM ${nodes} WHERE namespace = ${namespace} UNION ALL SELECT ${sql.lit(UNWATCHED)}) AS n
    CROSS JOIN ${runs} AS r
    WHERE r.lease = n.id AND r.namespace = ${namespace} AND r.state IN ('running', 'handed_over')`;
}

/** Whether a search asks for jobs with a next run time only. */
export const asksForTime = ({ nextFrom, nextTo }: JobFilter): boolean => nextFrom !== undefined || nextTo !== undefined;

/** Without texts that nothing stored contains, for no database need be asked for NUL: PostgreSQL cannot be. */
export const storable = (texts: readonly string[]): readonly string[] => texts.filter((text) => !text.includes('\0'));
