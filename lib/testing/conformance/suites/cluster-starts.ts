import { equal } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const SHARED = { capability: 'shared' } as const;

/** Whether a node claims the run of a job for the start of all nodes. */
const claims = async ({ store }: StoreNode, id = 'a'): Promise<boolean | undefined> => store.claimStart?.(id);

/** How many of these nodes claim it, all at once. */
async function countClaims(nodes: readonly StoreNode[], id = 'a'): Promise<number> {
  const claimed = await Promise.all(nodes.map((node) => claims(node, id)));
  return claimed.filter((isFirst) => isFirst).length;
}

async function withJob(world: StoreWorld): Promise<StoreNode> {
  await world.store.addMany([jobRecord('a', null), jobRecord('b', null)]);
  return world.node;
}

/** Jobs that run once when all nodes start. */
export function clusterStarts({ describe, test, settings }: Suite): void {
  describe('lets one node run a job for the start of all', () => {
    test(
      'whichever asks first, of each job',
      async (world) => {
        const node = await withJob(world);
        const nodes = [node, await world.join(), await world.join()];
        equal(await countClaims([...nodes, ...nodes]), 1, 'how many of six claims at once are the first');
        equal(await countClaims(nodes, 'b'), 1, 'how many claims of another job are the first');
        equal(await countClaims(nodes), 0, 'how many later claims are');
        equal(await claims(node, 'nobody'), false, 'a claim of a job that is not there');
        await world.store.remove('a');
        equal(await claims(node), false, 'a claim of a job that is gone');
        await world.store.add(jobRecord('a', null));
        equal(await countClaims(nodes), 1, 'how many claims of another job with its id are the first');
      },
      SHARED,
    );

    test(
      'and not again while nodes come and go',
      async (world) => {
        const first = await withJob(world);
        equal(await claims(first), true, 'the first claim');
        const second = await world.join();
        equal(await claims(second), false, 'a claim of a node that has joined');
        await first.restart();
        equal(await claims(first), false, 'a claim of a node that has started again');
        await second.stop();
        const third = await world.join();
        await first.stop();
        equal(await claims(third), false, 'a claim when no node is left that was there at the start');
      },
      SHARED,
    );

    test(
      'and again when all nodes had stopped, though several start at once',
      async (world) => {
        const first = await withJob(world);
        const second = await world.join();
        equal(await countClaims([first, second]), 1, 'the claims of the first start');
        for (let round = 0; round < 3; round++) {
          await Promise.all([first.stop(), second.stop()]);
          const isFirst = await Promise.all(
            [first, second].map(async (node) => {
              await node.restart();
              return claims(node);
            }),
          );
          equal(isFirst.filter((is) => is).length, 1, 'how many claims of two nodes that start at once are the first');
        }
      },
      SHARED,
    );

    test(
      'and again when all nodes had died, once their leases are over',
      async (world) => {
        const first = await withJob(world);
        equal(await claims(first), true, 'the first claim');
        first.clock.stop();
        equal(await claims(await world.join()), false, 'a claim while the lease of a dead node holds');
        for (const node of world.all) node.clock.stop();
        await world.at(world.clock.now() + settings.recoveryMs);
        equal(await claims(await world.join()), true, 'a claim when all leases are over');
      },
      SHARED,
    );

    test(
      'and again when all are stopped and started by an order, but not when they are paused',
      async (world) => {
        const node = await withJob(world);
        const nodes = [node, await world.join()];
        equal(await countClaims(nodes), 1, 'the claims of the first start');
        await node.store.turnCluster?.('paused', ['running']);
        await node.store.turnCluster?.('running', ['paused']);
        equal(await countClaims(nodes), 0, 'how many claims after a pause are the first');
        await node.store.turnCluster?.('stopped', ['running']);
        equal(await countClaims(nodes), 0, 'how many claims while all are stopped are');
        await node.store.turnCluster?.('running', ['stopped']);
        equal(await countClaims(nodes), 1, 'how many claims after a start of all are');
      },
      SHARED,
    );
  });
}
