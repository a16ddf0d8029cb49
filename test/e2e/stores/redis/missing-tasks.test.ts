import { ManualClock, type ClaimResult, type JobSpec } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { record } from '../../../contract/job-store.suite.js';
import { contextOf, TimedRedisJobStore } from '../../../support/redis-store.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

const nothing = { runs: [], leftOut: [], next: null, pausesJob: false };

/** A store with due jobs that a node cannot run, and one after them that it can. */
async function manyMissing(count: number) {
  const store = new TimedRedisJobStore(await server.room());
  store.attach(contextOf({ clock: new ManualClock(10_000) }));
  await store.start();
  const missing = Array.from({ length: count }, (_, n) => record(`job-${n}`, 1000, { task: 'missing' }));
  await store.addMany([...missing, record('last', 2000, { task: 'known' })]);
  let planned = 0;
  const plan = ({ task }: JobSpec): typeof nothing | null => {
    planned++;
    return task === 'known' ? nothing : null;
  };
  const claim = async (): Promise<ClaimResult & { readonly planned: number }> => {
    planned = 0;
    const result = await store.claimDue({ now: 10_000, limit: 500, plan, retry: () => null });
    return { ...result, planned };
  };
  return { store, claim };
}

describe.runIf(server.available)('Due jobs on Redis whose task a node lacks', { timeout: 60_000 }, () => {
  it('are looked at a few pages at a time, each once, and the job after them is claimed', async () => {
    const { store, claim } = await manyMissing(6000);
    const looked: number[] = [];
    for (let claimed = 0; claimed === 0 && looked.length < 10;) {
      const result = await claim();
      looked.push(result.planned);
      claimed = result.claimed.length;
      if (claimed === 0) expect(result.nextDue).toBeLessThanOrEqual(10_000);
    }
    expect(looked).toEqual([2500, 2500, 1001]);
    expect(await claim()).toMatchObject({ planned: 0, nextDue: null });
    await store.stop();
  });

  it('are all looked at again when a task appears', async () => {
    const { store, claim } = await manyMissing(2000);
    await claim();
    store.reconsider();
    expect(await claim()).toMatchObject({ planned: 2000, nextDue: null });
    await store.stop();
  });
});
