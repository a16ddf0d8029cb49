import { SystemClock } from '../../../engine/clock.js';
import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

/** Of how many jobs the last runs are asked for. */
const JOBS = 300;
/** How many runs are newer than those: a store that looks for last runs in its history meets all of them first, for each job. */
const NEWER = 5000;
const AT_ONCE = 1000;
/** By how many times the length of a page of runs the answer may take longer in a long history. */
const PAGES = 10;
/** The shortest of so many times counts: others are busy too. */
const ROUNDS = 3;

async function shortestMs(ask: () => Promise<unknown>): Promise<number> {
  const clock = new SystemClock();
  let shortest = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = clock.monotonic();
    await ask();
    shortest = Math.min(shortest, clock.monotonic() - began);
  }
  return shortest;
}

/** Runs of these jobs, in turn, that have begun, and ended. */
async function recordRuns({ store, node, T }: StoreWorld, jobIds: readonly string[], count: number): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - from);
    const jobIdOf = (n: number): string => jobIds[(from + n) % jobIds.length] as string;
    const runs = Array.from({ length }, (_, n) => node.newRun(jobRecord(jobIdOf(n), T), T));
    await store.record(runs);
    await store.record(runs.map((run) => end(run, 'succeeded', T)));
  }
}

/** Finding last runs in a long history. */
export function lastRuns({ describe, test }: Suite): void {
  describe('finds the last runs of many jobs', () => {
    test('by an index: not by going through its history for each', async (world) => {
      const { store, T, find } = world;
      const ids = Array.from({ length: JOBS }, (_, n) => `old-${n}`);
      const others = Array.from({ length: 10 }, (_, n) => `busy-${n}`);
      await store.addMany([...ids, ...others].map((id) => jobRecord(id, T + 3_600_000)));
      await recordRuns(world, ids, JOBS);
      const shortMs = await shortestMs(() => store.lastRuns(ids));
      await recordRuns(world, others, NEWER);
      equal((await store.lastRuns(ids)).size, JOBS, 'how many last runs are found');
      const longMs = await shortestMs(() => store.lastRuns(ids));
      const pageMs = await shortestMs(() => find({ limit: JOBS }));
      isTrue(
        longMs - shortMs < PAGES * pageMs,
        `lastRuns() of ${JOBS} jobs takes ${shortMs} ms, and ${longMs} ms once there are ${NEWER} newer runs, though a page of as many runs takes ${pageMs} ms: it must not go through the history`,
      );
    });
  });
}
