import { equal, isTrue, matches } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { Suite } from '../suite.js';
import { clusterMethods } from './cluster-state.js';

/** Records of nodes, and of the order for all of them, that something has damaged. */
export function unreadableNodes({ describe, settings, test }: Suite): void {
  describe('fails alone for a record of nodes that cannot be read, which', () => {
    test(
      'lets the others keep their leases, and take the runs of its node when that is gone',
      async (world) => {
        const { store, node, clock } = world;
        for (const [index, damage] of world.damageNode.entries()) {
          const other = await world.join();
          const id = `a${index}`;
          await store.add(jobRecord(id, clock.now()));
          const [run] = await other.runsTaken();
          other.clock.stop();
          await damage(other.instance);
          const isLost = async (): Promise<boolean> => (await store.getRun(run?.id ?? ''))?.state === 'lost';
          await world.until(
            isLost,
            settings.recoveryMs,
            `way ${index}: the run of a node whose record is damaged is lost`,
          );
          isTrue(node.holdsLease && node.losses === 0, `way ${index}: another node has lost its lease`);
          equal((await node.take()).retries.length, 1, `way ${index}: how many retries others take`);
        }
      },
      { damage: 'node' },
    );

    test(
      'lets a node whose own record is damaged go on',
      async (world) => {
        const { store, node, clock } = world;
        for (const [index, damage] of world.damageNode.entries()) {
          await damage(node.instance);
          const id = `a${index}`;
          await store.add(jobRecord(id, clock.now()));
          const isTaken = async (): Promise<boolean> => (await node.runsTaken()).some(({ jobId }) => jobId === id);
          await world.until(
            isTaken,
            settings.recoveryMs,
            `way ${index}: a node whose record is damaged takes due work`,
          );
        }
      },
      { damage: 'node' },
    );

    test(
      'counts as none where it is the order for all nodes',
      async (world) => {
        const { store, node, clock } = world;
        const cluster = clusterMethods(node);
        for (const [index, damage] of world.damageCluster.entries()) {
          await cluster.turnCluster('paused', ['running']);
          await damage();
          matches(await cluster.clusterState(), { mode: 'running' }, `way ${index}: state`);
          await store.add(jobRecord(`a${index}`, clock.now()));
          equal(await node.idsTaken(null), [`a${index}`], `way ${index}: the jobs that are due`);
          matches(await cluster.turnCluster('paused', ['running']), { mode: 'paused' }, `way ${index}: a new order`);
          await store.add(jobRecord(`b${index}`, clock.now()));
          equal(await node.idsTaken(null), [], `way ${index}: the jobs that are due while all nodes are paused`);
          await cluster.turnCluster('running', ['paused']);
          await world.at(clock.now() + 1000);
          equal(await node.idsTaken(null), [`b${index}`], `way ${index}: the jobs that are due after that`);
        }
      },
      { damage: 'cluster' },
    );
  });
}
