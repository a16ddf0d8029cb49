import { SystemClock } from '../../../engine/clock.js';
import { ConflictingIdError, JobCompletedError } from '../../../engine/errors.js';
import type { JobRecord } from '../../../engine/model/job.js';
import { equal, isTrue, matches, present, refuses } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const declared = (time: number, id = 'a'): JobRecord => jobRecord(id, time, { declaredBy: { release: null } });

/** A declared job has its last time now, and its run succeeds. */
async function complete({ store, clock, node }: StoreWorld, id = 'a'): Promise<void> {
  const now = clock.now();
  await store.add(declared(now, id), true);
  const run = present((await node.runsTaken())[0], 'the last run of a declared job');
  matches(await store.record([end(run, 'succeeded', now)]), { removed: [id] }, 'record() of its end');
}

/** Declarations that come late: the job has completed since. */
export function completedJobs({ describe, test }: Suite): void {
  describe('does not add a declared job again that has completed', () => {
    test('for a time that it has had, or an earlier one, but for a later one', async (world) => {
      const { store, T, jobIds } = world;
      await complete(world);
      for (const time of [T, T - 1000]) {
        await refuses(store.add(declared(time), true), JobCompletedError, `a declaration for T ${time - T}`);
      }
      equal(await jobIds(), [], 'the jobs');
      await store.add(declared(T + 1), true);
      equal(await jobIds(), ['a'], 'the jobs when it is declared for a later time');
      await refuses(store.add(declared(T), true), ConflictingIdError, 'a declaration of a job that is there');
    });

    test(
      'whatever of its history is kept',
      async (world) => {
        await complete(world);
        await world.tidy();
        await refuses(world.store.add(declared(world.T), true), JobCompletedError, 'a declaration');
      },
      { history: { perJob: 0, total: 0 } },
    );

    test('though no run was made for its last time', async (world) => {
      const { store, T, node } = world;
      await store.add(declared(T), true);
      const { claimed } = await node.claimDue({
        plan: (job) => ({ ...onTo(null), leftOut: [leftOut(node.newRun(job, T), 'missed', 'misfire', T, T + 700)] }),
      });
      equal(
        claimed.map(({ isRemoved }) => isRemoved),
        [true],
        'whether the job goes whose last times are left out',
      );
      await refuses(store.add(declared(T + 700), true), JobCompletedError, 'a declaration for the last of them');
      await store.add(declared(T + 701), true);
    });

    test('nor one that was removed while its last run was under way', async (world) => {
      const { store, T, node } = world;
      await store.add(declared(T), true);
      await node.runsTaken();
      await refuses(store.add(declared(T), true), ConflictingIdError, 'a declaration while it is there');
      await store.remove('a');
      await refuses(store.add(declared(T), true), JobCompletedError, 'a declaration when it was removed');
    });

    test('nor when all jobs have been removed', async (world) => {
      await complete(world);
      await world.store.removeAll();
      await refuses(world.store.add(declared(world.T), true), JobCompletedError, 'a declaration');
    });

    test('but adds what is no declaration, and one of a job that was not declared', async (world) => {
      const { store, T, node, jobIds } = world;
      await complete(world);
      await store.add(declared(T));
      await store.remove('a');
      await store.addMany([declared(T)]);
      await store.add(jobRecord('b', T));
      await node.runsTaken();
      await store.remove('b');
      await store.add(declared(T, 'b'), true);
      equal((await jobIds()).toSorted(), ['a', 'b'], 'the jobs');
    });

    test('but one whose trigger has more times, or is paused', async (world) => {
      const { store, T, node, jobIds } = world;
      await store.addMany([declared(T, 'a'), declared(T, 'b')]);
      await node.claimDue({
        plan: (job) => (job.id === 'a' ? onTo(T + 1000) : { ...onTo(null), pausesJob: true }),
      });
      for (const id of ['a', 'b']) {
        await store.remove(id);
        await store.add(declared(T, id), true);
      }
      equal((await jobIds()).toSorted(), ['a', 'b'], 'the jobs');
    });

    test(
      'after a restart, nor on another node',
      async (world) => {
        await complete(world);
        await world.node.stop();
        const heir = await world.join();
        await refuses(heir.store.add(declared(world.T), true), JobCompletedError, 'a declaration in another process');
      },
      { capability: 'durable' },
    );

    test(
      'though it is declared in the moment in which it completes',
      async (world) => {
        const { store, node, clock } = world;
        const real = new SystemClock();
        const other = await world.join();
        for (let round = 0; round < 15; round++) {
          const id = `job-${round}`;
          const now = clock.now();
          await store.add(declared(now, id), true);
          const declare = async (): Promise<void> => {
            for (let refusal: unknown = null; !(refusal instanceof JobCompletedError);) {
              refusal = await other.store.add(declared(now, id), true).catch((error: unknown) => error);
              isTrue(refusal instanceof Error, 'a declared job was added again');
              if (!(refusal instanceof JobCompletedError || refusal instanceof ConflictingIdError)) throw refusal;
              // A store may answer without waiting for anything.
              await real.yield();
            }
          };
          const run = async (): Promise<void> => {
            let [last] = await node.runsTaken();
            // The declaration may have locked it.
            for (let tries = 0; !last && tries < 100; tries++) [last] = await node.runsTaken();
            await store.record([end(present(last, 'its last run'), 'succeeded', now)]);
          };
          await Promise.all([declare(), run()]);
        }
        equal(await world.jobIds(), [], 'the jobs');
      },
      { capability: 'shared' },
    );
  });
}
