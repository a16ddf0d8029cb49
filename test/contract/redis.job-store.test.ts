import { describe } from 'vitest';
import { contextOf, TimedRedisJobStore } from '../support/redis-store.js';
import { testServer } from '../support/servers/test-server.js';
import { describeClusterState } from './cluster-state.suite.js';
import { describeJobStore } from './job-store.suite.js';
import { describeRunHistory } from './run-history.suite.js';

const server = await testServer('redis');

describe.runIf(server.available)('On a real server', { timeout: 60_000 }, () => {
  describeJobStore('Redis', async () => {
    const store = new TimedRedisJobStore(await server.room());
    store.attach(contextOf());
    return store;
  });
  describeRunHistory('Redis', async () => new TimedRedisJobStore(await server.room()));
  describeClusterState('Redis', async () => {
    const room = await server.room();
    return () => new TimedRedisJobStore(room);
  });
});
