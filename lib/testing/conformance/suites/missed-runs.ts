import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { equal, matches, present } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

/** Records claimed runs that could not start: each is missed, and to be tried again at once. */
async function miss({ store, clock }: StoreWorld, ...runs: readonly RunEntry[]): Promise<void> {
  for (const run of runs) leftOut(run, 'missed', 'shutdown', clock.now()).retryAt = clock.now();
  matches(await store.record(runs), { removed: [] }, 'record() of runs that could not start');
}

/** Claimed runs that could not start: they are tried again at once, and their jobs do not move back. */
export function missedRuns({ describe, test }: Suite): void {
  describe('hands out runs again that could not start', () => {
    test('at once, as the same attempt, and leaves their job where it has gone on to', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T));
      const run = present((await node.runsTaken(T + 9000))[0], 'the run');
      await miss(world, run);
      matches(await store.get('a'), { nextRunTime: T + 9000, nextNominalTime: T + 9000, paused: false }, 'the job');
      matches(
        await store.getRun(run.id),
        { state: 'missed', reason: 'shutdown', retryAt: T },
        'the run, as it is kept',
      );
      equal(await world.lastRunOf('a'), undefined, 'the last run that was begun');
      const { claimed, retries } = await node.take(T + 9000);
      equal(claimed, [], 'the jobs that are due');
      const shape = { cause: 'retry', attempt: 1, retryOf: run.id, nominalTime: T };
      equal(retries.length, 1, 'how many retries are due');
      matches(await store.getRun(present(retries[0], 'the retry').run.id), shape, 'the retry, as it is kept');
      matches(await store.getRun(run.id), { state: 'missed', retryAt: null }, 'the run, once it has been tried again');
    });

    test('and keeps a job that has no time left until they have an outcome', async (world) => {
      const { store, T, node } = world;
      await miss(world, await world.oneShot());
      matches(await store.get('a'), { nextRunTime: null, paused: false }, 'the job');
      const again = present((await node.take()).retries[0], 'the retry');
      matches(await store.record([end(again.run, 'succeeded', T)]), { removed: ['a'] }, 'record() of its end');
    });

    test('many of one job in the order of their times, each once', async (world) => {
      const { store, T, node } = world;
      const job = jobRecord('a', T);
      await store.add(job);
      const runs = Array.from({ length: 60 }, (_, n) => node.newRun(job, T - 60 + n));
      await node.claimDue({ plan: () => ({ runs, leftOut: [], pausesJob: false, next: null }) });
      await miss(world, ...runs);
      const times: number[] = [];
      for (let asked = 0; asked < 10 && times.length < 60; asked++) {
        times.push(...(await node.take()).retries.map(({ run }) => run.nominalTime));
      }
      equal(
        times,
        runs.map(({ nominalTime }) => nominalTime),
        'the times of the retries',
      );
      equal((await node.take()).retries, [], 'the retries that are due after them');
    });

    test('but not while their job is paused', async (world) => {
      const { store, node } = world;
      const run = await world.oneShot();
      await store.update('a', (job) => ({ ...job, paused: true }));
      await miss(world, run);
      equal((await node.take()).retries, [], 'what is due while the job is paused');
      await store.update('a', (job) => ({ ...job, paused: false }));
      equal((await node.take()).retries.length, 1, 'how many retries are due when it goes on');
    });

    test('but none of a job that is gone, nor of another one with its id', async (world) => {
      const { store, T, node } = world;
      const run = await world.oneShot();
      await store.remove('a');
      await miss(world, run);
      matches(await store.getRun(run.id), { state: 'missed', retryAt: null }, 'the run');
      await node.isNextDue(null, 'when the job is gone');
      const second = await world.oneShot();
      await store.remove('a');
      await store.add(jobRecord('a', T + 5000));
      await miss(world, second);
      equal((await node.take()).retries, [], 'the retries that are due');
      matches(await store.get('a'), { nextRunTime: T + 5000 }, 'the other job');
    });
  });
}
