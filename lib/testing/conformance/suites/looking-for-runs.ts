import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { snapshotOf } from '../../../engine/model/run-record.js';
import type { RunFilter } from '../../../engine/stores/job-store.js';
import { equal, present, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { Suite } from '../suite.js';

/** Finding runs. */
export function lookingForRuns({ describe, test }: Suite): void {
  describe('finds runs', () => {
    test('by id, the latest first, however they ended', async ({ store, T, node, runIds }) => {
      const runs = Array.from({ length: 6 }, (_, n) => node.newRun(jobRecord('a', T), T + n));
      await store.record(runs);
      await store.record([4, 1, 3].map((n) => end(runs[n] as RunEntry, 'succeeded', T + 10)));
      const ids = runs.map(({ id }) => id).toReversed();
      equal(await runIds(), ids, 'all');
      equal(await runIds({ limit: 2 }), ids.slice(0, 2), 'the first two');
      equal(await runIds({ limit: 2, before: ids[1] as string }), ids.slice(2, 4), 'the two after those');
      equal(await runIds({ before: ids[5] as string }), [], 'those after the last');
      equal(await runIds({ before: 'zzz', limit: 1 }), ids.slice(0, 1), 'those before an id that sorts after all');
    });

    test('by job, by state and by nominal time', async ({ store, T, node, runIds }) => {
      const [a, b] = [jobRecord('a', T), jobRecord('b', T)];
      const runs = [
        end(node.newRun(a, T), 'succeeded', T),
        end(node.newRun(a, T + 1000), 'failed', T),
        node.newRun(a, T + 2000),
        end(node.newRun(b, T + 1000), 'succeeded', T),
        leftOut(node.newRun(b, T + 3000), 'skipped', 'overlap', T, T + 6000),
      ];
      await store.record(runs);
      const finds = async (filter: Partial<RunFilter>, expected: readonly number[], what: string): Promise<void> => {
        const found = (await runIds(filter)).map((id) => runs.findIndex((run) => run.id === id));
        sameSet(found.map(String), expected.map(String), `which runs are found ${what}`);
      };
      await finds({ jobId: 'a' }, [0, 1, 2], 'of a job');
      await finds({ jobId: 'nobody' }, [], 'of a job that is not there');
      await finds({ states: ['succeeded'] }, [0, 3], 'by one state');
      await finds({ states: ['failed', 'running'] }, [1, 2], 'by two states');
      await finds({ states: [] }, [], 'by no state');
      await finds({ jobId: 'b', states: ['succeeded'] }, [3], 'by job and state');
      await finds({ from: T + 1000 }, [1, 2, 3, 4], 'from a time, which is one of theirs');
      await finds({ to: T + 1000 }, [0], 'before a time, which is none of theirs');
      await finds({ from: T + 1000, to: T + 2000 }, [1, 3], 'between two times');
      await finds({ from: T + 5000, to: T + 5001 }, [4], 'in the middle of a range');
      await finds({ from: T + 6001 }, [], 'after all');
    });

    test('or says that there are none', async ({ store, find }) => {
      equal(await find(), [], 'getRuns()');
      equal(await store.getRun('nobody'), undefined, 'getRun()');
      equal(await store.getRun("' OR 1=1 --"), undefined, 'getRun() of an odd id');
      equal((await store.lastRuns(['nobody'])).size, 0, 'lastRuns() of a job that is not there');
      equal((await store.lastRuns([])).size, 0, 'lastRuns() of no job');
    });

    test('that were begun last, of each job', async (world) => {
      const { store, T, node, lastRunOf } = world;
      for (const id of ['a', 'b', 'never']) await store.add(jobRecord(id, id === 'never' ? T + 9000 : T));
      const runs = await node.runsTaken(T + 1000);
      const ofJob = (id: string): RunEntry =>
        present(
          runs.find(({ jobId }) => jobId === id),
          `a run of "${id}"`,
        );
      const [a, b] = [ofJob('a'), ofJob('b')];
      equal(await lastRunOf('a'), a.id, 'the last run, while it is under way');
      await store.record([end(a, 'succeeded', T), end(b, 'failed', T)]);
      const last = await store.lastRuns(['a', 'b', 'never', 'nobody']);
      sameSet([...last.keys()], ['a', 'b'], 'the jobs that have a last run');
      equal(last.get('b'), snapshotOf(b), 'the last run');
    });

    test('that were begun last, none that was left out, or could not begin after all', async (world) => {
      const { store, T, node, lastRunOf } = world;
      await store.add(jobRecord('a', T));
      const first = present((await node.runsTaken(T + 1000))[0], 'the first run');
      await store.record([end(first, 'succeeded', T)]);
      await store.record([leftOut(node.newRun(jobRecord('a', T), T + 500), 'skipped', 'overlap', T)]);
      equal(await lastRunOf('a'), first.id, 'the last run, when another was skipped');
      await world.at(T + 1000);
      const second = present((await node.runsTaken(T + 2000))[0], 'the second run');
      equal(await lastRunOf('a'), second.id, 'the last run, when another was taken');
      await store.record([leftOut(second, 'missed', 'shutdown', T + 1000)]);
      equal(await lastRunOf('a'), first.id, 'the last run, when that could not begin');
    });
  });
}
