import { describe, expect, it, type TestContext } from 'vitest';
import { gate, START } from '../../../support/engine.js';
import { Cluster } from '../../../support/sql/cluster.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

const everySecond = (id: string) => ({ id, task: 'work', trigger: 'interval', seconds: 1 }) as const;

describe.each(databases.filter(({ available }) => available))(
  'Nodes that divide the work on $title',
  { timeout: 90_000 },
  ({ fresh }) => {
    async function begin({ onTestFinished }: TestContext): Promise<Cluster> {
      const cluster = new Cluster({ url: await fresh() });
      onTestFinished(() => cluster.close());
      return cluster;
    }

    it('make a run by hand however late the node comes that executes it', async (context) => {
      const cluster = await begin(context);
      const planner = await cluster.join(undefined, { roles: { execute: false } });
      const job = { ...everySecond('a'), seconds: 86_400, misfireGraceTime: 1 };
      await planner.scheduler.addJob(job);
      await planner.scheduler.runJob('a', { wait: false });
      await cluster.clock.advance('1h');
      expect(cluster.ledger).toEqual([]);
      await cluster.join(undefined, { roles: { schedule: false } });
      await cluster.clock.advance('1s');
      expect(cluster.ledger).toEqual([{ node: 'node-2', jobId: 'a', scheduledTime: START, attempt: 1 }]);
    });

    it('miss no time while one of them is drained and another one goes on', async (context) => {
      const cluster = await begin(context);
      const end = gate();
      const first = await cluster.join(({ jobId }) => (jobId === 'long' ? end.promise : undefined));
      await first.scheduler.addJob({ id: 'long', task: 'work', trigger: 'date', runDate: START + 1000 });
      await cluster.clock.advance('1s');
      await cluster.join();
      await first.scheduler.addJobs([everySecond('a'), everySecond('b')]);
      const drained = first.scheduler.drain({ scope: 'node', timeout: 600 });
      await cluster.clock.advance('5s');
      const times = [1, 2, 3, 4, 5].map((second) => second + 1);
      expect(cluster.fired).toEqual(['long@1', ...['a', 'b'].flatMap((id) => times.map((at) => `${id}@${at}`))].sort());
      expect(new Set(cluster.ledger.slice(1).map(({ node }) => node))).toEqual(new Set(['node-2']));
      end.open();
      await cluster.clock.advance('1s');
      await drained;
      expect((await first.scheduler.getRuns({ jobId: 'long' })).runs).toMatchObject([{ state: 'succeeded' }]);
      await first.scheduler.shutdown();
      expect(cluster.faults).toEqual([]);
    });
  },
);
