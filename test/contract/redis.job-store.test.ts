import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { describeJobStore } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';
import { damageRedis } from '../support/damage.js';
import { lossesOnRedis } from '../support/losses.js';
import { testServer } from '../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.available)('On a real server', () => {
  describeJobStore(
    'Redis',
    async (clock) => {
      const { url, keyPrefix } = await server.room();
      const open = (): RedisJobStore => new RedisJobStore({ url, keyPrefix }, () => clock.now());
      const prefix = `${keyPrefix}{default}:`;
      return { store: open(), another: open, ...damageRedis(url, prefix), ...lossesOnRedis(url, prefix) };
    },
    { describe, it, walks: 30 },
  );
});
