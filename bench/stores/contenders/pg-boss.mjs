import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { BATCH, indexes } from './contender.mjs';

const NAME = 'jobs';
const WORK = {
  batchSize: BATCH,
  localConcurrency: 2,
  // The minimum it allows; it does not wait while there are more jobs, and a notification ends the wait.
  pollingIntervalSeconds: 0.5,
  burstWhenBatchFull: true,
};

/**
 * Batches, without a wait while they are full, and LISTEN/NOTIFY. Its recurring jobs have a resolution of a minute.
 *
 * @param {import('./contender.mjs').Site} site
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export async function pgBoss({ url, run }) {
  const boss = new PgBoss({ connectionString: url, useListenNotify: true, schedule: false });
  boss.on('error', (error) => console.error(error.message));
  await boss.start();
  await boss.createQueue(NAME, { notify: true });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    work: () =>
      boss.work(NAME, WORK, async (jobs) => {
        for (const { data } of jobs) run(data.value, NaN);
      }),
    addAll: (jobs) =>
      boss.insert(
        NAME,
        indexes(jobs).map((value) => ({ data: { value } })),
      ),
    addNow: (value) => boss.send(NAME, { value }),
    isDone: async () => {
      const { rows } = await client.query(
        `SELECT 1 FROM pgboss.job WHERE name = '${NAME}' AND state < 'completed' LIMIT 1`,
      );
      return rows.length === 0;
    },
  };
}
