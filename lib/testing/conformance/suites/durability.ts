import { snapshotOf } from '../../../engine/model/run-record.js';
import { equal, matches, present } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';

/** Stopping, starting again, and what outlives the process. */
export function durability({ describe, test }: Suite): void {
  describe('stops', () => {
    test('and starts again, with all that it had', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T + 1000));
      await node.restart();
      matches(await store.get('a'), { nextRunTime: T + 1000 }, 'the job');
      await world.at(T + 1000);
      equal((await node.runsTaken(T + 2000)).length, 1, 'how many runs are due');
    });

    test('and when it was stopped already', async ({ store, node }) => {
      await node.stop();
      await store.stop?.();
    });

    test('and leaves no timer behind', async ({ store, T, node, clock }) => {
      await store.add(jobRecord('a', T));
      await node.runsTaken(T + 1000);
      await node.stop();
      equal(clock.pendingTimers, 0, 'how many timers are set after stop()');
    });

    test('and answers all the same, when its jobs are in this process', async ({ store, T, node, jobIds }) => {
      if (store.capabilities.durable) return;
      await store.add(jobRecord('a', T));
      await node.stop();
      await store.add(jobRecord('b', null));
      equal(await jobIds(), ['a', 'b'], 'list() of a store that is stopped');
    });
  });

  describe('outlives the process', () => {
    test(
      'with its jobs, their places in time, their runs and their retries',
      async (world) => {
        const { store, T, node } = world;
        const waiting = jobRecord('waiting', T + 5000, { nextNominalTime: T + 4000, args: [{ b: 1 }], name: 'a name' });
        await store.addMany([waiting, jobRecord('on', T), jobRecord('paused', null)]);
        const on = present((await node.runsTaken(T + 8000))[0], 'a run');
        end(on, 'failed', T).retryAt = T + 1000;
        on.error = { name: 'Error', message: 'no', stack: 'where' };
        await store.record([on]);
        await node.stop();
        const heir = await world.join();
        equal(await heir.store.get('waiting'), waiting, 'a job that another process has added');
        const listed = (await heir.store.list()).map(({ id, nextRunTime }) => [id, nextRunTime && nextRunTime - T]);
        equal(
          listed,
          [
            ['waiting', 5000],
            ['on', 8000],
            ['paused', null],
          ],
          'the jobs, and their next run times after T',
        );
        equal(await heir.store.getRun(on.id), snapshotOf(on), 'a run of another process');
        equal((await heir.store.lastRuns(['on'])).get('on'), snapshotOf(on), 'the last run of a job');
        await world.at(T + 1000);
        equal(
          (await heir.take()).retries.map(({ job }) => job.id),
          ['on'],
          'the retries that are due',
        );
      },
      { capability: 'durable' },
    );
  });
}
