import { Redis } from 'ioredis';
import { Scheduler } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { describe, expect, it, vi } from 'vitest';
import { COMMIT_DUE, PEEK_DUE } from '../../../../lib/stores/redis/scripts/claim-scripts.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

/** Loses the answer to the first commit, and the question after the commit that is sent again. */
function flaky(url: string): { readonly client: Redis; readonly lost: string[] } {
  const client = new Redis(url, { lazyConnect: true });
  const lost: string[] = [];
  const duplicate = client.duplicate.bind(client);
  let commits = 0;
  client.duplicate = (options) => {
    const made = duplicate(options);
    const evalsha = made.evalsha.bind(made) as (...args: unknown[]) => Promise<unknown>;
    const asked = async (sha: string, ...args: unknown[]): Promise<unknown> => {
      if (sha === PEEK_DUE.sha && commits === 2 && !lost.includes('peek')) {
        lost.push('peek');
        throw new Error('Connection is closed.');
      }
      const answer = await evalsha(sha, ...args);
      if (sha === COMMIT_DUE.sha && ++commits === 1) {
        lost.push('commit');
        throw new Error('Connection is closed.');
      }
      return answer;
    };
    made.evalsha = asked;
    return made;
  };
  return { client, lost };
}

describe.runIf(server.available)('A Redis store', { timeout: 30_000 }, () => {
  it('has run what it took, when its server goes away again after it was back just for that', async () => {
    const { url, keyPrefix } = await server.room();
    // The scripts are known to the server then, and always run by their hash.
    const warm = new Redis(url);
    for (const { source } of [COMMIT_DUE, PEEK_DUE]) await warm.script('LOAD', source);
    await warm.quit();
    const { client, lost } = flaky(url);
    const scheduler = new Scheduler({ jobStores: { default: new RedisJobStore({ client, keyPrefix }) } });
    const work = vi.fn<() => void>();
    scheduler.registerTask('work', work);
    await scheduler.start();
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: new Date() });
    await vi.waitFor(() => expect(lost).toEqual(['commit', 'peek']), { timeout: 15_000 });
    await vi.waitFor(() => expect(work).toHaveBeenCalledOnce(), { timeout: 5_000 });
    await scheduler.shutdown();
    client.disconnect();
  });
});
