import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { equal, isTrue, matches, present, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';
import type { StoreWorld } from '../store-world.js';

/** A run of a one-shot job that has failed now, and is to be tried again. */
async function failed({ store, oneShot, clock }: StoreWorld, retryAt: number, id = 'a'): Promise<RunEntry> {
  const run = await oneShot(id);
  end(run, 'failed', clock.now()).retryAt = retryAt;
  matches(await store.record([run]), { removed: [] }, 'record() of a failure that is to be tried again');
  return run;
}

/** Failed runs that are tried again. */
export function retries({ describe, test }: Suite): void {
  describe('hands out runs that are tried again', () => {
    test('once, when their time has come, with their job', async (world) => {
      const { store, T, node } = world;
      const run = await failed(world, T + 500);
      matches(await store.getRun(run.id), { state: 'failed', retryAt: T + 500 }, 'the run that has failed');
      await node.isNextDue(T + 500, 'of a retry');
      await world.at(T + 499);
      equal((await node.take()).retries, [], 'the retries that are due too early');
      await world.at(T + 500);
      const { retries, nextDue } = await node.take();
      equal(retries.length, 1, 'how many retries are due');
      const retry = present(retries[0], 'the retry');
      matches(retry.job, { id: 'a', task: 'app:work' }, 'the job of the retry');
      const shape = { cause: 'retry', attempt: 2, retryOf: run.id, nominalTime: T };
      matches(await store.getRun(retry.run.id), { ...shape, state: 'running' }, 'the retry, as it is kept');
      matches(await store.getRun(run.id), { state: 'failed', retryAt: null }, 'the run that it is a retry of');
      node.isAskedAgain(nextDue, null, 'when the only retry was taken');
      await world.at(T + 9000);
      equal((await node.take()).retries, [], 'the retries that are due after it');
    });

    test('with what the failed run was', async (world) => {
      const { store, T, node } = world;
      const run = await failed(world, T + 500);
      await world.at(T + 600);
      const asked: unknown[] = [];
      await node.claimDue({
        retry: (job, lost, now) => {
          asked.push({
            id: job.id,
            run: { id: lost.id, state: lost.state, attempt: lost.attempt, node: lost.node },
            now,
          });
          return null;
        },
      });
      const shape = { id: 'a', run: { id: run.id, state: 'failed', attempt: 1, node: node.name }, now: T + 600 };
      equal(asked, [shape], 'what retry() is called with');
      matches(await store.getRun(run.id), { retryAt: T + 500 }, 'a run whose retry was left');
    });

    test('once, however many ask at the same time', async (world) => {
      const { T, node } = world;
      for (let n = 0; n < 20; n++) await failed(world, T + 500, `job-${n}`);
      await world.at(T + 500);
      const ids: string[] = [];
      for (let round = 0; round < 4; round++) {
        const answers = await Promise.all(Array.from({ length: 5 }, () => node.take()));
        ids.push(...answers.flatMap(({ retries }) => retries.map(({ job }) => job.id)));
      }
      equal(ids.length, 20, 'how many retries of twenty were handed out');
      equal(new Set(ids).size, 20, 'how many different ones');
    });

    test('in order, no more than are asked for', async (world) => {
      const { T, node } = world;
      await failed(world, T + 600, 'late');
      await failed(world, T + 500, 'early');
      await failed(world, T + 550, 'middle');
      await world.at(T + 1000);
      const first = await node.take(null, 2);
      equal(
        first.retries.map(({ job }) => job.id),
        ['early', 'middle'],
        'the first two',
      );
      isTrue(first.nextDue !== null && first.nextDue <= T + 1000, `nextDue says that no more is due: ${first.nextDue}`);
      equal(
        (await node.take()).retries.map(({ job }) => job.id),
        ['late'],
        'the third',
      );
    });

    test('and keeps a job that has no time left, until the last attempt has an outcome', async (world) => {
      const { store, T, node } = world;
      await failed(world, T + 500);
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() while a retry waits');
      await world.at(T + 500);
      const retry = present((await node.take()).retries[0]?.run, 'the second attempt');
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() while a retry is under way');
      end(retry, 'failed', T + 500).retryAt = T + 700;
      matches(await store.record([retry]), { removed: [] }, 'record() of the second failure');
      await world.at(T + 700);
      const last = present((await node.take()).retries[0]?.run, 'the third attempt');
      matches(await store.record([end(last, 'succeeded', T + 700)]), { removed: ['a'] }, 'record() of the end');
    });

    test('but not those that are left, out of the way of others, until it is to look again', async (world) => {
      const { store, T, node } = world;
      await failed(world, T + 500, 'left');
      await failed(world, T + 501, 'other');
      await world.at(T + 600);
      const onlyOther = await world.takeSome({
        limit: 1,
        retry: (job, run) =>
          job.id === 'other' ? node.newRun(job, run.nominalTime, { cause: 'retry', attempt: 2 }) : null,
      });
      equal(
        onlyOther.retries.map(({ job }) => job.id),
        ['other'],
        'what is taken when the first is left',
      );
      equal((await node.take()).retries, [], 'what is due while it is left');
      store.reconsider();
      equal(
        (await node.take()).retries.map(({ job }) => job.id),
        ['left'],
        'what is due after reconsider()',
      );
    });

    test('but not those that are left until their job is changed, and with what it has become', async (world) => {
      const { store, T, node } = world;
      await failed(world, T + 500);
      await world.at(T + 600);
      await node.claimDue({ limit: 1 });
      await store.update('a', (job) => ({ ...job, args: ['new'] }));
      equal((await node.take()).retries[0]?.job.args, ['new'], 'the arguments of the retry');
    });

    test('but not while their job is paused', async (world) => {
      const { store, T, node } = world;
      await failed(world, T + 500);
      await store.update('a', (job) => ({ ...job, paused: true }));
      await world.at(T + 600);
      equal((await node.take()).retries, [], 'what is due while the job is paused');
      await store.update('a', (job) => ({ ...job, paused: false }));
      equal((await node.take()).retries.length, 1, 'what is due when it goes on');
    });

    for (const how of ['remove', 'removeAll'] as const) {
      test(`but none of a job that is gone, nor of another one with its id: ${how}`, async (world) => {
        const { store, T, node } = world;
        const run = await failed(world, T + 500);
        await store[how]('a');
        await node.isNextDue(null, 'when the job is gone');
        matches(await store.getRun(run.id), { state: 'failed', retryAt: null }, 'the run');
        await store.add(jobRecord('a', null));
        store.reconsider();
        await store.update('a', (job) => ({ ...job, name: 'another', paused: false }));
        await world.at(T + 600);
        equal((await node.take()).retries, [], 'what is due');
      });
    }

    test('once, though it is told of the failure again', async (world) => {
      const { store, T, node } = world;
      const run = await failed(world, T + 500);
      await world.at(T + 500);
      const { retries } = await node.take();
      sameSet(
        retries.map(({ job }) => job.id),
        ['a'],
        'what is due',
      );
      run.retryAt = T + 500;
      await store.record([run]);
      await world.at(T + 600);
      equal((await node.take()).retries, [], 'what is due after the failure was told again');
    });

    test(
      'though the history has no room for them',
      async (world) => {
        const { T, node } = world;
        await failed(world, T + 500);
        await world.tidy();
        await node.isNextDue(T + 500, 'of a retry');
        await world.at(T + 500);
        equal((await node.take()).retries.length, 1, 'how many retries are due');
      },
      { history: { perJob: 0, total: 0 } },
    );
  });
}
