import { Redis } from 'ioredis';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterEach, describe, expect, it } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import type { LocalServer } from '../../../support/servers/local-server.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.startable)('Schedulers that share Redis lose no time and double none, when it', () => {
  let own: LocalServer;
  let admin: Redis | undefined;
  let outage: OutageWorld | undefined;

  async function begin(): Promise<{ outage: OutageWorld; admin: Redis }> {
    own ??= await server.start();
    admin = new Redis(own.url);
    await admin.flushall();
    outage = await OutageWorld.start(() => new RedisJobStore({ url: own.url }));
    return { outage, admin };
  }

  afterEach(async () => {
    await outage?.close();
    admin?.disconnect();
    [outage, admin] = [undefined, undefined];
  });

  it('has no memory left, and gets some', { timeout: 60_000 }, async () => {
    const begun = await begin();
    await begun.admin.config('SET', 'maxmemory', '1mb');
    expect(await begun.outage.isDown()).toMatch(/OOM/);
    begun.outage.endLong();
    expect(await begun.outage.unrefused({ reads: false })).toEqual([]);
    await begun.admin.config('SET', 'maxmemory', '0');
    expect(await begun.outage.damage()).toEqual(NO_DAMAGE);
  });

  it('has become a replica, and is the first again', { timeout: 60_000 }, async () => {
    const begun = await begin();
    // Of a server that is not there: it keeps what it has, and takes nothing.
    await begun.admin.replicaof('127.0.0.1', '1');
    expect(await begun.outage.isDown()).toMatch(/READONLY|reached just now/);
    begun.outage.endLong();
    expect(await begun.outage.unrefused({ reads: false })).toEqual([]);
    await begun.admin.replicaof('NO', 'ONE');
    expect(await begun.outage.damage()).toEqual(NO_DAMAGE);
  });
});
