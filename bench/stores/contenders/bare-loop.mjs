import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { BATCH, indexes } from './contender.mjs';

const TABLES = `
  CREATE TABLE job (id int PRIMARY KEY, next_run bigint, period int NOT NULL);
  CREATE INDEX job_next_run ON job (next_run) WHERE next_run IS NOT NULL;
  CREATE TABLE run (job_id int NOT NULL, nominal bigint NOT NULL, started bigint NOT NULL, PRIMARY KEY (job_id, nominal))`;
const CLAIM = {
  name: 'claim',
  text: 'SELECT id, next_run FROM job WHERE next_run <= $1 ORDER BY next_run LIMIT $2 FOR UPDATE SKIP LOCKED',
};
const ADVANCE = {
  name: 'advance',
  text: `UPDATE job SET next_run = CASE WHEN period > 0 THEN next_run + period END FROM unnest($1::int[]) AS due (id)
    WHERE job.id = due.id`,
};
const RECORD = {
  name: 'record',
  text: 'INSERT INTO run SELECT *, $3::bigint FROM unnest($1::int[], $2::bigint[])',
};

/**
 * The baseline: two statements per batch on one connection, in as few lines as possible. No recovery, no coalescing, no
 * notification. One process; it queries the next due time while nothing is due.
 *
 * @param {import('./contender.mjs').Site} site
 * @param {{ withRuns: boolean }} options - whether each run gets a row
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export async function bareLoop({ url, run }, { withRuns }) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(TABLES);
  const query = (statement, values) => client.query({ ...statement, values });
  const add = (jobs, period, timeOf) =>
    client.query('INSERT INTO job SELECT *, $3::int FROM unnest($1::int[], $2::bigint[])', [
      indexes(jobs),
      indexes(jobs).map(timeOf),
      period,
    ]);

  const takeBatch = async () => {
    const now = Date.now();
    await client.query('BEGIN');
    const { rows } = await query(CLAIM, [now, BATCH]);
    if (rows.length > 0) {
      const ids = rows.map(({ id }) => id);
      await query(ADVANCE, [ids]);
      if (withRuns) await query(RECORD, [ids, rows.map(({ next_run: nominal }) => nominal), now]);
    }
    await client.query('COMMIT');
    for (const { id, next_run: nominal } of rows) run(id, Number(nominal));
    return rows.length;
  };
  const loop = async () => {
    for (;;) if ((await takeBatch()) === 0) await delay(1);
  };
  return {
    work: async () => void loop(),
    addEverySecond: (jobs, startOf) => add(jobs, 1000, startOf),
    addAll: (jobs, at) => add(jobs, 0, () => at),
    isDone: async () => {
      const { rows } = await client.query('SELECT 1 FROM job WHERE next_run IS NOT NULL LIMIT 1');
      return rows.length === 0;
    },
  };
}
