import { ManualClock, Scheduler, silentLogger, type JobStore, type RunContext } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { gate } from '../../../support/engine.js';
import { testServer } from '../../../support/servers/test-server.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const redis = await testServer('redis');
const databases = await testDatabases();

interface Place {
  readonly title: string;
  readonly available: boolean;
  /** Makes an empty store for each node; a server's clock is that of the node that goes on. */
  make(serverNow: () => number): Promise<() => JobStore>;
}

const places: readonly Place[] = [
  ...databases.map(({ title, available, fresh }) => ({
    title,
    available,
    make: async () => {
      const url = await fresh();
      return () => new SqlJobStore({ url, time: 'node', pollInterval: 1 });
    },
  })),
  {
    title: 'Redis',
    available: redis.available,
    make: async (serverNow) => {
      const { url, keyPrefix } = await redis.room();
      return () => new RedisJobStore({ url, keyPrefix }, serverNow);
    },
  },
];

const START = Date.parse('2030-01-01T00:00:00Z');

describe.each(places.filter(({ available }) => available))(
  'A node on $title that was stopped beyond its lease',
  { timeout: 60_000 },
  ({ make }) => {
    it('starts none of its waiting runs when it goes on, for others have executed them', async () => {
      const stopped = new ManualClock(START);
      const running = new ManualClock(START);
      const makeStore = await make(() => running.now());
      const ran: string[] = [];
      const first = gate();
      const open = (node: string, clock: ManualClock, wait: Promise<void>): Scheduler => {
        const jobStores = { default: makeStore() };
        const scheduler = new Scheduler({ node, clock, jobStores, logger: silentLogger, timezone: 'UTC' });
        scheduler.registerTask('work', ({ scheduledTime }: RunContext) => {
          ran.push(`${node} ${(scheduledTime - START) / 1000}`);
          return wait;
        });
        return scheduler;
      };
      const one = open('stopped', stopped, first.promise);
      const other = open('running', running, Promise.resolve());
      await one.start();
      const job = { id: 'a', task: 'work', trigger: 'interval', seconds: 1, overlap: 'queue' } as const;
      await one.addJob({ ...job, startDate: START + 1000, endDate: START + 3000 });
      for (let second = 1; second <= 3; second++)
        await Promise.all([stopped, running].map((clock) => clock.advance(1000)));
      expect(ran).toEqual(['stopped 1']);
      await other.start();
      await running.advance('40s');
      expect(ran.toSorted()).toEqual(['running 1', 'running 2', 'running 3', 'stopped 1']);
      // The process goes on: its clock has counted on, and the end of its run comes before any of its timers.
      await stopped.set(running.now());
      first.open();
      await stopped.advance(0);
      await stopped.advance('10s');
      expect(ran.toSorted()).toEqual(['running 1', 'running 2', 'running 3', 'stopped 1']);
      await Promise.all([one.shutdown(), other.shutdown()]);
    });
  },
);
