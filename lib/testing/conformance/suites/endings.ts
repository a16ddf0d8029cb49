import { equal, matches, present, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { Suite } from '../suite.js';

/** When a job goes that has no time left, and what becomes of runs whose job has gone. */
export function endings({ describe, test }: Suite): void {
  describe('keeps a job that has no time left', () => {
    test('until its run has an outcome, and lets it go then', async ({ store, T, oneShot, runIds }) => {
      const run = await oneShot();
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() while a run is under way');
      matches(await store.record([run]), { removed: [] }, 'record() of a run that is under way');
      matches(await store.record([end(run, 'failed', T)]), { removed: ['a'] }, 'record() of its end');
      equal(await store.get('a'), undefined, 'the job');
      equal(await runIds(), [run.id], 'its history');
    });

    test('until the last of its runs has an outcome', async ({ store, T, node, twoRuns }) => {
      const [first, second] = await twoRuns();
      matches(await store.record([end(second, 'succeeded', T)]), { removed: [] }, 'when another run is under way');
      const byHand = node.newRun(jobRecord('a', T), T, { cause: 'manual' });
      await store.record([byHand]);
      matches(await store.record([end(first, 'succeeded', T)]), { removed: [] }, 'when a run by hand is under way');
      matches(await store.record([end(byHand, 'succeeded', T)]), { removed: ['a'] }, 'when the last one has ended');
    });

    test('while its task goes on in spite of a time-out', async ({ store, T, oneShot }) => {
      const run = await oneShot();
      end(run, 'timed_out', T).settled = false;
      matches(await store.record([run]), { removed: [] }, 'record() of a run that has not settled');
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() while a run has not settled');
      run.settled = true;
      matches(await store.record([run]), { removed: ['a'] }, 'record() when it has settled');
    });

    test('when nobody knows how its run ended', async ({ store, T, oneShot, jobIds }) => {
      const run = await oneShot();
      matches(await store.record([end(run, 'lost', T)]), { removed: [] }, 'record() of a run that is lost');
      equal(await jobIds(), ['a'], 'the jobs');
    });

    test('no longer than the step in which its last time is left out', async (world) => {
      const { store, T, node } = world;
      await store.addMany([jobRecord('over', T), jobRecord('paused', T)]);
      const { claimed } = await node.claimDue({
        plan: (job, { nominalTime }) => ({
          runs: [],
          leftOut: [leftOut(node.newRun(job, nominalTime), 'missed', 'misfire', T)],
          pausesJob: job.id === 'paused',
          next: null,
        }),
      });
      sameSet(
        claimed.map(({ job, isRemoved = false }) => `${job.id} ${isRemoved}`),
        ['over true', 'paused false'],
        'what claimDue() says of its jobs',
      );
      equal(await world.jobIds(), ['paused'], 'the jobs');
      matches(await world.find({ jobId: 'over' }), [{ state: 'missed', reason: 'misfire' }], 'its history');
    });

    test('though its last time is left out, while a run of an earlier one is under way', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T));
      const run = present((await node.runsTaken(T + 1000))[0], 'the run');
      await world.at(T + 1000);
      const { claimed } = await node.claimDue({
        plan: (job, { nominalTime }) => ({
          runs: [],
          leftOut: [leftOut(node.newRun(job, nominalTime), 'skipped', 'overlap', T + 1000)],
          pausesJob: false,
          next: null,
        }),
      });
      equal(claimed[0]?.isRemoved ?? false, false, 'whether claimDue() says that the job was removed');
      matches(await store.record([end(run, 'succeeded', T + 1000)]), { removed: ['a'] }, 'record() of the end');
    });

    test('and one that has time left, or is paused, whatever becomes of its runs', async (world) => {
      const { store, T, node } = world;
      for (const id of ['on', 'paused']) await store.add(jobRecord(id, T));
      const runs = await node.runsTaken(T + 1000);
      await store.update('paused', (job) => ({ ...job, nextRunTime: null, nextNominalTime: null, paused: true }));
      for (const run of runs) end(run, 'succeeded', T);
      matches(await store.record(runs), { removed: [] }, 'record() of both ends');
      sameSet(await world.jobIds(), ['on', 'paused'], 'the jobs');
    });
  });

  describe('keeps runs whose job is gone', () => {
    test('as history', async ({ store, T, oneShot, find }) => {
      const run = await oneShot();
      await store.remove('a');
      matches(await store.record([end(run, 'succeeded', T)]), { removed: [] }, 'record() of the end');
      matches(await find({ jobId: 'a' }), [{ id: run.id, state: 'succeeded' }], 'getRuns() of the job');
    });

    test('as nothing to another job that has its id', async (world) => {
      const { store, T, node, oneShot, lastRunOf } = world;
      const run = await oneShot();
      await store.remove('a');
      await store.add(jobRecord('a', null, { paused: false }));
      end(run, 'failed', T).retryAt = T + 500;
      matches(await store.record([run]), { removed: [] }, 'record() of the end');
      equal(await lastRunOf('a'), undefined, 'the last run of the new job');
      const kept = present(await store.getRun(run.id), 'the run');
      matches(kept, { state: 'failed', retryAt: null }, 'the run, which is tried again no more');
      await world.at(T + 600);
      equal((await node.take()).retries, [], 'the retries that are due');
      equal(await store.removeIfEnded('a'), true, 'removeIfEnded() of the new job, which has no run');
    });
  });
}
