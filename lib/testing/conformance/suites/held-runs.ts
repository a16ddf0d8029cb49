import { equal, isTrue, matches, present } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';

const SHARED = { capability: 'shared' } as const;

/** Whether the runs that stand under a node's lease are those that the node holds, and may start. */
export function heldRuns({ describe, test, settings }: Suite): void {
  const { recoveryMs } = settings;

  describe('compares the runs under the lease of a node with those that it holds', () => {
    test(
      'and takes a run from a node that does not hold it, and hands it out again',
      async (world) => {
        const { store, node, clock } = world;
        const run = await world.oneShot();
        const other = await world.oneShot('b');
        node.held.delete(run.id);
        const isLost = async (): Promise<boolean> => (await store.getRun(run.id))?.state === 'lost';
        await world.until(isLost, recoveryMs, 'a run that its node does not hold is lost');
        matches(await store.getRun(run.id), { reason: 'node lost', settled: true }, 'the run');
        const { retries } = await node.take();
        equal(retries.length, 1, 'how many retries are due');
        const retry = present(retries[0], 'the retry').run;
        const shape = { jobId: 'a', cause: 'retry', attempt: 2, retryOf: run.id };
        matches(await store.getRun(retry.id), shape, 'the second attempt');
        matches(await store.getRun(other.id), { state: 'running' }, 'a run that the node holds');
        equal((await store.record([end(run, 'succeeded', clock.now())])).refused, [run.id], 'what is refused');
        matches(await store.record([end(retry, 'succeeded', clock.now())]), { removed: ['a'] }, 'its end');
      },
      SHARED,
    );

    test(
      'and leaves a run with its node that holds it again within a heartbeat or two',
      async (world) => {
        const { store, node, clock } = world;
        const run = await world.oneShot();
        for (let waited = 0; waited < 3 * recoveryMs; waited += 1000) {
          // For one second in eight the run is on its way between the node and its store.
          if (waited % 8000 === 0) node.held.delete(run.id);
          else node.held.add(run.id);
          await world.at(clock.now() + 1000);
        }
        equal((await node.take()).retries, [], 'the retries that are due');
        matches(await store.getRun(run.id), { state: 'running' }, 'the run');
      },
      SHARED,
    );
  });

  describe('tells a node whose time stood still', () => {
    test(
      'that its lease is over, before others are handed its runs',
      async (world) => {
        const stale = await world.join();
        await world.store.add(jobRecord('a', world.clock.now()));
        await stale.runsTaken();
        isTrue(stale.holdsLease, 'leaseHolds() of a node that has just taken a run is false');
        stale.clock.stop();
        const isTaken = async (): Promise<boolean> => {
          const { retries } = await world.node.take();
          isTrue(retries.length === 0 || !stale.holdsLease, 'others are handed its runs while leaseHolds() is true');
          return retries.length > 0;
        };
        await world.until(isTaken, recoveryMs, 'the run of a node whose time stands still is made again');
      },
      SHARED,
    );
  });
}
