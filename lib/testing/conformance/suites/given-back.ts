import type { JobSpec } from '../../../engine/jobs/job.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { ReturnedRun, RunPlan } from '../../../engine/stores/job-store.js';
import { IntervalTrigger } from '../../../engine/triggers/interval.trigger.js';
import { equal, matches, present } from '../checks.js';
import { jobRecord, onTo, TEN_SECONDS } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

/** @param next - where its job went on when the run was taken. */
const returned = (run: RunEntry, next: number | null): ReturnedRun => ({
  run,
  trigger: TEN_SECONDS,
  next: next === null ? null : { nominalTime: next, fireTime: next },
});

async function giveBack({ store, clock }: StoreWorld, run: RunEntry, next: number | null = null): Promise<void> {
  leftOut(run, 'missed', 'shutdown', clock.now());
  const result = await store.record([run], [returned(run, next)]);
  matches(result, { removed: [] }, 'record() of a run that is given back');
  equal(result.overtaken ?? [], [], 'the runs that are given back too late');
}

/** A job, and the runs of its two times that were taken one after the other; it goes on to a third. */
async function twoTimes({ store, node, T, at }: StoreWorld): Promise<readonly [RunEntry, RunEntry]> {
  await store.add(jobRecord('a', T));
  const [first] = await node.runsTaken(T + 1000);
  await at(T + 1000);
  const [second] = await node.runsTaken(T + 2000);
  return [present(first, 'the first run'), present(second, 'the second run')];
}

/** Runs that could not begin: their jobs are due for them again. */
export function givenBack({ describe, test }: Suite): void {
  describe('takes runs back', () => {
    test('and makes their job due for them again', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T + 300, { nextNominalTime: T }));
      await world.at(T + 300);
      const plan = (job: JobSpec): RunPlan => ({
        ...onTo(T + 9000),
        runs: [node.newRun(job, T, { fireTime: T + 300 })],
      });
      const { claimed } = await node.claimDue({ limit: 1, plan });
      await giveBack(world, present(claimed[0]?.plan.runs[0], 'the run'), T + 9000);
      const shape = { nextRunTime: T + 300, nextNominalTime: T, paused: false };
      matches(await store.get('a'), shape, 'the job');
      matches(await world.find(), [{ state: 'missed', reason: 'shutdown' }], 'the run that was given back');
      // The same time can be run, now that it was not.
      equal((await node.runsTaken(T + 9000)).length, 1, 'how many runs are due for that time');
      equal((await world.find()).length, 2, 'how many runs are kept');
    });

    test('and brings a job back that had no time left', async (world) => {
      const { store, T, node } = world;
      await giveBack(world, await world.oneShot());
      matches(await store.get('a'), { nextRunTime: T, nextNominalTime: T }, 'the job');
      const again = present((await node.runsTaken())[0], 'the run that is due again');
      matches(await store.record([end(again, 'succeeded', T)]), { removed: ['a'] }, 'record() of its end');
    });

    test('and does nothing but say so where their job has gone on since', async (world) => {
      const { store, T, node, clock } = world;
      const [first, second] = await twoTimes(world);
      const other = await world.oneShot('b');
      leftOut(first, 'missed', 'shutdown', clock.now());
      end(other, 'succeeded', clock.now());
      const result = await store.record([first, other], [returned(first, T + 1000)]);
      equal(result, { removed: [], overtaken: [first.id] }, 'record() of a run that is given back too late');
      matches(await store.get('a'), { nextRunTime: T + 2000, nextNominalTime: T + 2000 }, 'the job');
      matches(await store.get('b'), { nextRunTime: null }, 'the job of a run that was told with it');
      // It is tried again by itself then.
      first.retryAt = clock.now();
      equal(await store.record([first, other]), { removed: ['b'] }, 'record() without what is given back');
      const { claimed, retries } = await node.take(T + 3000);
      equal(
        [claimed.length, ...retries.map(({ run }) => run.retryOf)],
        [0, first.id],
        'what is due: the run that could not begin, and not the time after it',
      );
      equal((await store.getRun(second.id))?.state, 'running', 'the run of the time after it');
    });

    test('of one job together, the earliest of which it is due for then', async (world) => {
      const { store, T, clock } = world;
      const runs = await twoTimes(world);
      for (const run of runs) leftOut(run, 'missed', 'shutdown', clock.now());
      const result = await store.record(runs, [returned(runs[0], T + 1000), returned(runs[1], T + 2000)]);
      equal(result, { removed: [] }, 'record() of two runs that are given back');
      matches(await store.get('a'), { nextRunTime: T, nextNominalTime: T }, 'the job');
    });

    test('and leaves a job alone that is paused', async (world) => {
      const run = await world.oneShot();
      await world.store.update('a', (job) => ({ ...job, paused: true }));
      await giveBack(world, run);
      matches(await world.store.get('a'), { nextRunTime: null, paused: true }, 'the job');
    });

    test('and leaves a job alone that is due earlier', async (world) => {
      const { store, T } = world;
      const run = await world.oneShot();
      await store.update('a', (job) => ({ ...job, nextRunTime: T - 1000, nextNominalTime: T - 1000 }));
      await giveBack(world, run);
      matches(await store.get('a'), { nextRunTime: T - 1000 }, 'the job');
    });

    test('and leaves a job alone that has another trigger by now', async (world) => {
      const { store, T } = world;
      const run = await world.oneShot();
      const trigger = new IntervalTrigger({ seconds: 11, startDate: 0, timezone: 'UTC' });
      await store.update('a', (job) => ({ ...job, trigger, nextRunTime: T + 5000, nextNominalTime: T + 5000 }));
      await giveBack(world, run);
      matches(await store.get('a'), { nextRunTime: T + 5000 }, 'the job');
    });

    test('and leaves another job alone that has the id of their own', async (world) => {
      const { store, T } = world;
      const run = await world.oneShot();
      await store.remove('a');
      await giveBack(world, run);
      equal(await store.get('a'), undefined, 'the job that is gone');
      const second = await world.oneShot();
      await store.remove('a');
      await store.add(jobRecord('a', T + 5000));
      await giveBack(world, second);
      matches(await store.get('a'), { nextRunTime: T + 5000 }, 'the other job');
    });
  });
}
