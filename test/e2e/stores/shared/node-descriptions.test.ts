import { Redis } from 'ioredis';
import { ManualClock, type JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterOf } from '../../../../lib/engine/stores/job-store.js';
import { START } from '../../../support/engine.js';
import { contextOf } from '../../../support/redis-store.js';
import { testServer } from '../../../support/servers/test-server.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const INSTANCE = '0123abcd';
const GONE = 'ffffffff';

/** A store, and what is in it of nodes' descriptions: by instance. */
interface Place {
  readonly open: (clock: ManualClock) => JobStore;
  read(): Promise<Record<string, string | null>>;
  write(instance: string, text: string | null): Promise<void>;
  /** Ends the lease of a node, as another one does that goes on to take its runs. */
  end(instance: string): Promise<void>;
}

async function redisPlace(): Promise<Place> {
  const { url, keyPrefix } = await (await testServer('redis')).room();
  const key = `${keyPrefix}{default}:described`;
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  return {
    open: (clock) => new RedisJobStore({ url, keyPrefix }, () => clock.now()),
    // After since when, and the skew.
    read: async () =>
      Object.fromEntries(
        Object.entries(await client.hgetall(key)).map(([id, row]) => [id, row.split(' ').slice(2).join(' ')]),
      ),
    write: async (instance, text) => {
      if (text === null) await client.hdel(key, instance);
      else await client.hset(key, instance, `${START} 0 ${text}`);
    },
    end: async (instance) => void (await client.hset(`${keyPrefix}{default}:nodes`, instance, '- 15000 node')),
  };
}

async function sqlPlace(url: string): Promise<Place> {
  return {
    open: () => new SqlJobStore({ url, time: 'node' }),
    read: async () => {
      const rows = await plainSql(url, 'SELECT id, description FROM scheduler_nodes');
      return Object.fromEntries(rows.map(({ id, description }) => [String(id).split('-')[0], description as string]));
    },
    write: async (instance, text) => {
      const value = text === null ? 'NULL' : `'${text}'`;
      await plainSql(url, `UPDATE scheduler_nodes SET description = ${value} WHERE id LIKE '${instance}-%'`);
    },
    end: async (instance) => {
      await plainSql(url, `UPDATE scheduler_nodes SET expires_at = -8640000000000000 WHERE id LIKE '${instance}-%'`);
    },
  };
}

const redis = await testServer('redis');
const places = [
  ...(await testDatabases()).map(({ title, available, fresh }) => ({
    ...{ title, available },
    make: async () => sqlPlace(await fresh()),
  })),
  { title: 'Redis', available: redis.available, make: redisPlace },
].filter(({ available }) => available);

describe.each(places)('What a node says of itself on $title', { timeout: 30_000 }, ({ make }) => {
  /** A node without a scheduler, whose heartbeats come when its clock is turned. */
  async function join(place: Place): Promise<{ store: JobStore; say(text: string): void; beat(): Promise<void> }> {
    const clock = new ManualClock(START);
    let said = 'first';
    const store = place.open(clock);
    store.attach?.(contextOf({ instance: INSTANCE, clock, describeNode: () => said }));
    await store.start?.();
    onTestFinished(() => store.stop?.());
    return { store, say: (text) => void (said = text), beat: () => clock.advance('5s') };
  }

  it('is written when it changes, and not with each heartbeat', async () => {
    const place = await make();
    const node = await join(place);
    expect(await place.read()).toEqual({ [INSTANCE]: 'first' });
    // Something that nobody has said stays, for nothing is written.
    await place.write(INSTANCE, 'overwritten');
    await node.beat();
    await node.beat();
    expect(await place.read()).toEqual({ [INSTANCE]: 'overwritten' });
    node.say('second');
    await node.beat();
    expect(await place.read()).toEqual({ [INSTANCE]: 'second' });
  });

  it('is not known of a node of an earlier release, which says nothing', async () => {
    const place = await make();
    const { store } = await join(place);
    await place.write(INSTANCE, null);
    expect(await clusterOf(store)?.getNodes()).toMatchObject([
      { instance: INSTANCE, name: 'node', description: null, expired: false, activeRuns: 0 },
    ]);
  });

  it('is not shown, nor is the node, once its lease has been ended, though its runs are yet to be taken', async () => {
    const place = await make();
    const node = await join(place);
    expect(await clusterOf(node.store)?.getNodes()).toHaveLength(1);
    await place.end(INSTANCE);
    expect(await clusterOf(node.store)?.getNodes()).toEqual([]);
    node.say('again');
    await node.beat();
    expect(await clusterOf(node.store)?.getNodes()).toMatchObject([{ instance: INSTANCE, description: 'again' }]);
  });

  it('goes with its lease', async () => {
    const place = await make();
    const { store } = await join(place);
    await store.stop?.();
    expect(await place.read()).toEqual({});
  });
});

