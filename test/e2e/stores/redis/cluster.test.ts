import { Cluster, Redis } from 'ioredis';
import { Scheduler, silentLogger, type RunContext } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Ledger } from '../../../support/ledger.js';
import { freePort } from '../../../support/servers/free-port.js';
import { LocalServer } from '../../../support/servers/local-server.js';
import { redis } from '../../../support/servers/redis.js';
import { testServer } from '../../../support/servers/test-server.js';

const { startable } = await testServer('redis');
const SLOTS = 16_384;

describe.runIf(startable)('On a Redis Cluster of three', { timeout: 60_000 }, () => {
  const servers: LocalServer[] = [];
  const clients: Redis[] = [];
  const busPorts: number[] = [];
  let cluster: Cluster;

  beforeAll(async () => {
    for (let count = 0; count < 3; count++) {
      const busPort = await freePort();
      const more = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
      servers.push(await LocalServer.start({ ...redis, args: (site) => [...redis.args(site), ...more] }));
      busPorts.push(busPort);
    }
    clients.push(...servers.map(({ url }) => new Redis(url)));
    const [first, ...others] = clients as [Redis, Redis, Redis];
    for (const [index, client] of clients.entries()) {
      const bounds = [index, index + 1].map((part) => Math.floor((SLOTS * part) / 3));
      await client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[0] ?? 0, (bounds[1] ?? 0) - 1);
    }
    for (const [index, { options }] of others.entries()) {
      await first.call('CLUSTER', 'MEET', '127.0.0.1', options.port ?? 0, busPorts[index + 1] ?? 0);
    }
    for (const client of clients) {
      const info = (): Promise<string> => client.call('CLUSTER', 'INFO') as Promise<string>;
      await vi.waitUntil(async () => /cluster_state:ok[^]*known_nodes:3/.test(await info()), 30_000);
    }
    cluster = new Cluster([{ host: '127.0.0.1', port: others[0].options.port ?? 0 }]);
  }, 60_000);

  afterAll(async () => {
    cluster?.disconnect();
    for (const client of clients) client.disconnect();
    await Promise.all(servers.map((server) => server.remove()));
  });

  it.each(['one', 'two', 'three', 'four'])('two nodes share the jobs of namespace %s', async (namespace) => {
    const ledger = new Ledger();
    const nodes = ['a', 'b'].map((name) => {
      const jobStores = { default: new RedisJobStore({ client: cluster, namespace }) };
      const scheduler = new Scheduler({ jobStores, logger: silentLogger });
      scheduler.registerTask('work', (context: RunContext) => ledger.write(context, name));
      return scheduler;
    });
    const [a, b] = nodes as [Scheduler, Scheduler];
    await Promise.all(nodes.map((node) => node.start()));
    const runDate = new Date(Date.now() + 100);
    await a.addJobs(Array.from({ length: 50 }, (_, n) => ({ id: `job-${n}`, task: 'work', trigger: 'date', runDate })));
    await ledger.reached(50);
    await vi.waitFor(async () => expect(await b.getJobs()).toEqual([]), 10_000);
    await a.pause();
    await a.addJob({ id: 'heard', task: 'work', trigger: 'date', runDate: new Date() });
    await ledger.reached(51);
    expect(ledger.lines.at(-1)).toMatchObject({ jobId: 'heard', node: 'b' });
    expect(new Set(ledger.slots).size).toBe(51);
    await Promise.all(nodes.map((node) => node.shutdown()));
  });

  it('a store connects with the password of the given client', async () => {
    for (const client of clients) await client.config('SET', 'requirepass', 'secret');
    onTestFinished(async () => {
      for (const client of clients) await client.config('SET', 'requirepass', '');
    });
    const [{ options }] = clients as [Redis];
    const address = { host: '127.0.0.1', port: options.port ?? 0 };
    const guarded = new Cluster([address], { redisOptions: { password: 'secret' } });
    onTestFinished(() => guarded.disconnect());
    const store = new RedisJobStore({ client: guarded, namespace: 'guarded' });
    const scheduler = new Scheduler({ jobStores: { default: store }, logger: silentLogger });
    await scheduler.start();
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });
});
