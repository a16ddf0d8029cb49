import { Redis, type RedisOptions } from 'ioredis';
import { ManualClock, type RunContext, type ClaimRequest, type ClaimResult } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMIT_DUE } from '../../../../lib/stores/redis/scripts/claim-scripts.js';
import { record } from '../../../contract/job-store.suite.js';
import { end, newRun, onTo } from '../../../contract/runs.js';
import { redisNodes } from '../../../support/redis-nodes.js';
import { contextOf } from '../../../support/redis-store.js';
import type { LocalServer } from '../../../support/servers/local-server.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');
const patience = { timeout: 20_000, interval: 20 };

describe.runIf(server.startable)('When Redis goes away', { timeout: 60_000 }, () => {
  let own: LocalServer;
  const nodesOf = redisNodes(async () => {
    own = await server.start();
    return { url: own.url, keyPrefix: '', drop: () => Promise.resolve() };
  });

  it('nodes go on with every time when it is back, and each is told of once', async () => {
    const nodes = await nodesOf();
    const all = [await nodes.start('a'), await nodes.start('b')];
    const every = { trigger: 'interval', seconds: 1, coalesce: 'all' } as const;
    await all[0]?.scheduler.addJob({ id: 'tick', task: 'work', ...every });
    await nodes.ledger.reached(2);
    await own.kill();
    await expect(all[0]?.scheduler.getJobs()).rejects.toThrow(/Job store "default" failed: Redis cannot be reached/);
    await own.start();
    const count = nodes.ledger.lines.length;
    await nodes.ledger.reached(count + 4);
    const firsts = nodes.ledger.lines.filter(({ attempt }) => attempt === 1);
    const times = firsts.map(({ scheduledTime }) => scheduledTime).toSorted((a, b) => a - b);
    expect(new Set(times).size).toBe(times.length);
    times.slice(1).forEach((time, index) => expect(time - (times[index] as number)).toBe(1000));
    for (const { logger } of all) {
      expect(logger.lines.filter((line) => line.includes('cut the connection that jobs are kept by'))).toHaveLength(1);
      expect(logger.lines.filter((line) => line.includes('connection that jobs are kept by stands'))).toHaveLength(1);
    }
  });

  it('what runs meanwhile is recorded when it is back', async () => {
    const nodes = await nodesOf();
    const a = await nodes.start('a', {
      store: { heartbeat: 5, leaseTime: 60 },
      tasks: { cut: (context: RunContext) => own.kill().then(() => nodes.ledger.write(context, 'a')) },
    });
    await a.scheduler.addJob({ id: 'job', task: 'cut', trigger: 'date', runDate: new Date() });
    await nodes.ledger.reached(1);
    await own.start();
    await vi.waitFor(async () => {
      const { runs } = await a.scheduler.getRuns({ jobId: 'job' });
      expect(runs.map(({ state }) => state)).toEqual(['succeeded']);
    }, patience);
    expect(nodes.ledger.lines).toHaveLength(1);
  });

  it('a replica is not told of as a cut connection each time that a node wants to write', async () => {
    const nodes = await nodesOf();
    const { logger, scheduler } = await nodes.start('a');
    const admin = new Redis(own.url);
    await admin.replicaof('127.0.0.1', '1');
    const add = (id: string) => scheduler.addJob({ id, task: 'work', trigger: 'interval', hours: 1 });
    const refusals: unknown[] = [];
    await vi.waitFor(async () => {
      await add('refused').catch((error: unknown) => refusals.push(String(error).match(/READONLY/)?.[0]));
      expect(refusals.filter((refusal) => refusal !== undefined).length).toBeGreaterThan(3);
    }, patience);
    const told = (): readonly string[] =>
      logger.lines.filter((line) => line.includes('does not take note of this node'));
    await vi.waitUntil(() => told().length > 0, patience);
    await admin.replicaof('NO', 'ONE');
    await vi.waitFor(() => add('taken'), patience);
    admin.disconnect();
    expect(logger.lines.filter((line) => /cut the connection|is there again/.test(line))).toEqual([]);
    expect(told()).toHaveLength(1);
  });
});

