import { isActive } from '../../../engine/model/run-record.js';
import type { RawBuilder } from 'kysely';
import type { JobFilter } from '../../../engine/stores/job-search.js';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';
import { asksForTime, runningIn, storable } from './job-condition.js';
import { indexOf, orderBy, rangesBeyond, type JobRange } from './job-ranges.js';

/** How many jobs are few: all of them are read, and sorted here. */
const FEW = 2000;

type Source = RawBuilder<{ readonly id: string }>;

/**
 * Finds jobs that a filter may apply to by an index of something else than an order: those with a tag, of a state that few have,
 * or of a range of time.
 *
 * @returns the ids of all jobs that the filter can apply to; null when there is no such index, or they are many.
 */
export async function fewJobs(session: SqlSession, filter: JobFilter): Promise<readonly string[] | null> {
  const found = sourcesOf(session, filter);
  if (found.length === 0) return null;
  return session.readInOrder(async (db) => {
    for (const sources of found) {
      const ids = new Set<string>();
      for (const source of sources) for (const { id } of (await source.execute(db)).rows) ids.add(id);
      if (ids.size <= FEW) return [...ids];
    }
    return null;
  });
}

/** Each of these has all the jobs, in parts. */
function sourcesOf(session: SqlSession, filter: JobFilter): Source[][] {
  const { jobTags, namespace } = session;
  const { lastOutcomes, states, tags } = filter;
  const found: Source[][] = [];
  if (lastOutcomes?.every(isActive)) found.push([runningJobs(session)]);
  if (states?.every((state) => state === 'running' || state === 'paused')) {
    const parts: Source[] = [];
    if (states.includes('running')) parts.push(runningJobs(session));
    if (states.includes('paused')) parts.push(jobsAt(session, {}, 'none'));
    found.push(parts);
  }
  if (tags) {
    found.push(
      [...new Set(storable(tags))].map(
        (tag) =>
          sql`SELECT job_id AS id FROM ${jobTags} WHERE namespace = ${namespace} AND tag = ${tag} LIMIT ${FEW + 1}`,
      ),
    );
  }
  if (asksForTime(filter)) found.push([jobsAt(session, filter, 'many')]);
  return found;
}

const runningJobs = (session: SqlSession): Source =>
  sql`SELECT DISTINCT r.job_id AS id ${runningIn(session)} LIMIT ${FEW + 1}`;

/** Jobs with a time that is asked for, or those without one: one that is paused has none. */
function jobsAt(session: SqlSession, filter: JobFilter, keys: JobRange['keys']): Source {
  const inTime = { order: 'nextRun', descending: false, filter } as const;
  const [range] = rangesBeyond(inTime, undefined).filter((one) => one.keys === keys) as [JobRange];
  return sql`
    SELECT id FROM ${session.jobsBy(indexOf('nextRun'))} WHERE ${session.ordered} AND ${range.where}
    ORDER BY ${orderBy(inTime, range, session.dialect)} LIMIT ${FEW + 1}`;
}
