import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../../lib/engine/lifecycle/cluster.js';
import { storeEntry } from '../../../../lib/engine/runs/store-entry.js';
import type { ClusterState } from '../../../../lib/engine/stores/cluster-state.js';
import { memoryLogger } from '../../../support/engine.js';

const order = (mode: ClusterState['mode'], version: number): ClusterState => ({
  mode,
  version,
  changedAt: 1,
  changedBy: 'node',
});

/** A cluster whose only store has paused its nodes. */
async function paused() {
  const store = Object.assign(new MemoryJobStore(), {
    capabilities: { durable: true, shared: true, notifying: false },
    clusterState: () => Promise.resolve(order('paused', 5)),
  });
  const entry = storeEntry('main', store);
  entry.open = true;
  const logger = memoryLogger();
  const cluster = new Cluster({ logger, stores: new Map([['main', entry]]), onChange: () => undefined });
  await cluster.ask();
  return { cluster, logger, entry };
}

describe('The order for all nodes', () => {
  it('is not taken back by an earlier one that arrives late', async () => {
    const { cluster, entry } = await paused();
    cluster.hear(entry, order('running', 4));
    cluster.hear(entry, order('paused', 5));
    cluster.hear(entry, order('running', 4));
    expect(cluster.mode).toBe('paused');
  });

  it('is the one that its store has, when that has lost a later one', async () => {
    const { cluster, entry, logger } = await paused();
    cluster.hear(entry, order('running', 0));
    cluster.hear(entry, order('running', 0));
    expect(cluster.mode).toBe('running');
    expect(logger.lines).toEqual([
      'warn: Job store "main" has lost the order for all nodes (paused): they are running',
    ]);
  });
});
