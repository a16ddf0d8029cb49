import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe } from 'vitest';
import { contextOf, TimedRedisJobStore } from '../support/redis-store.js';
import { testServer } from '../support/servers/test-server.js';
import { testDatabases } from '../support/sql/test-databases.js';
import { describeDeclaredJobs } from './declared-jobs.suite.js';

const databases = await testDatabases();
const redis = await testServer('redis');

describeDeclaredJobs('memory', async () => new MemoryJobStore());

describe.each(databases.filter(({ available }) => available))('On $title', { timeout: 60_000 }, ({ title, fresh }) => {
  let namespaces = 0;
  let url: Promise<string> | undefined;

  describeDeclaredJobs(`SQL (${title})`, async () => {
    url ??= fresh();
    return new SqlJobStore({ url: await url, namespace: `n${++namespaces}`, time: 'node', pollInterval: Infinity });
  });
});

describe.runIf(redis.available)('On a real server', { timeout: 60_000 }, () => {
  describeDeclaredJobs('Redis', async () => {
    const store = new TimedRedisJobStore(await redis.room());
    store.attach(contextOf());
    return store;
  });
});
