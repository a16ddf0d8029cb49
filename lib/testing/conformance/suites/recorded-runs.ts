import type { JobSpec } from '../../../engine/model/job.js';
import { snapshotOf } from '../../../engine/model/run-record.js';
import type { RunPlan } from '../../../engine/stores/job-store.js';
import { equal, isTrue, matches, present } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { Suite } from '../suite.js';

const RESULTS: readonly unknown[] = [0, false, '', 'text', [1, [null]], { a: { b: 'ü' } }, null, 1e21, 0.1];

/** Runs, as they are taken and recorded. */
export function recordedRuns({ describe, test }: Suite): void {
  describe('keeps runs', () => {
    test('from the step on that takes them', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T));
      const [run] = await node.runsTaken(T + 1000);
      const made = present(run, 'a run of the job that is due');
      equal(await store.getRun(made.id), snapshotOf(made), 'getRun() of a run that was just taken');
      const shape = [{ id: made.id, state: 'running', settled: false, startedAt: null }];
      matches(await world.find(), shape, 'getRuns()');
    });

    test('with those that are left out', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T));
      const plan = (job: JobSpec): RunPlan => ({
        ...onTo(T + 1000),
        runs: [node.newRun(job, T)],
        leftOut: [
          leftOut(node.newRun(job, T - 5000), 'skipped', 'coalesced', T, T - 1000),
          leftOut(node.newRun(job, T - 9000), 'missed', 'misfire', T, T - 6000),
        ],
      });
      await node.claimDue({ plan });
      const skipped = { reason: 'coalesced', nominalTime: T - 5000, lastNominalTime: T - 1000, settled: true };
      const shape = [{ ...skipped, startedAt: null, finishedAt: T }];
      matches(await world.find({ states: ['skipped'] }), shape, 'the range of runs that was skipped');
      const missed = [{ reason: 'misfire', lastNominalTime: T - 6000 }];
      matches(await world.find({ states: ['missed'] }), missed, 'the range of runs that was missed');
    });

    test('as they stand, with all that is known of them', async ({ store, T, node }) => {
      const run = node.newRun(jobRecord('a', T), T, { cause: 'retry', attempt: 3, retryOf: 'first', fireTime: T + 7 });
      run.startedAt = T + 1;
      await store.record([run]);
      equal(await store.getRun(run.id), snapshotOf(run), 'a run that is under way');
      run.log = [
        { time: T + 2, message: 'ü 漢字 🙂' },
        { time: T + 3, message: "'; DROP TABLE runs; --" },
      ];
      run.progress = 0.1 + 0.2;
      end(run, 'failed', T + 4);
      run.error = { name: 'Error', message: 'ü 漢字 🙂 \\ " %', stack: null };
      run.resultOmitted = 'too long';
      await store.record([run]);
      equal(await store.getRun(run.id), snapshotOf(run), 'a run that has failed');
    });

    test('with what they were given by hand', async ({ store, T, node }) => {
      const run = node.newRun(jobRecord('a', T), T, { cause: 'manual' });
      run.given = { args: [1, 'ü', null], kwargs: { a: { b: 2 } } };
      await store.record([run]);
      equal(await store.getRun(run.id), snapshotOf(run), 'a run by hand');
    });

    for (const result of RESULTS) {
      test(`with what the task returned: ${JSON.stringify(result)}`, async ({ store, T, node }) => {
        const run = end(node.newRun(jobRecord('a', T), T), 'succeeded', T);
        run.result = result;
        await store.record([run]);
        equal((await store.getRun(run.id))?.result, result, 'the result');
      });
    }

    test('though their texts have what a database cannot hold', async ({ store, T, node }) => {
      const run = end(node.newRun(jobRecord('a', T), T), 'failed', T);
      run.result = { text: 'a\0b', half: '\ud83d' };
      run.log = [{ time: T, message: 'a\0b' }];
      run.error = { name: 'Error', message: 'a\0b', stack: 'a\0b' };
      await store.record([run]);
      matches(await store.getRun(run.id), { id: run.id, state: 'failed' }, 'a run with \\0 and half a character');
    });

    test('once, however often they are told', async (world) => {
      const { store, T, oneShot } = world;
      const run = await oneShot();
      await store.record([run, run]);
      end(run, 'succeeded', T);
      matches(await store.record([run, run]), { removed: ['a'] }, 'record() of the end, twice in one call');
      matches(await store.record([run]), { removed: [] }, 'record() of the end again');
      equal(await world.find(), [snapshotOf(run)], 'getRuns()');
    });

    test('that grow when they stand for more that are left out', async (world) => {
      const { store, T, node } = world;
      const job = jobRecord('a', T);
      await store.add(job);
      const grown = node.newRun(job, T);
      for (const to of [T, T + 1000, T + 2000]) {
        await world.at(to);
        await node.claimDue({
          plan: () => ({ ...onTo(to + 1000), leftOut: [leftOut(grown, 'skipped', 'overlap', to, to)] }),
        });
      }
      const shape = [{ id: grown.id, nominalTime: T, lastNominalTime: T + 2000, finishedAt: T + 2000 }];
      matches(await world.find(), shape, 'a range that was recorded three times');
    });

    test('of each time once, many at a time', async (world) => {
      const { store, T, node } = world;
      await store.addMany(Array.from({ length: 120 }, (_, n) => jobRecord(`job-${n}`, T)));
      const runs = await node.runsTaken();
      while (runs.length < 120) {
        const more = await node.runsTaken();
        isTrue(more.length > 0, `only ${runs.length} of 120 jobs that are due were handed out`);
        runs.push(...more);
      }
      const { removed } = await store.record(runs.map((run) => end(run, 'succeeded', T)));
      equal(removed.length, 120, 'how many jobs that had no time left went with their runs');
      equal((await world.find()).length, 120, 'how many runs are kept');
    });

    test('that end together, more of them and larger than one statement can take', async (world) => {
      const { store, T, node } = world;
      const job = jobRecord('a', T + 3_600_000);
      await store.add(job);
      const many = Array.from({ length: 15_000 }, (_, n) => end(node.newRun(job, T + n), 'succeeded', T + n));
      await store.record(many);
      const large = Array.from({ length: 1000 }, (_, n) =>
        end(node.newRun(job, T + 20_000 + n), 'succeeded', T + 20_000),
      );
      for (const run of large) run.log = Array.from({ length: 20 }, () => ({ time: T, message: 'x'.repeat(1000) }));
      await store.record(large);
      equal((await store.getRun(large[999]?.id ?? ''))?.log.length, 20, 'how many lines the last run has in its log');
    });
  });
}