describe.runIf(server.available)('When an answer of Redis is lost', { timeout: 30_000 }, () => {
  let isDeaf = false;
  /** Whether what takes due work does not even come to the server. */
  let isRefusing = false;
  let store: RedisJobStore;
  let clock: ManualClock;

  beforeEach(async () => {
    const room = await server.room();
    isDeaf = false;
    const duplicate = (options: RedisOptions): Redis => {
      const client = new Redis(room.url, options);
      const losing =
        (call: unknown) =>
        async (...args: unknown[]) => {
          if (isRefusing && args[0] === COMMIT_DUE.sha) throw new Error('Connection is closed.');
          const answer: unknown = await (call as (...args: unknown[]) => Promise<unknown>).apply(client, args);
          if (isDeaf) throw new Error('Connection is closed.');
          return answer;
        };
      return Object.assign(client, { evalsha: losing(client.evalsha), eval: losing(client.eval) });
    };
    store = new RedisJobStore({ client: { isCluster: false, duplicate }, keyPrefix: room.keyPrefix });
    clock = new ManualClock(Date.now());
    store.attach(contextOf({ clock }));
    await store.start();
    await store.add(record('a', 1000));
  });

  afterEach(async () => {
    isDeaf = false;
    await store.stop();
  });

  it('a claim is made once, and its run is lost after three heartbeats, to be tried again', async () => {
    const plan = vi.fn<ClaimRequest['plan']>((job) => {
      isDeaf = true;
      return { ...onTo(9e12), runs: [newRun(job, 1000)] };
    });
    const take = (): Promise<ClaimResult> => store.claimDue({ now: clock.now(), limit: 10, plan, retry: () => null });
    await expect(take()).rejects.toThrow('Redis cannot be reached just now');
    isDeaf = false;
    expect((await take()).claimed).toEqual([]);
    expect(plan).toHaveBeenCalledTimes(1);
    await clock.advance('10s');
    expect(await store.getRuns({ limit: 10, now: 0 })).toMatchObject([{ state: 'running' }]);
    await clock.advance('5s');
    const lost = { state: 'lost', settled: true, retryAt: expect.any(Number) as number };
    expect(await store.getRuns({ limit: 10, now: 0 })).toMatchObject([lost]);
  });

  it('a run that is left out is so once, and its job is gone with it', async () => {
    const plan = vi.fn<ClaimRequest['plan']>((job) => {
      isDeaf = true;
      return { ...onTo(null), leftOut: [newRun(job, 1000).leaveOut('missed', 'misfire', clock.now())] };
    });
    const take = (): Promise<ClaimResult> => store.claimDue({ now: clock.now(), limit: 10, plan, retry: () => null });
    await expect(take()).rejects.toThrow('Redis cannot be reached just now');
    isDeaf = false;
    expect((await take()).claimed).toEqual([]);
    expect(plan).toHaveBeenCalledTimes(1);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.getRuns({ limit: 10, now: 0 })).toMatchObject([{ state: 'missed', reason: 'misfire' }]);
  });

  it('a run is not left out whose job is another by then', async () => {
    const plan: ClaimRequest['plan'] = (job) => ({
      ...onTo(null),
      leftOut: [newRun(job, 1000).leaveOut('missed', 'misfire', clock.now())],
    });
    isRefusing = true;
    const take = (): Promise<ClaimResult> => store.claimDue({ now: clock.now(), limit: 10, plan, retry: () => null });
    await expect(take()).rejects.toThrow('Redis cannot be reached just now');
    isRefusing = false;
    await store.update('a', (job) => ({ ...job, name: 'another', nextRunTime: 9e12, nextNominalTime: 9e12 }));
    expect((await take()).claimed).toEqual([]);
    expect(await store.getRuns({ limit: 10, now: 0 })).toEqual([]);
  });

  it('a run by hand that failed for it does not stay under way for ever', async () => {
    const run = newRun(record('a', 1000), 1000, { cause: 'manual' });
    isDeaf = true;
    await expect(store.record([run])).rejects.toThrow('Redis cannot be reached just now');
    isDeaf = false;
    expect(await store.getRun(run.id)).toMatchObject({ state: 'running' });
    await clock.advance('15s');
    expect(await store.getRun(run.id)).toMatchObject({ state: 'lost', settled: true });
  });

  it('an outcome is recorded once', async () => {
    const run = newRun(record('a', 1000), 1000);
    await store.record([run]);
    isDeaf = true;
    await expect(store.record([end(run, 'succeeded', clock.now())])).rejects.toThrow(
      'Redis cannot be reached just now',
    );
    isDeaf = false;
    expect(await store.record([run])).toEqual({ removed: [] });
    expect(await store.getRuns({ limit: 10, now: 0 })).toMatchObject([{ id: run.id, state: 'succeeded' }]);
  });
});
