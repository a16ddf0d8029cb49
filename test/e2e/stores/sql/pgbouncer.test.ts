import { EVENT_JOB_EXECUTED, Scheduler, silentLogger, type JobExecutedEvent } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { hasPgBouncer, startPgBouncer } from '../../../support/servers/pgbouncer.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('postgres');

describe.runIf(server.available && hasPgBouncer())('A store behind PgBouncer in transaction mode', () => {
  const nodes: Scheduler[] = [];

  async function startNode(url: string, runs: string[], paused = false): Promise<Scheduler> {
    const node = new Scheduler({ logger: silentLogger, jobStores: { default: new SqlJobStore({ url }) } });
    nodes.push(node);
    node.registerTask('greet', () => 'hello');
    node.addListener((event) => runs.push((event as JobExecutedEvent).jobId), EVENT_JOB_EXECUTED);
    await node.start({ paused });
    return node;
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.shutdown()));
  });

  it('runs each fire time once on two nodes, and keeps the history', { timeout: 60_000 }, async () => {
    const { url } = await server.room();
    const pooled = await startPgBouncer(url);
    const runs: string[] = [];
    const first = await startNode(pooled, runs);
    await startNode(pooled, runs);
    const ids = Array.from({ length: 200 }, (_, index) => `job ${index}`);
    await Promise.all(ids.map((id) => first.addJob({ id, task: 'greet' })));
    await expect.poll(() => runs.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(ids.length);
    await expect.poll(async () => (await first.getJobs()).length, { timeout: 30_000 }).toBe(0);
    expect(runs.toSorted()).toEqual(ids.toSorted());
    const { runs: kept } = await first.getRuns({ limit: 200 });
    expect(kept.filter(({ state }) => state === 'succeeded')).toHaveLength(ids.length);
  });

  it('finds what other nodes have added, although PgBouncer passes no notifications', { timeout: 60_000 }, async () => {
    const { url } = await server.room();
    const pooled = await startPgBouncer(url);
    const runs: string[] = [];
    await startNode(pooled, runs);
    const adding = await startNode(pooled, runs, true);
    await adding.addJob({ id: 'found', task: 'greet' });
    await expect.poll(() => runs, { timeout: 15_000 }).toEqual(['found']);
  });
});
