import { Scheduler, type JobDefinition, type JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryLogger, type MemoryLogger } from '../../support/engine.js';
import { testServer } from '../../support/servers/test-server.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const databases = await testDatabases();
const redis = await testServer('redis');

/** Makes stores that share one database. */
type MakeStore = () => JobStore;

const backends = [
  ...databases.map(({ title, available, fresh }) => ({
    title,
    available,
    open: async (): Promise<MakeStore> => {
      const url = await fresh();
      return () => new SqlJobStore({ url });
    },
  })),
  {
    title: 'Redis',
    available: redis.available,
    open: async (): Promise<MakeStore> => {
      const { url, keyPrefix } = await redis.room();
      return () => new RedisJobStore({ url, keyPrefix });
    },
  },
];

const every = (id: string, hours: number): JobDefinition => ({ id, task: 'work', trigger: 'interval', hours });
const HOUR = 3_600_000;

describe.each(backends.filter(({ available }) => available))(
  'In a rolling deploy on $title',
  { timeout: 60_000 },
  ({ open }) => {
    const running: Scheduler[] = [];

    afterEach(async () => {
      await Promise.all(running.splice(0).map((scheduler) => scheduler.shutdown({ wait: false })));
    });

    async function instance(
      store: JobStore,
      release: string,
      jobs: readonly JobDefinition[],
    ): Promise<{ scheduler: Scheduler; logger: MemoryLogger; ids: () => Promise<string[]> }> {
      const logger = memoryLogger();
      const scheduler = new Scheduler({ logger, release, prune: true, timezone: 'UTC', jobStores: { default: store } });
      scheduler.registerTask('work', () => undefined);
      for (const job of jobs) await scheduler.declareJob(job);
      await scheduler.completeDeclarations();
      await scheduler.start();
      running.push(scheduler);
      return { scheduler, logger, ids: async () => (await scheduler.getJobs()).map(({ id }) => id).sort() };
    }

    it('a later release removes what only the earlier one declared, and the earlier one nothing of it', async () => {
      const make = await open();
      const old = [every('both', 1), every('old', 1)];
      const { scheduler, ids } = await instance(make(), '9', old);
      await scheduler.addJob(every('added', 1));
      const next = await instance(make(), '10', [every('both', 2), every('new', 1)]);
      expect(await ids()).toEqual(['added', 'both', 'new']);
      const again = await instance(make(), '9', old);
      expect(await ids()).toEqual(['added', 'both', 'new', 'old']);
      expect((await scheduler.getJob('both'))?.trigger.toJSON()).toMatchObject({ hours: 2 });
      expect(again.logger.lines.filter((line) => !line.includes('declared; the next'))).toMatchObject([
        /left as later releases declare them: "both" \(release 10\)/,
      ]);
      await instance(make(), '10', [every('both', 2), every('new', 1)]);
      expect(await ids()).toEqual(['added', 'both', 'new']);
      expect(next.logger.lines.filter((line) => !line.includes('declared; the next'))).toMatchObject([
        /Removed, as release 10 does not declare them: "old" \(release 9\)/,
      ]);
    });

    it('instances that start at once remove each job once, and keep what they declare', async () => {
      const make = await open();
      const jobs = Array.from({ length: 10 }, (_, n) => every(`old-${n}`, 1));
      await instance(make(), '1', [...jobs, every('both', 1)]);
      const started = await Promise.all([1, 2, 3].map(() => instance(make(), '2', [every('both', 1)])));
      expect(await started[0]?.ids()).toEqual(['both']);
      const removed = started.flatMap(({ logger }) => logger.lines.flatMap((line) => line.match(/"old-\d"/g) ?? []));
      expect(removed.sort()).toEqual(jobs.map(({ id }) => `"${id}"`));
    });

    it('a changed interval keeps the phase of its last nominal time', async () => {
      const make = await open();
      const { scheduler } = await instance(make(), '1', [every('a', 1)]);
      const first = (await scheduler.getJob('a'))?.nextRunTime ?? 0;
      await instance(make(), '2', [every('a', 2)]);
      expect((await scheduler.getJob('a'))?.nextRunTime).toBe(first + HOUR);
      await scheduler.pauseJob('a');
      await instance(make(), '3', [every('a', 3)]);
      expect(await scheduler.getJob('a')).toMatchObject({ paused: true, declaredBy: { release: '3' } });
      expect((await scheduler.resumeJob('a')).nextRunTime).toBe(first + 2 * HOUR);
    });
  },
);
