import { RunActiveError, RunLookupError } from '../../../engine/errors.js';
import { equal, refuses, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';

/** Removing single runs from the history. */
export function removedRuns({ describe, test }: Suite): void {
  describe('removes a run', () => {
    test('that has ended, and nothing else', async ({ store, T, node, runIds, lastRunOf, at }) => {
      await store.add(jobRecord('a', T));
      const ids: string[] = [];
      for (const time of [T, T + 1000, T + 2000]) {
        await at(time);
        for (const run of await node.runsTaken(time + 1000)) {
          await store.record([end(run, 'succeeded', time)]);
          ids.push(run.id);
        }
      }
      const [first = '', second = '', third = ''] = ids;
      equal(await store.removeRun(second), { removed: [] }, 'the jobs that go with a run of a job that goes on');
      sameSet(await runIds({ jobId: 'a' }), [first, third], 'the runs that are left');
      equal(await store.getRun(second), undefined, 'getRun() of the one that is removed');
      equal(await lastRunOf('a'), third, 'the last run, which is still there');
      await store.removeRun(third);
      equal(await lastRunOf('a'), first, 'the last run, when the one after it is removed');
      await store.removeRun(first);
      equal(await lastRunOf('a'), undefined, 'the last run, when all are removed');
      equal((await store.get('a'))?.nextRunTime, T + 3000, 'when the job runs next');
    });

    test('but none that is under way, or unknown', async ({ store, oneShot, runIds }) => {
      const run = await oneShot();
      await refuses(store.removeRun(run.id), RunActiveError, 'removeRun() of a run that is under way');
      equal(await runIds(), [run.id], 'the runs after that');
      await refuses(store.removeRun('nobody'), RunLookupError, 'removeRun() of an unknown run');
    });

    test('with its retry, and the job if it has nothing else left', async ({
      store,
      clock,
      node,
      oneShot,
      jobIds,
      at,
    }) => {
      const [run, other] = [await oneShot('a'), await oneShot('b')];
      for (const one of [run, other]) end(one, 'failed', clock.now()).retryAt = clock.now() + 1000;
      await store.record([run, other]);
      equal(await store.removeRun(run.id), { removed: ['a'] }, 'the jobs that go');
      equal(await jobIds(), ['b'], 'the jobs that are left');
      await at(clock.now() + 1000);
      const { retries } = await node.take();
      equal(
        retries.map(({ run: { retryOf } }) => retryOf),
        [other.id],
        'the retries that are due',
      );
    });
  });
}
