import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SystemClock } from '../../../engine/clock.js';
import type { JobRecord } from '../../../engine/model/job.js';
import { JOB_ORDERS } from '../../../engine/model/job-query.js';
import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const MB = 1_000_000;
const LARGE = MB / 10;
/** What a process takes or frees meanwhile that has nothing to do with jobs. */
const NOISE = 4 * MB;
const MOST_CACHED = 64 * 1024 * 1024;

/** What a store keeps of jobs in the memory of its process: the kit measures the heap, since it cannot see into caches. */
export function memoryOfJobs({ describe, test }: Suite): void {
  describe('keeps in memory', () => {
    test('nothing of jobs that have completed or were removed', async (world) => {
      // What the first jobs load stays in memory.
      await completeOrRemove(world, 1);
      const before = await memoryInUse();
      await completeOrRemove(world, 12 * MB);
      equal(await world.jobIds(), [], 'the jobs that are left');
      const kept = (await memoryInUse()) - before;
      isTrue(kept < NOISE, `jobs of 12 MB leave ${inMb(kept)} in memory when they are gone`);
    });

    test(
      'a bounded number of bytes of jobs that are there',
      async (world) => {
        const before = await memoryInUse();
        await claimAll(world, await addLargeJobs(world, 80 * MB));
        const kept = (await memoryInUse()) - before;
        isTrue(kept < MOST_CACHED + NOISE, `jobs of 80 MB in a database take ${inMb(kept)} in memory`);
      },
      { capability: 'durable' },
    );
  });
}

/** Adds one-off jobs with arguments of so many bytes together, and answers how many. */
async function addLargeJobs({ store, T }: StoreWorld, bytes: number): Promise<number> {
  const count = Math.ceil(bytes / LARGE);
  for (let n = 0; n < count; n += 50) {
    await store.addMany(Array.from({ length: Math.min(50, count - n) }, (_, k) => largeJob(`job-${n + k}`, T)));
  }
  return count;
}

/** The text is a single block of memory; that of `repeat()` would be a tree of references to one short text. */
const largeJob = (id: string, time: number): JobRecord =>
  jobRecord(id, time, { kwargs: { text: Buffer.alloc(LARGE, id).toString('latin1') } });

/** Every other job is removed while a retry of it is pending. */
async function completeOrRemove(world: StoreWorld, bytes: number): Promise<void> {
  const { store, node, clock } = world;
  const count = await addLargeJobs(world, bytes);
  const search = { filter: {}, descending: false, limit: 10, known: { tasks: [], executors: [] } };
  for (const order of JOB_ORDERS) await store.find({ ...search, order });
  for (let left = count; left > 0;) {
    const runs = await node.runsTaken();
    isTrue(runs.length > 0, `${left} jobs are due, and none is claimed`);
    const failed = runs.filter((_, index) => index % 2 === 1);
    for (const run of runs) end(run, 'succeeded', clock.now());
    for (const run of failed) end(run, 'failed', clock.now()).retryAt = clock.now() + 3_600_000;
    await store.record(runs);
    for (const { jobId } of failed) await store.remove(jobId);
    left -= runs.length;
  }
}

async function claimAll({ node, T }: StoreWorld, count: number): Promise<void> {
  for (let left = count; left > 0;) {
    const { length } = await node.idsTaken(T + 3_600_000);
    isTrue(length > 0, `${left} jobs are due, and none is claimed`);
    left -= length;
  }
}

/** In bytes, without what nothing refers to. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a turn of the event loop has used, weak references among it, is free in the next one.
  for (let times = 0; times < 3; times++) {
    await new SystemClock().yield();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const inMb = (bytes: number): string => `${Math.round(bytes / MB)} MB`;
