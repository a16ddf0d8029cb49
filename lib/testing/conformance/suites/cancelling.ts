import { equal } from '../checks.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';
import { clusterMethods } from './cluster-state.js';

export function cancelling({ describe, settings, test }: Suite): void {
  const shared = { capability: 'shared' } as const;

  describe('a node', () => {
    test(
      'is asked by another to cancel what it has under way, once',
      async (world) => {
        const { node, clock } = world;
        const other = await world.join();
        const run = await world.oneShot();
        equal(await clusterMethods(other).cancelRun(run.id), true, 'whether it is asked');
        await clock.advance(settings.noticeMs);
        await clock.advance(settings.noticeMs);
        equal(node.cancelled, [run.id], 'what the node was asked to cancel');
        equal(other.cancelled, [], 'what the other one was asked to cancel');
      },
      shared,
    );

    test(
      'is asked to cancel nothing that is its own, is over, is unknown, or was lost with its node',
      async (world) => {
        const { node, store, T } = world;
        const other = await world.join();
        const own = await world.oneShot();
        equal(await clusterMethods(node).cancelRun(own.id), false, 'its own');
        await store.record([end(own, 'succeeded', T)]);
        equal(await clusterMethods(other).cancelRun(own.id), false, 'over');
        equal(await clusterMethods(other).cancelRun('no such run'), false, 'unknown');
        const lost = await world.oneShot('b');
        await node.stop();
        equal(await clusterMethods(other).cancelRun(lost.id), false, 'lost');
      },
      shared,
    );
  });
}
