import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobRecord, onTo } from '../../../../lib/testing/conformance/sample-jobs.js';
import { contextOf } from '../../../support/redis-store.js';
import { LocalServer } from '../../../support/servers/local-server.js';
import { redis } from '../../../support/servers/redis.js';
import { testServer } from '../../../support/servers/test-server.js';

const { startable } = await testServer('redis');
const COUNT = 300;
const LARGE = { text: 'x'.repeat(90_000) };

/* The server ends a connection whose answers wait for more than 12 MB; the jobs have 27 MB. */
describe.runIf(startable)('Large jobs on a Redis that limits its answers', () => {
  let server: LocalServer;
  beforeAll(async () => {
    const more = ['--client-output-buffer-limit', 'normal 12000000 0 0'];
    server = await LocalServer.start({ ...redis, args: (site) => [...redis.args(site), ...more] });
  }, 60_000);
  afterAll(() => server.remove());

  const opened = async (instance: string): Promise<RedisJobStore> => {
    const store = new RedisJobStore({ url: server.url, recoveryAttempts: 1 });
    store.attach(contextOf({ instance }));
    await store.start();
    return store;
  };

  it('are added, listed and claimed, in parts that are small enough', async () => {
    const [adding, reading, listing] = [await opened('a'), await opened('b'), await opened('c')];
    try {
      const jobs = Array.from({ length: COUNT }, (_, index) => jobRecord(`job-${index}`, 1000, { kwargs: LARGE }));
      await adding.addMany(jobs);
      const seen = new Set<string>();
      const plan = ({ id, kwargs }: { id: string; kwargs: object }) => {
        if (JSON.stringify(kwargs) === JSON.stringify(LARGE)) seen.add(id);
        return onTo(1e14);
      };
      while (seen.size < COUNT) {
        const { claimed } = await reading.claimDue({ now: 2000, limit: 500, plan, retry: () => null });
        expect(claimed.length).toBeGreaterThan(0);
      }
      expect(await listing.list()).toHaveLength(COUNT);
    } finally {
      await Promise.all([adding, reading, listing].map((store) => store.stop()));
    }
  });
});
