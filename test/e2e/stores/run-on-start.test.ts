import { Scheduler, silentLogger, type JobStore, type RunOnStart } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testServer } from '../../support/servers/test-server.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const databases = await testDatabases();
const redis = await testServer('redis');

const backends = [
  ...databases.map(({ title, available, fresh }) => ({
    title,
    available,
    open: async (): Promise<() => JobStore> => {
      const url = await fresh();
      return () => new SqlJobStore({ url });
    },
  })),
  {
    title: 'Redis',
    available: redis.available,
    open: async (): Promise<() => JobStore> => {
      const { url, keyPrefix } = await redis.room();
      return () => new RedisJobStore({ url, keyPrefix });
    },
  },
];

describe.each(backends.filter(({ available }) => available))(
  'Replicas on $title that all have a job with runOnStart',
  { timeout: 60_000 },
  ({ open }) => {
    async function world(runOnStart: RunOnStart): Promise<{
      ran: string[];
      start: (node: string) => Promise<Scheduler>;
    }> {
      const make = await open();
      const ran: string[] = [];
      const start = async (node: string): Promise<Scheduler> => {
        const jobStores = { default: make() };
        const scheduler = new Scheduler({ node, timezone: 'UTC', logger: silentLogger, jobStores });
        onTestFinished(() => scheduler.shutdown({ wait: false }).catch(() => undefined));
        scheduler.registerTask('migrate', () => void ran.push(node));
        scheduler.registerTask('other', () => void ran.push(`other ${node}`));
        const job = { trigger: 'cron', hour: 3, replaceExisting: true } as const;
        await scheduler.addJob({ ...job, id: 'migrate', task: 'migrate', runOnStart });
        // It runs on each node, and is claimed after the other one has been.
        await scheduler.addJob({ ...job, id: 'other', task: 'other', runOnStart: 'node' });
        await scheduler.start();
        await vi.waitFor(() => expect(ran).toContain(`other ${node}`), 10_000);
        return scheduler;
      };
      return { ran, start };
    }
    const withoutOther = (ran: readonly string[]): readonly string[] => ran.filter((line) => !line.startsWith('other'));

    it('"cluster": one of them runs it, and one again when all had stopped', async () => {
      const { ran, start } = await world('cluster');
      const nodes = [await start('a'), await start('b'), await start('c')];
      // As in a rolling restart.
      for (const [n, node] of nodes.entries()) {
        await node.shutdown();
        nodes[n] = await start(`new-${n}`);
      }
      await Promise.all(nodes.map((node) => node.shutdown()));
      expect(withoutOther(ran)).toEqual(['a']);
      const again = await start('d');
      await vi.waitFor(() => expect(withoutOther(ran)).toEqual(['a', 'd']), 10_000);
      await again.addJob({ id: 'added', task: 'migrate', trigger: 'cron', hour: 3, runOnStart: 'cluster' });
      await vi.waitFor(() => expect(withoutOther(ran)).toEqual(['a', 'd', 'd']), 10_000);
      await again.shutdown();
    });

    it.each([true, 'node'] as const)('%j: each of them runs it', async (runOnStart) => {
      const { ran, start } = await world(runOnStart);
      const nodes = [await start('a'), await start('b')];
      await vi.waitFor(() => expect(withoutOther(ran)).toEqual(['a', 'b']), 10_000);
      await Promise.all(nodes.map((node) => node.shutdown()));
    });
  },
);
