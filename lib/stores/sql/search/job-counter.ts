import type { Clock } from '../../../engine/clock.js';
import { JOB_STATES, type JobState } from '../../../engine/model/job-query.js';
import type { JobCounts } from '../../../engine/model/statistics.js';
import type { KnownWork } from '../../../engine/stores/job-search.js';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';
import { jobState } from './job-condition.js';

/** How many rows one statement counts: SQLite holds up the whole process for as long, others only their server. */
const ROWS_IN_PROCESS = 2000;
const ROWS_ON_SERVER = 100_000;

interface CountRow {
  readonly state: JobState;
  readonly count: number | string;
  /** The last id that was counted, in whatever state. */
  readonly last: string;
}

/** Counts the jobs in each state. */
export class JobCounter {
  constructor(
    private readonly session: SqlSession,
    private readonly clock: Clock,
  ) {}

  async count(known: KnownWork): Promise<JobCounts> {
    const { dialect, jobs, namespace } = this.session;
    const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
    const most = dialect.name === 'sqlite' ? ROWS_IN_PROCESS : ROWS_ON_SERVER;
    const state = jobState(this.session, known);
    for (let after = '', seen = most; seen === most;) {
      const rows = await this.session.read(sql<CountRow>`
        WITH seen AS (
          SELECT id, ${state} AS state FROM ${jobs} WHERE namespace = ${namespace} AND id > ${after} ORDER BY id LIMIT ${most}
        )
        SELECT state, count(*) AS count, (SELECT max(id) FROM seen) AS last FROM seen GROUP BY state
      `);
      seen = 0;
      for (const row of rows) {
        counts[row.state] += Number(row.count);
        seen += Number(row.count);
        after = row.last;
      }
      await this.clock.yield();
    }
    return counts;
  }
}
