import { equal } from '../checks.js';
import type { JobRecord } from '../../../engine/model/job.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const NEEDS = { loss: true } as const;
const PARTS = ['all', 'jobs'] as const;

const declared = (id: string): JobRecord => jobRecord(id, null, { declaredBy: { release: null } });

/** Jobs that go without having been removed: the store was emptied, or an older backup was restored. */
export function lostJobs({ describe, test, settings }: Suite): void {
  const { noticeMs } = settings;

  /** Exactly one notification, however long the node goes on. */
  const isToldOnce = async (world: StoreWorld, node: StoreNode, what: string): Promise<void> => {
    await world.until(() => node.jobLosses > 0, noticeMs, `${what} is reported as a loss of jobs`);
    await world.at(world.clock.now() + 3 * noticeMs);
    equal(node.jobLosses, 1, `${what}: how often it is reported`);
  };
  const someBeats = ({ at, clock }: StoreWorld): Promise<void> => at(clock.now() + 2 * noticeMs);

  describe('reports that it has lost jobs', () => {
    for (const part of PARTS) {
      const what = part === 'all' ? 'all that it had' : 'its jobs alone';

      test(
        `when it loses ${what}, and takes them again`,
        async (world) => {
          await world.store.addMany([declared('a'), declared('b')]);
          await someBeats(world);
          equal(world.node.jobLosses, 0, 'how often a loss is reported before there is one');
          await world.empty(part);
          await isToldOnce(world, world.node, 'an emptied store');
          await world.store.addMany([declared('a'), declared('b')]);
          await someBeats(world);
          equal((await world.store.list()).length, 2, 'how many jobs there are then');
          equal(world.node.jobLosses, 1, 'how often the loss is reported in the end');
        },
        NEEDS,
      );

      test(
        `when it loses ${what} immediately after a job was added`,
        async (world) => {
          await world.store.add(declared('a'));
          await world.empty(part);
          await isToldOnce(world, world.node, 'an emptied store');
        },
        NEEDS,
      );

      test(
        `when an older backup of ${what} is restored`,
        async (world) => {
          await world.store.add(declared('a'));
          await someBeats(world);
          const restore = await world.backUp(part);
          await world.store.add(declared('b'));
          await restore();
          await isToldOnce(world, world.node, 'a restored backup');
        },
        NEEDS,
      );

      test(
        `to each node, though another has added jobs again: ${what}`,
        async (world) => {
          const { node, store, clock } = world;
          await store.add(declared('a'));
          await someBeats(world);
          const restore = await world.backUp(part);
          // Their heartbeats come at different times.
          await world.at(clock.now() + 2500);
          const other = await world.join();
          await other.store.add(declared('b'));
          await world.until(() => node.holdsLease && other.holdsLease, noticeMs, 'both hold a lease');
          await someBeats(world);
          await restore();
          const first = (): StoreNode | undefined => [node, other].find(({ jobLosses }) => jobLosses > 0);
          await world.until(() => first() !== undefined, noticeMs, 'one of two nodes notices the loss');
          await store.addMany(['b', 'c', 'd', 'e'].map(declared));
          for (const one of [node, other]) await isToldOnce(world, one, 'a restored backup');
        },
        NEEDS,
      );
    }

    test(
      'and not when jobs are removed, complete, or are added by others',
      async (world) => {
        const { store, node, clock } = world;
        const other = await world.join();
        await store.addMany(['a', 'b', 'c', 'd'].map(declared));
        await someBeats(world);
        await other.store.remove('a');
        await store.removeIf('b', () => true);
        const run = await world.oneShot('e');
        await store.record([end(run, 'succeeded', clock.now())]);
        await someBeats(world);
        await other.store.removeAll();
        await someBeats(world);
        await other.store.addMany(['a', 'b'].map(declared));
        await someBeats(world);
        await other.stop();
        await node.restart();
        await someBeats(world);
        equal([node.jobLosses, other.jobLosses], [0, 0], 'how often a loss is reported');
      },
      NEEDS,
    );

    test(
      'and not when a node only loses its lease',
      async (world) => {
        const stale = await world.join();
        stale.clock.stop();
        await world.at(world.clock.now() + settings.recoveryMs);
        await world.store.add(declared('a'));
        await world.store.remove('a');
        stale.clock.goOn();
        await world.until(() => stale.losses > 0, settings.recoveryMs, 'a node that comes back has lost its lease');
        await someBeats(world);
        equal(stale.jobLosses, 0, 'how often a loss of jobs is reported');
      },
      NEEDS,
    );
  });
}
