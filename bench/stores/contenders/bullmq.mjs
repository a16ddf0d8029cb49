import { setTimeout as delay } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { indexes } from './contender.mjs';

const NAME = 'jobs';
const SECOND = 1000;
/** Each of them completes a job and fetches the next one in one script, as its manual recommends for short jobs. */
const CONCURRENCY = 100;
/** How many schedulers are added concurrently. */
const CHUNK = 1000;
const LEAD_MS = 2000;

/**
 * Job schedulers with `every`; one-off jobs by `addBulk`. Ended jobs are removed, which is cheapest.
 *
 * @param {import('./contender.mjs').Site} site
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export async function bullmq({ url, run }) {
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue(NAME, { connection });
  await queue.waitUntilReady();
  const removal = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
  return {
    work: async () => {
      const options = { connection, concurrency: CONCURRENCY, ...removal };
      const worker = new Worker(NAME, async ({ id, data: { value } }) => run(value, nominalOf(id)), options);
      worker.on('error', (error) => console.error(error.message));
      await worker.waitUntilReady();
    },
    addEverySecond: async (jobs, startOf) => {
      const all = indexes(jobs);
      let start;
      for (let first = 0; first < jobs; first += CHUNK) {
        // The first run determines the phase, and must be in the future.
        start = Math.ceil((Date.now() + LEAD_MS) / SECOND) * SECOND;
        await Promise.all(
          all.slice(first, first + CHUNK).map((value) => {
            const startDate = start + (startOf(value) % SECOND);
            return queue.upsertJobScheduler(
              `job-${value}`,
              { every: SECOND, startDate },
              { name: 'run', data: { value } },
            );
          }),
        );
      }
      await delay(start - Date.now());
    },
    addAll: (jobs) => queue.addBulk(indexes(jobs).map((value) => ({ name: 'run', data: { value } }))),
    addNow: (value) => queue.add('run', { value }),
    isDone: async () => (await queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized')) === 0,
  };
}

/** The id of a scheduler's job ends with its time: `repeat:job-1:1764115200000`. */
function nominalOf(id) {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}
