import { Redis } from 'ioredis';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { describe, expect, it, type TestContext } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.startable)(
  'Schedulers that share Redis lose no time and double none, when it',
  { concurrent: true, timeout: 60_000 },
  () => {
    async function begin({ onTestFinished }: TestContext): Promise<{ outage: OutageWorld; admin: Redis }> {
      const { url } = await server.start();
      const admin = new Redis(url);
      onTestFinished(() => admin.disconnect());
      const outage = await OutageWorld.start(() => new RedisJobStore({ url }));
      onTestFinished(() => outage.close());
      return { outage, admin };
    }

    it('has no memory left, and gets some', async (context) => {
      const { outage, admin } = await begin(context);
      await admin.config('SET', 'maxmemory', '1mb');
      expect(await outage.isDown()).toMatch(/OOM/);
      outage.endLong();
      expect(await outage.unrefused({ reads: false })).toEqual([]);
      await admin.config('SET', 'maxmemory', '0');
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('has become a replica, and is the first again', async (context) => {
      const { outage, admin } = await begin(context);
      // Of a server that is not there: it keeps what it has, and takes nothing.
      await admin.replicaof('127.0.0.1', '1');
      expect(await outage.isDown()).toMatch(/READONLY|reached just now/);
      outage.endLong();
      expect(await outage.unrefused({ reads: false })).toEqual([]);
      await admin.replicaof('NO', 'ONE');
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });
  },
);
