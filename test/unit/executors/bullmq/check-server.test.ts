import { describe, expect, it } from 'vitest';
import { checkServer } from '../../../../lib/executors/bullmq/check-server.js';
import type { RedisClient } from '../../../../lib/executors/bullmq/load-bullmq.js';
import { memoryLogger } from '../../../support/engine.js';

const answering = (...lines: readonly string[]): RedisClient =>
  ({ info: async () => lines.join('\r\n') }) as unknown as RedisClient;

describe('The Redis of a queue', () => {
  it('is refused when it is too old for BullMQ', async () => {
    const check = checkServer(answering('redis_version:4.0.14'), memoryLogger());
    await expect(check).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'Redis 4.0.14 is too old for BullMQ, which needs 5.0 at least',
    });
  });

  it('is warned of when it may evict keys, and of nothing else', async () => {
    const logger = memoryLogger();
    await checkServer(answering('redis_version:7.0.15', 'maxmemory_policy:noeviction'), logger);
    await checkServer(answering('dragonfly_version:1.2'), logger);
    expect(logger.lines).toEqual([]);
    await checkServer(answering('redis_version:7.0.15', 'maxmemory_policy:allkeys-lru'), logger);
    expect(logger.lines).toEqual([expect.stringMatching(/^warn: .*not "allkeys-lru"$/)]);
  });
});
