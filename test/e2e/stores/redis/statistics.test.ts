import { Redis } from 'ioredis';
import { ManualClock } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { describe, expect, it } from 'vitest';
import { SPANS, type StatisticsCell } from '../../../../lib/engine/model/statistics.js';
import { contextOf } from '../../../support/redis-store.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');
const MINUTE = SPANS.minute.lengthMs;
const START = 1_000_000 * MINUTE;

describe.runIf(server.available)('Statistics on Redis', () => {
  it('are looked through for what is too old once a minute, and in steps of about a thousand cells', async () => {
    const { keyPrefix, url } = await server.room();
    const client = new Redis(url);
    const store = new RedisJobStore({ url, keyPrefix });
    store.attach(contextOf({ clock: new ManualClock(START), instance: 'a1b2c3d4' }));
    await store.start();
    const key = `${keyPrefix}{default}:statistics`;
    const add = (start: number, series: string): Promise<void> =>
      store.addStatistics([{ span: 'minute', start, series, count: 1 } satisfies StatisticsCell]);
    await add(START, 'duration:1');
    const old = Array.from({ length: 5000 }, (_, n) => [`minute 0 duration:${n}`, '1']).flat();
    await client.hset(key, ...old);
    await add(START, 'duration:2');
    expect(await client.hlen(key)).toBe(5002);
    const scans = async (): Promise<number> =>
      Number(/cmdstat_hscan:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    const before = await scans();
    await add(START + MINUTE, 'duration:1');
    expect(await scans()).toBeGreaterThan(before + 3);
    expect(await client.hlen(key)).toBe(3);
    await store.stop();
    client.disconnect();
  });
});
