import type { JobRecord, JobSpec } from '../../../engine/model/job.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { DueRun, RunPlan } from '../../../engine/stores/job-store.js';
import { equal, isTrue, matches } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';

/** What a job is, whatever its place in time. */
function specOf(job: JobRecord): JobSpec {
  const { nextRunTime: _run, nextNominalTime: _nominal, paused: _paused, ...spec } = job;
  return spec;
}

/** Taking due jobs. */
export function dueJobs({ describe, test }: Suite): void {
  describe('hands out jobs', () => {
    test('when they are due, and says when the first one will be', async ({ store, T, node }) => {
      await node.isNextDue(null, 'of no job');
      await store.add(jobRecord('paused', null));
      await node.isNextDue(null, 'of a paused job');
      await store.add(jobRecord('b', T + 2000));
      await store.add(jobRecord('a', T + 1000));
      await node.isNextDue(T + 1000, 'of two jobs');
    });

    test('in order, each moved on in the same step', async (world) => {
      const { store, T, node } = world;
      for (const [id, after] of [
        ['c', 3000],
        ['a', 1000],
        ['b', 2000],
        ['later', 3001],
      ] as const) {
        await store.add(jobRecord(id, T + after));
      }
      await world.at(T + 3000);
      const { claimed, nextDue } = await node.claimDue({ plan: () => onTo(T + 9000) });
      equal(
        claimed.map(({ job }) => job.id),
        ['a', 'b', 'c'],
        'the jobs that were due',
      );
      const times = (await store.list()).map(({ nextRunTime }) => (nextRunTime ?? 0) - T);
      equal(times, [3001, 9000, 9000, 9000], 'the next run times, after T');
      node.isAskedAgain(nextDue, T + 3001, 'after three jobs were taken');
      matches(await store.get('a'), { nextRunTime: T + 9000, nextNominalTime: T + 9000 }, 'a job that was taken');
      equal(await node.idsTaken(T + 9000), [], 'what is due at the same time again');
    });

    test('with what they are, the time that they are due for, and the time it is', async (world) => {
      const { store, T, node } = world;
      const job = jobRecord('a', T + 1300, { nextNominalTime: T + 1000, args: [1], kwargs: { b: 2 }, name: 'a name' });
      await store.add(job);
      await world.at(T + 2000);
      const asked: { job: JobSpec; due: DueRun; now: number; runningElsewhere: number }[] = [];
      const { claimed } = await node.claimDue({
        plan: (spec, { nominalTime, fireTime }, now, runningElsewhere = 0) => {
          asked.push({ job: spec, due: { nominalTime, fireTime }, now, runningElsewhere });
          return { ...onTo(null), next: { nominalTime: T + 9000, fireTime: T + 9500 } };
        },
      });
      const spec = specOf(job);
      const due = { nominalTime: T + 1000, fireTime: T + 1300 };
      matches(asked, [{ job: spec, due, now: T + 2000, runningElsewhere: 0 }], 'what plan() is called with');
      matches(claimed, [{ job: spec }], 'the job that claimDue() answers');
      matches(
        await store.get('a'),
        { nextRunTime: T + 9500, nextNominalTime: T + 9000 },
        'the times that it goes on to',
      );
    });

    test('no more than it is asked for, and says that more is due', async (world) => {
      const { store, T, node } = world;
      for (const id of ['a', 'b', 'c']) await store.add(jobRecord(id, T));
      const { claimed, nextDue } = await node.claimDue({ limit: 2, plan: () => onTo(T + 9000) });
      equal(claimed.length, 2, 'how many were taken of three, with a limit of two');
      isTrue(
        nextDue !== null && nextDue <= T,
        `nextDue should be ${T} at the latest, for one more is due; is ${nextDue}`,
      );
      equal((await node.idsTaken(T + 9000)).length, 1, 'how many are left');
    });

    test('that have no time left after it, and keeps them while their run is under way', async ({ store, T, node }) => {
      await store.add(jobRecord('a', T));
      const { claimed, nextDue } = await node.take();
      equal(claimed.length, 1, 'how many were taken');
      node.isAskedAgain(nextDue, null, 'when the only job has no time left');
      matches(await store.get('a'), { nextRunTime: null, nextNominalTime: null, paused: false }, 'the job');
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() of it');
    });

    test('whose plan parks them: they are paused, and stay', async ({ store, T, node }) => {
      await store.add(jobRecord('a', T));
      const { claimed } = await node.claimDue({ plan: () => ({ ...onTo(null), pausesJob: true }) });
      equal(claimed.length, 1, 'how many were taken');
      matches(await store.get('a'), { nextRunTime: null, paused: true }, 'the job');
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() of it');
    });

    test('but those that a plan leaves, out of the way of others, until it is to look again or they change', async (world) => {
      const { store, T, node } = world;
      for (const [id, after] of [
        ['left', 1000],
        ['changed', 1001],
        ['other', 1002],
      ] as const) {
        await store.add(jobRecord(id, T + after));
      }
      await world.at(T + 2000);
      const onlyOther = (job: JobSpec): RunPlan | null => (job.id === 'other' ? onTo(T + 9000) : null);
      const first = await world.takeSome({ limit: 1, plan: onlyOther });
      equal(
        first.claimed.map(({ job }) => job.id),
        ['other'],
        'what is taken when the plan leaves two that come first',
      );
      matches(await store.get('left'), { nextRunTime: T + 1000 }, 'a job that was left');
      node.isAskedAgain((await node.claimDue({ plan: onlyOther })).nextDue, T + 9000, 'when two were left');
      await store.update('changed', (job) => ({ ...job, name: 'new' }));
      equal(await node.idsTaken(T + 9000), ['changed'], 'what is due when one that was left has been changed');
      store.reconsider();
      equal(await node.idsTaken(T + 9000), ['left'], 'what is due after reconsider()');
    });

    test('that are due for a long time, and none that was paused or removed meanwhile', async (world) => {
      const { store, T, node } = world;
      for (const id of ['old', 'paused', 'removed']) await store.add(jobRecord(id, T - 1_000_000));
      await store.update('paused', (job) => ({ ...job, nextRunTime: null, nextNominalTime: null, paused: true }));
      await store.remove('removed');
      equal(await node.idsTaken(T + 9000), ['old'], 'what is due');
    });

    test('until their plans have as many runs as are asked for, the others later', async (world) => {
      const { store, T, node } = world;
      await store.addMany(Array.from({ length: 8 }, (_, n) => jobRecord(`job-${n}`, T)));
      const runs: RunEntry[] = [];
      const taken: string[] = [];
      const plan = (job: JobSpec): RunPlan => {
        const made = Array.from({ length: 40 }, (_, n) => node.newRun(job, T - 40 + n));
        for (const run of made) runs.push(run);
        return { ...onTo(T + 9000), runs: made };
      };
      for (let asked = 0; asked < 20 && taken.length < 8; asked++) {
        const { claimed } = await world.takeSome({ limit: 100, plan });
        isTrue(
          claimed.length <= 3,
          `${claimed.length} jobs with 40 runs each were handed out where 100 runs were asked for`,
        );
        for (const { job } of claimed) taken.push(job.id);
      }
      equal(new Set(taken).size, 8, 'how many jobs were handed out in all');
      equal((await world.find({ limit: 1000 })).length, 320, 'how many runs are recorded');
      await store.record(runs.map((run) => end(run, 'succeeded', T)));
      equal((await world.find({ states: ['succeeded'] })).length, 320, 'how many of them have ended');
    });

    test('whose plans have more runs than one statement can take', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T));
      const many = Array.from({ length: 4000 }, (_, n) => node.newRun(jobRecord('a', T), T - 4000 + n));
      const { claimed } = await node.claimDue({ limit: 500, plan: () => ({ ...onTo(T + 9000), runs: many }) });
      equal(claimed.length, 1, 'how many jobs were handed out');
      equal(await node.idsTaken(T + 9000), [], 'what is due then');
    });

    test('once, however many ask at the same time', async ({ store, T, node }) => {
      await store.addMany(Array.from({ length: 50 }, (_, n) => jobRecord(`job-${n}`, T)));
      const all: string[] = [];
      for (let round = 0; round < 5; round++) {
        const asked = Array.from({ length: 8 }, () => node.idsTaken(T + 9000, 10));
        all.push(...(await Promise.all(asked)).flat());
      }
      equal(new Set(all).size, all.length, 'how many different jobs there are among those taken');
      equal(all.length, 50, 'how many were taken of fifty');
    });
  });
}
