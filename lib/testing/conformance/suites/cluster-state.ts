import type { ClusterMethods } from '../../../engine/stores/cluster-state.js';
import { clusterOf } from '../../../engine/stores/job-store.js';
import { equal, isTrue, matches, present, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreNode } from '../store-node.js';
import type { Suite } from '../suite.js';

const MODES = ['paused', 'stopped'] as const;

export const clusterMethods = ({ store }: StoreNode): ClusterMethods =>
  present(clusterOf(store), 'the methods of a shared store');

export function clusterState({ describe, settings, test }: Suite): void {
  const shared = { capability: 'shared' } as const;

  describe('all nodes', () => {
    test(
      'run until somebody says otherwise',
      async ({ node }) => {
        const first = { mode: 'running', version: 0, changedAt: null, changedBy: null };
        equal(await clusterMethods(node).clusterState(), first, 'state');
      },
      shared,
    );

    test(
      'know who has changed what they do, and when',
      async (world) => {
        const { node, T } = world;
        const other = await world.join();
        const state = await clusterMethods(node).turnCluster('paused', ['running']);
        equal(state, { mode: 'paused', version: 1, changedAt: T, changedBy: node.name }, 'state');
        equal(await clusterMethods(other).clusterState(), state, 'state as the other node sees it');
        const again = await clusterMethods(other).turnCluster('running', ['paused']);
        matches(again, { mode: 'running', version: 2, changedBy: other.name }, 'state');
      },
      shared,
    );

    test(
      'are left as they are when they do not do what they are to be turned from',
      async ({ node }) => {
        const cluster = clusterMethods(node);
        await cluster.turnCluster('stopped', ['running', 'paused']);
        matches(await cluster.turnCluster('paused', ['running']), { mode: 'stopped', version: 1 }, 'after a pause');
        matches(await cluster.turnCluster('running', ['paused']), { mode: 'stopped', version: 1 }, 'after a resume');
      },
      shared,
    );

    for (const mode of MODES) {
      test(
        `take nothing while they are ${mode}, and all of it afterwards`,
        async (world) => {
          const { node, T, store, runIds } = world;
          const other = await world.join();
          await store.addMany(['one', 'two'].map((id) => jobRecord(id, T)));
          await clusterMethods(node).turnCluster(mode, ['running']);
          for (const one of [node, other]) equal(await one.idsTaken(null), [], `taken by ${one.name}`);
          matches(other.states.at(-1), { mode, version: 1 }, 'what the other node has been told');
          equal((await store.get('one'))?.nextRunTime, T, 'next run time');
          equal(await runIds(), [], 'runs');
          await clusterMethods(other).turnCluster('running', [mode]);
          sameSet(await node.idsTaken(null), ['one', 'two'], 'taken afterwards');
        },
        shared,
      );
    }

    test(
      'try nothing again while they are paused',
      async (world) => {
        const { node, store, T } = world;
        const run = await world.oneShot();
        end(run, 'failed', T).retryAt = T;
        await store.record([run]);
        await clusterMethods(node).turnCluster('paused', ['running']);
        equal((await node.take()).retries, [], 'retries');
        await clusterMethods(node).turnCluster('running', ['paused']);
        isTrue((await node.take()).retries.length === 1, 'the retry is made afterwards');
      },
      shared,
    );

    test(
      'may still say how runs ended while they are stopped',
      async (world) => {
        const { node, store, T } = world;
        const run = await world.oneShot();
        await clusterMethods(node).turnCluster('stopped', ['running']);
        await store.record([end(run, 'succeeded', T)]);
        matches(await store.getRun(run.id), { state: 'succeeded', settled: true }, 'run');
      },
      shared,
    );

    test(
      'hear what they are told to do',
      async (world) => {
        const { node, clock } = world;
        const other = await world.join();
        await clusterMethods(node).turnCluster('paused', ['running']);
        await clock.advance(settings.noticeMs);
        matches(other.states.at(-1), { mode: 'paused', version: 1 }, 'what the other node has been told');
        await clusterMethods(node).turnCluster('running', ['paused']);
        await clock.advance(settings.noticeMs);
        matches(other.states.at(-1), { mode: 'running', version: 2 }, 'what it has been told then');
      },
      shared,
    );

    test(
      'find what all do when they come later',
      async (world) => {
        const { node } = world;
        await clusterMethods(node).turnCluster('paused', ['running']);
        await node.stop();
        const heir = await world.join();
        matches(await clusterMethods(heir).clusterState(), { mode: 'paused', changedBy: node.name }, 'state');
      },
      shared,
    );

    test(
      'do one thing when several say different things at once',
      async (world) => {
        const nodes = [world.node, await world.join(), await world.join(), await world.join()];
        const answers = await Promise.all(
          nodes.map((node, n) =>
            n % 2 === 1
              ? clusterMethods(node).turnCluster('stopped', ['running', 'paused'])
              : clusterMethods(node).turnCluster('paused', ['running']),
          ),
        );
        const last = answers.reduce((one, other) => (other.version > one.version ? other : one));
        equal(last.mode, 'stopped', 'what holds in the end');
        for (const node of nodes)
          equal(await clusterMethods(node).clusterState(), last, `state as ${node.name} sees it`);
      },
      shared,
    );

    test(
      'take nothing once a pause has been answered, though they had begun to',
      async (world) => {
        const { node, store, T, runIds } = world;
        const nodes = [node, await world.join(), await world.join()];
        await store.addMany(Array.from({ length: 400 }, (_, n) => jobRecord(`job-${n}`, T)));
        for (let round = 1; round <= 8; round++) {
          const takes = nodes.flatMap((one) => [one.take(null, 5), one.take(null, 5), one.take(null, 5)]);
          // Where one comes after the other, let some of them be first.
          await Promise.race(takes);
          await clusterMethods(node).turnCluster('paused', ['running']);
          const claimed = await runIds();
          await Promise.all(takes);
          equal((await runIds()).length, claimed.length, `runs once the pause of round ${round} had been answered`);
          await clusterMethods(node).turnCluster('running', ['paused']);
        }
        isTrue((await runIds()).length > 0, 'something was taken');
      },
      shared,
    );
  });
}
