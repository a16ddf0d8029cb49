import { ManualClock, Scheduler, type JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { HOUR, memoryLogger, MINUTE, SECOND, START } from '../../../support/engine.js';
import { testServer } from '../../../support/servers/test-server.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const [sqlite] = await testDatabases();
const redis = await testServer('redis');

const places = [
  {
    title: 'SQLite',
    available: true,
    open: async (): Promise<(clock: ManualClock) => JobStore> => {
      const url = (await sqlite?.fresh()) ?? '';
      return () => new SqlJobStore({ url, time: 'node' });
    },
  },
  {
    title: 'Redis',
    available: redis.available,
    open: async (): Promise<(clock: ManualClock) => JobStore> => {
      const { url, keyPrefix } = await redis.room();
      return (clock) => new RedisJobStore({ url, keyPrefix }, () => clock.now());
    },
  },
];

describe.each(places.filter(({ available }) => available))(
  'On $title, a clock that is set back by hours',
  { timeout: 30_000 },
  ({ open }) => {
    it('delays no interval job, on either of two nodes, and health and the log show it', async () => {
      const clock = new ManualClock(START);
      const make = await open();
      const logger = memoryLogger();
      const ran: [jobId: string, at: number][] = [];
      const nodes = [1, 2].map(
        () => new Scheduler({ clock, logger, timezone: 'UTC', jobStores: { default: make(clock) } }),
      );
      for (const node of nodes) {
        node.registerTask('work', ({ jobId }: { jobId: string }) => void ran.push([jobId, clock.now() - START]));
        await node.start();
      }
      await nodes[0]?.addJob({ id: 'interval', task: 'work', trigger: 'interval', minutes: 1 });
      await nodes[0]?.addJob({ id: 'date', task: 'work', trigger: 'date', runDate: START + 8 * HOUR });
      await clock.set(START + 6 * HOUR);
      await clock.advance(90 * SECOND);
      expect(nodes[0]?.health().status).toBe('up');
      ran.length = 0;
      await clock.set(START + HOUR + 30 * SECOND);
      await clock.advance(3 * MINUTE);
      const times = ran.map(([, at]) => at);
      expect(times).toEqual([HOUR + MINUTE, HOUR + 2 * MINUTE, HOUR + 3 * MINUTE]);
      for (const node of nodes) {
        expect(node.health()).toMatchObject({
          status: 'degraded',
          jobStores: {
            default: { status: 'up', reason: expect.stringMatching(/^Its clock was set back by 18\d{3} s/) },
          },
        });
      }
      expect(logger.lines.filter((line) => line.includes('clock of job store "default" was set back'))).toHaveLength(2);
      expect((await nodes[0]?.getJob('date'))?.nextRunTime).toBe(START + 8 * HOUR);
      for (const node of nodes) await node.shutdown();
    });
  },
);
