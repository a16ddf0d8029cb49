import { equal, isTrue, matches, present } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { AdoptedRun } from '../../../engine/stores/job-store.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const SHARED = { capability: 'shared' } as const;
const ALL = { executors: ['default'], limit: 100 } as const;

/** The run of a one-shot job that a node has handed over. */
async function handedOver(world: StoreWorld, id = 'a', node: StoreNode = world.node): Promise<RunEntry> {
  await world.store.add(jobRecord(id, world.clock.now()));
  const { claimed } = await node.claimDue({
    plan: (job, due) => {
      const run = node.newRun(job, due.nominalTime);
      run.state = 'handed_over';
      return { runs: [run], leftOut: [], next: null, pausesJob: false };
    },
  });
  return present(claimed[0], 'the claimed job').plan.runs[0] as RunEntry;
}

const idsOf = (adopted: readonly AdoptedRun[]): string[] => adopted.map(({ run }) => run.id).toSorted();

/** Whether handed-over runs outlive the nodes that watch them, and each is settled once. */
export function handedOverRuns({ describe, test, settings }: Suite): void {
  const { recoveryMs } = settings;

  describe('keeps a run that is handed over', () => {
    test('with its executor and worker, under way until it is settled', async (world) => {
      const { store, clock } = world;
      const run = await handedOver(world);
      matches(await store.getRun(run.id), { state: 'handed_over', executor: 'default', worker: null }, 'the run');
      equal(await world.runIds({ states: ['handed_over'] }), [run.id], 'the runs in that state');
      equal(await world.lastRunOf('a'), run.id, 'the last run of the job');
      run.startedAt = clock.now();
      run.worker = 'worker 1';
      matches(await store.record([end(run, 'succeeded', clock.now())]), { removed: ['a'] }, 'its end');
      matches(await store.getRun(run.id), { state: 'succeeded', worker: 'worker 1' }, 'the run that has ended');
    });

    test('and was recorded as running before', async (world) => {
      const { store } = world;
      const run = await world.oneShot();
      run.state = 'handed_over';
      await store.record([run]);
      matches(await store.getRun(run.id), { state: 'handed_over', settled: false }, 'the run');
    });
  });

  describe('lets a handed-over run be adopted', () => {
    test('when the node does not hold it any more', async (world) => {
      const { store, node, clock } = world;
      const [run, held] = [await handedOver(world), await handedOver(world, 'b')];
      node.held.delete(run.id);
      let adopted: readonly AdoptedRun[] = [];
      const isAdopted = async (): Promise<boolean> => (adopted = await store.adoptRuns(ALL)).length > 0;
      await world.until(isAdopted, recoveryMs, 'a run that its node does not hold is adopted');
      equal(idsOf(adopted), [run.id], 'what is adopted');
      const [{ run: record, job }] = adopted as [AdoptedRun];
      matches(record, { state: 'handed_over', attempt: 1, executor: 'default' }, 'the adopted run');
      equal(job?.id, 'a', 'its job');
      node.held.add(run.id);
      matches(await store.getRun(held.id), { state: 'handed_over' }, 'the run that is held');
      const ended = record === run ? run : Object.assign(run, { state: 'handed_over' });
      matches(await store.record([end(ended, 'succeeded', clock.now())]), { removed: ['a'] }, 'its end');
    });

    test(
      'when its node has died',
      async (world) => {
        const dead = await world.join();
        const run = await handedOver(world, 'a', dead);
        dead.clock.stop();
        let adopted: readonly AdoptedRun[] = [];
        const isAdopted = async (): Promise<boolean> => (adopted = await world.store.adoptRuns(ALL)).length > 0;
        await world.until(isAdopted, recoveryMs, 'the run of a dead node is adopted');
        equal(idsOf(adopted), [run.id], 'what is adopted');
        equal(await world.store.adoptRuns(ALL), [], 'what is adopted again');
        world.node.held.add(run.id);
        matches(await world.store.getRun(run.id), { state: 'handed_over', settled: false }, 'the run');
        equal((await world.node.take()).retries, [], 'retries of it');
      },
      SHARED,
    );

    test(
      'when its node has stopped, and counts as running elsewhere until then',
      async (world) => {
        const { store, node, clock } = world;
        const other = await world.join();
        await store.add({ ...jobRecord('a', clock.now()), maxInstances: 1 });
        let run: RunEntry | undefined;
        await other.claimDue({
          plan: (job, due) => {
            run = other.newRun(job, due.nominalTime);
            run.state = 'handed_over';
            const next = { nominalTime: due.nominalTime + 1000, fireTime: due.nominalTime + 1000 };
            return { runs: [run], leftOut: [], next, pausesJob: false };
          },
        });
        await other.stop();
        await world.at(clock.now() + 1000);
        const seen: number[] = [];
        await world.takeSome({
          plan: (_job, _due, _now, elsewhere = 0) => {
            seen.push(elsewhere);
            return null;
          },
        });
        equal(seen[0], 1, 'how many runs of the job are under way elsewhere');
        equal(idsOf(await store.adoptRuns(ALL)), [present(run, 'the run').id], 'what is adopted');
        node.held.add(present(run, 'the run').id);
      },
      SHARED,
    );

    test(
      'by its id from a node that lives, which loses its right to it and is told so',
      async (world) => {
        const { store, clock } = world;
        const watcher = await world.join();
        const run = await handedOver(world, 'a', watcher);
        const [adopted] = await store.adoptRuns({ runId: run.id });
        equal(adopted?.run.id, run.id, 'what is adopted');
        world.node.held.add(run.id);
        equal(await store.adoptRuns({ runId: run.id }), [], 'what is adopted that is held already');
        const refused = await watcher.store.record([end(run, 'failed', clock.now())]);
        equal(refused.refused, [run.id], 'what is refused from the node that watched it');
        watcher.underLease.length = 0;
        const isTold = (): boolean => watcher.underLease.length > 0;
        await world.until(isTold, recoveryMs, 'a node is told what stands under its lease');
        isTrue(
          watcher.underLease.every((ids) => !ids.has(run.id)),
          'The run still stands under the lease of the other',
        );
        const ended = Object.assign(run, { state: 'succeeded' });
        matches(await store.record([ended]), { removed: ['a'] }, 'its end');
        const late = await watcher.store.record([Object.assign(run, { state: 'failed' })]);
        equal(late.refused, [run.id], 'what is refused from that node once the run has ended otherwise');
        const endedAt = run.finishedAt;
        matches(await store.record([Object.assign(run, { state: 'succeeded' })]), { removed: [] }, 'its end again');
        const same = await watcher.store.record([
          Object.assign(run, { finishedAt: clock.now() + 1000, worker: 'late' }),
        ]);
        equal(same.refused, [run.id], 'what is refused from that node that says it has ended so at another time');
        const first = { state: 'succeeded', finishedAt: endedAt, worker: null };
        matches(await store.getRun(run.id), first, 'the run that has ended');
        equal(await store.adoptRuns({ runId: run.id }), [], 'what is adopted of a run that has ended');
      },
      SHARED,
    );

    test(
      'as soon as its node has left it, which then counts it as running elsewhere',
      async (world) => {
        const { store, node, clock } = world;
        const other = await world.join();
        const [run, held] = [await handedOver(world), await handedOver(world, 'b')];
        const running = await world.oneShot('c');
        node.held.delete(run.id);
        await other.store.leaveRuns?.([held.id]);
        await store.leaveRuns?.([run.id, running.id, 'gone']);
        await store.leaveRuns?.([]);
        matches(await store.getRun(running.id), { state: 'running', settled: false }, 'a run that is not handed over');
        equal(idsOf(await other.store.adoptRuns(ALL)), [run.id], 'what another node adopts');
        other.held.add(run.id);
        await other.store.leaveRuns?.([run.id]);
        other.held.delete(run.id);
        equal(idsOf(await store.adoptRuns({ runId: run.id })), [run.id], 'what the first node adopts by its id');
        node.held.add(run.id);
        matches(await store.record([end(run, 'succeeded', clock.now())]), { removed: ['a'] }, 'its end');
      },
      SHARED,
    );

    test(
      'by nodes that have its executor, as many as they ask for',
      async (world) => {
        const other = await world.join();
        const runs = [await handedOver(world, 'a', other), await handedOver(world, 'b', other)];
        await other.stop();
        equal(await world.store.adoptRuns({ executors: ['another'], limit: 100 }), [], 'of another executor');
        const first = await world.store.adoptRuns({ ...ALL, limit: 1 });
        equal(first.length, 1, 'how many are adopted in the first step');
        const second = await world.store.adoptRuns(ALL);
        equal(
          [...idsOf(first), ...idsOf(second)].toSorted(),
          runs.map(({ id }) => id).toSorted(),
          'all that are adopted',
        );
        for (const { id } of runs) world.node.held.add(id);
      },
      SHARED,
    );

    test(
      'without its job when that is gone',
      async (world) => {
        const other = await world.join();
        const run = await handedOver(world, 'a', other);
        await world.store.remove('a');
        await world.store.add(jobRecord('a', world.clock.now() + 60_000));
        await other.stop();
        const [adopted] = await world.store.adoptRuns(ALL);
        equal([adopted?.run.id, adopted?.job], [run.id, null], 'the run and its job');
        world.node.held.add(run.id);
      },
      SHARED,
    );

    test('and none that is running', async (world) => {
      const { store, node } = world;
      const run = await world.oneShot();
      node.held.delete(run.id);
      equal(await store.adoptRuns({ runId: run.id }), [], 'what is adopted by its id');
      equal(await store.adoptRuns(ALL), [], 'what is adopted');
      node.held.add(run.id);
    });
  });
}
