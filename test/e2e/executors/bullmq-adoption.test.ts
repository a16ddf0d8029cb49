import type { RunContext } from 'nestjs-apscheduler';
import { SystemClock, type Scheduler } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { describe, expect, it } from 'vitest';
import { queueWorlds, runsOf, type QueueWorld } from '../../support/bullmq/queue-world.js';
import { gate } from '../../support/engine.js';
import { testServer } from '../../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.available)(
  'A run in a queue of BullMQ, whose job is in a shared store,',
  { timeout: 60_000 },
  () => {
    const world = queueWorlds(() => server.room());

    /** One of the processes that share the store. */
    function node(here: QueueWorld, name: string): Promise<Scheduler> {
      const { prefix, url } = here.place;
      const lease = { heartbeat: 0.25, leaseTime: 1.5 };
      const store = new RedisJobStore({ url, keyPrefix: `${prefix}:jobs:`, ...lease });
      return here.scheduler({}, { clock: new SystemClock(), jobStores: { default: store }, node: name });
    }

    it('goes on when its scheduler stops, and is recorded by the next one, which looks up how it ended', async () => {
      const here = await world();
      const { open, promise: held } = gate();
      const calls: string[] = [];
      await here.worker({
        work: async ({ log, runId }: RunContext) => {
          calls.push(runId);
          log('begun');
          await held;
          return 'done meanwhile';
        },
      });
      const first = await node(here, 'first');
      await first.addJob({ id: 'long', task: 'work', executor: 'heavy' });
      await expect.poll(() => calls, { timeout: 20_000 }).toHaveLength(1);
      await first.shutdown();
      open();
      const queue = here.queue();
      await expect.poll(() => queue.getCompletedCount(), { timeout: 10_000 }).toBe(1);
      const second = await node(here, 'second');
      await expect
        .poll(async () => (await runsOf(second, 'long'))[0], { timeout: 20_000 })
        .toMatchObject({ id: calls[0], state: 'succeeded', result: 'done meanwhile', log: [{ message: 'begun' }] });
      expect(calls).toHaveLength(1);
      expect(await queue.getJobCountByTypes('wait', 'active', 'delayed')).toBe(0);
    });
  },
);