describe.runIf(redis.available)('What a node has said of itself on Redis', () => {
  it('is shown of any number of nodes, though all of it is more than one answer takes', async () => {
    const { url, keyPrefix } = await redis.room();
    const client = new Redis(url);
    onTestFinished(() => client.disconnect());
    const store = new RedisJobStore({ url, keyPrefix }, () => START);
    store.attach(contextOf({ instance: INSTANCE, clock: new ManualClock(START) }));
    await store.start();
    onTestFinished(() => store.stop());
    const instances = Array.from({ length: 150 }, (_, index) => index.toString(16).padStart(8, '0'));
    const prefix = `${keyPrefix}{default}:`;
    for (const instance of instances) {
      await client.hset(`${prefix}described`, instance, `${START} 0 ${instance}${'x'.repeat(65_000)}`);
      await client.hset(`${prefix}nodes`, instance, `7 15000 node-${instance}`);
      await client.zadd(`${prefix}beats`, START + 15_000, instance);
    }
    const found = (await store.getNodes()).toSorted((a, b) => (a.instance < b.instance ? -1 : 1));
    const all = [...instances, INSTANCE].sort();
    expect(found.map(({ instance }) => instance)).toEqual(all);
    for (const { description, instance, name, seenAt } of found.filter(({ instance }) => instance !== INSTANCE)) {
      expect([name, seenAt]).toEqual([`node-${instance}`, START]);
      expect([description?.slice(0, 8), description?.length]).toEqual([instance, 65_008]);
    }
  });

  it('is shown of all nodes though the lease of one, or what counts its runs, is damaged', async () => {
    const { url, keyPrefix } = await redis.room();
    const client = new Redis(url);
    onTestFinished(() => client.disconnect());
    const store = new RedisJobStore({ url, keyPrefix }, () => START);
    store.attach(contextOf({ instance: INSTANCE, clock: new ManualClock(START), describeNode: () => 'here' }));
    await store.start();
    onTestFinished(() => store.stop());
    const prefix = `${keyPrefix}{default}:`;
    await client.hset(`${prefix}nodes`, GONE, '7 999999999999999 damaged');
    await client.zadd(`${prefix}beats`, START + 15_000, GONE);
    await client.set(`${prefix}held:${GONE}`, 'no set');
    expect(await store.getNodes()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ instance: INSTANCE, description: 'here', seenAt: START, activeRuns: 0 }),
        expect.objectContaining({ instance: GONE, name: 'damaged', seenAt: null, activeRuns: 0 }),
      ]),
    );
  });

  it('goes with a later node where an earlier release, which does not know of it, has ended its lease', async () => {
    const place = await redisPlace();
    await place.write(GONE, 'a node that is gone');
    const store = place.open(new ManualClock(START));
    store.attach?.(contextOf({ instance: INSTANCE, describeNode: () => 'here' }));
    await store.start?.();
    onTestFinished(() => store.stop?.());
    expect(await place.read()).toEqual({ [INSTANCE]: 'here' });
  });
});
