import { Logger, makeWorkerUtils, run as runWorker } from 'graphile-worker';
import pg from 'pg';
import { BATCH, indexes } from './contender.mjs';

const logger = new Logger(() => (level, message) => void (level === 'error' && console.error(message)));
/** As its manual recommends ("Performance"): batched fetching and completion. */
const WORKER = {
  concurrentJobs: 24,
  maxPoolSize: 26,
  localQueue: { size: BATCH },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

/**
 * Its recurring jobs have a resolution of a minute.
 *
 * @param {import('./contender.mjs').Site} site
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export async function graphileWorker({ url: connectionString, run }) {
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  const client = new pg.Client({ connectionString });
  await client.connect();
  return {
    work: () =>
      runWorker({
        ...{ connectionString, logger, noHandleSignals: true, preset: { worker: WORKER } },
        taskList: { run: async ({ value }) => run(value, NaN) },
      }),
    addAll: (jobs) => utils.addJobs(indexes(jobs).map((value) => ({ identifier: 'run', payload: { value } }))),
    addNow: (value) => utils.addJob('run', { value }),
    isDone: async () => {
      const { rows } = await client.query('SELECT 1 FROM graphile_worker._private_jobs LIMIT 1');
      return rows.length === 0;
    },
  };
}
