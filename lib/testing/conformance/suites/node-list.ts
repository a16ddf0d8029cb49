import type { StoredNode } from '../../../engine/stores/stored-node.js';
import { equal, isTrue, matches, present } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreNode } from '../store-node.js';
import type { Suite } from '../suite.js';
import { clusterMethods } from './cluster-state.js';

const SHARED = { capability: 'shared' } as const;

/** As long as a text may be, with characters of several bytes, and some that statements and records treat specially. */
const LONG = `"\\ \n{}'$1 – 日本 𝒳 ${'ä'.repeat(32_000)}`;

const nodesOf = async (node: StoreNode): Promise<readonly StoredNode[]> =>
  (await clusterMethods(node).getNodes()).toSorted((a, b) => (a.name < b.name ? -1 : 1));

const findIn = async (node: StoreNode, { instance }: StoreNode): Promise<StoredNode | undefined> =>
  (await nodesOf(node)).find((stored) => stored.instance === instance);

/** The nodes that share a store, as it lists them. */
export function nodeList({ describe, settings, test }: Suite): void {
  const { noticeMs, recoveryMs } = settings;

  describe('lists its nodes, which', () => {
    test(
      'all see each other, with their leases and what they say of themselves',
      async (world) => {
        const { node, T } = world;
        await world.at(T + 1000);
        const other = await world.join();
        for (const asked of [node, other]) {
          const found = await nodesOf(asked);
          const shapes = [node, other].map(({ description, instance, name }) => ({ description, instance, name }));
          equal(
            found.map(({ description, instance, name }) => ({ description, instance, name })),
            shapes,
            `the nodes as ${asked.name} sees them`,
          );
          for (const { activeRuns, expired, expiresAt, name, seenAt, since } of found) {
            equal([expired, activeRuns], [false, 0], `expired and activeRuns of ${name}`);
            const isInOrder = since !== null && seenAt !== null && expiresAt !== null && since <= seenAt;
            isTrue(
              isInOrder && seenAt <= T + 1000 && expiresAt > T + 1000,
              `${name}: ${since}, ${seenAt}, ${expiresAt}`,
            );
          }
          equal(
            found.map(({ since }) => since),
            [T, T + 1000],
            'since when they have their leases',
          );
        }
      },
      SHARED,
    );

    test(
      'keep their place and are seen anew with each heartbeat',
      async (world) => {
        const { node, T } = world;
        const other = await world.join();
        await world.at(T + recoveryMs);
        for (const { expired, expiresAt, name, seenAt, since } of await nodesOf(node)) {
          equal([since, expired], [T, false], `since and expired of ${name}`);
          isTrue((seenAt ?? 0) >= T + recoveryMs - noticeMs, `${name} was seen at ${seenAt}, not lately`);
          isTrue((expiresAt ?? 0) > T + recoveryMs, `the lease of ${name} expires at ${expiresAt}`);
        }
        equal((await nodesOf(other)).length, 2, 'how many nodes there are');
      },
      SHARED,
    );

    test(
      'have as many active runs as are under their leases',
      async (world) => {
        const { node, store, T } = world;
        const other = await world.join();
        const ids = ['a', 'b', 'c'];
        await store.addMany(ids.map((id) => jobRecord(id, T)));
        const runs = (await other.runsTaken()).toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
        await store.add(jobRecord('d', T));
        await node.runsTaken();
        const counts = async (): Promise<number[]> => (await nodesOf(node)).map(({ activeRuns }) => activeRuns);
        equal(await counts(), [1, 3], 'active runs');
        await other.store.record([end(present(runs[0], 'a run'), 'succeeded', T)]);
        equal(await counts(), [1, 2], 'active runs after one has ended');
        // A time that is left out is no run.
        await store.add(jobRecord('e', T));
        await other.claimDue({
          plan: (job) => ({ ...onTo(null), leftOut: [leftOut(other.newRun(job, T), 'skipped', 'overlap', T)] }),
        });
        equal(await counts(), [1, 2], 'active runs after one was left out');
      },
      SHARED,
    );

    test(
      'say of themselves what they said at their latest heartbeat, long as it may be',
      async (world) => {
        const { node } = world;
        const other = await world.join();
        for (const said of ['another state', LONG, '', 'the last']) {
          other.description = said;
          const isHeard = async (): Promise<boolean> => (await findIn(node, other))?.description === said;
          await world.until(isHeard, noticeMs, `a description of ${said.length} characters has changed`);
          equal((await findIn(node, node))?.description, node.description, 'what the other node says');
        }
      },
      SHARED,
    );

    test(
      'are gone when they stop, and are there again when they start',
      async (world) => {
        const { node } = world;
        const other = await world.join();
        equal((await nodesOf(node)).length, 2, 'how many nodes there are');
        await other.stop();
        equal(
          (await nodesOf(node)).map(({ name }) => name),
          [node.name],
          'the nodes when one has stopped',
        );
        other.description = 'it has started again';
        await other.restart();
        matches(await findIn(node, other), { name: other.name, description: other.description }, 'the node');
      },
      SHARED,
    );

    test(
      'are gone, or said to have expired, when their leases are over',
      async (world) => {
        const { node } = world;
        const other = await world.join();
        other.clock.stop();
        const isOver = async (): Promise<boolean> => (await findIn(node, other))?.expired !== false;
        await world.until(isOver, recoveryMs, 'the lease of a node that is gone has expired');
        const isGone = async (): Promise<boolean> => (await findIn(node, other)) === undefined;
        await world.until(isGone, recoveryMs, 'a node whose lease has expired is not listed any more');
        equal((await findIn(node, node))?.expired, false, 'expired of the other node');
      },
      SHARED,
    );

    test(
      'say it again under a new lease when they have lost theirs',
      async (world) => {
        const { node } = world;
        const other = await world.join();
        const before = present(await findIn(node, other), 'the node');
        other.clock.stop();
        const isGone = async (): Promise<boolean> => (await findIn(node, other)) === undefined;
        await world.until(isGone, recoveryMs, 'a node whose lease has expired is not listed any more');
        other.clock.goOn();
        const isBack = async (): Promise<boolean> => (await findIn(node, other))?.description === other.description;
        await world.until(isBack, recoveryMs, 'a node that is back says what it is');
        const { expired, since } = present(await findIn(node, other), 'the node that is back');
        isTrue(
          !expired && (since ?? 0) > (before.since ?? 0),
          `it has its lease since ${since}, before ${before.since}`,
        );
        equal((await nodesOf(node)).length, 2, 'how many nodes there are');
      },
      SHARED,
    );

    test(
      'are listed though records of others are damaged',
      async (world) => {
        const { node } = world;
        for (const [index, damage] of world.damageNode.entries()) {
          const other = await world.join();
          await damage(other.instance);
          const shape = { name: node.name, description: node.description, expired: false, activeRuns: 0 };
          matches(await findIn(node, node), shape, `way ${index}: the node whose record is sound`);
          const found = await findIn(node, other);
          if (found) {
            for (const member of ['since', 'seenAt', 'expiresAt'] as const) {
              const value = found[member];
              isTrue(value === null || Number.isSafeInteger(value), `way ${index}: ${member} is ${value}`);
            }
          }
          await other.stop();
        }
      },
      { damage: 'node' },
    );
  });
}
