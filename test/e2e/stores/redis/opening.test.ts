import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { InvalidInputError, SchedulerError, SystemClock, type JobRecord } from 'nestjs-apscheduler/engine';
import { RedisJobStore, type RedisJobStoreOptions } from 'nestjs-apscheduler/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record } from '../../../contract/job-store.suite.js';
import { memoryLogger, type MemoryLogger } from '../../../support/engine.js';
import { contextOf } from '../../../support/redis-store.js';
import { freePort } from '../../../support/servers/free-port.js';
import type { Room } from '../../../support/servers/server-recipe.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

describe('RedisJobStore', () => {
  const make = (options: unknown) => () => new RedisJobStore(options as RedisJobStoreOptions);

  it.each([
    [{}, /url or client must be given, not both/],
    [{ url: 'redis://h', client: { duplicate: () => undefined } }, /not both/],
    [{ url: 'http://h' }, /url must be text such as redis:/],
    [{ url: 'redis:secret@h' }, /url must be text such as redis:/],
    [{ url: 'redis://h?ssl=true' }, /begin with rediss:\/\/ to use TLS/],
    [{ url: 'redis://h?family=6&tls=1' }, /begin with rediss:\/\/ to use TLS/],
    [{ url: 'rediss://h?ssl_cert_reqs=required' }, /begin with rediss:\/\/ to use TLS/],
    [{ client: {} }, /client must be a Redis or Cluster of ioredis/],
    [{ url: 'redis://h', namespace: 'a}b' }, /namespace must be text without braces/],
    [{ url: 'redis://h', keyPrefix: 1 }, /keyPrefix must be text without braces/],
    [{ url: 'redis://h', pollInterval: 0 }, /pollInterval must be longer than 0/],
    [{ url: 'redis://h', heartbeat: '10s' }, /heartbeat must be at most a third of leaseTime/],
    [{ url: 'redis://h', recoveryAttempts: 0 }, /recoveryAttempts must be a whole number of at least 1/],
    [{ url: 'redis://h', prefix: 'x' }, /prefix is not known here/],
    ['redis://h', /options must be a plain object/],
  ])('refuses options that it cannot use: %j', (options, message) => {
    expect(make(options)).toThrow(InvalidInputError);
    expect(make(options)).toThrow(message);
  });

  it('says that it is not started, whatever it is asked', async () => {
    const store = new RedisJobStore({ url: 'redis://127.0.0.1:1' });
    store.attach(contextOf());
    await expect(store.list()).rejects.toThrow(/not started/);
    await store.stop();
  });

  it('says where no server is, and keeps nothing open', async () => {
    const port = await freePort();
    const store = new RedisJobStore({ url: `redis://:secret@127.0.0.1:${port}` });
    store.attach(contextOf());
    const start = store.start();
    // Not CONFIGURATION: the server may still be starting.
    await expect(start).rejects.toMatchObject({ code: 'STORE_FAILED' } satisfies Partial<SchedulerError>);
    await expect(start).rejects.toThrow(`Redis at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED`);
  });
});

describe.runIf(server.available)('RedisJobStore on a server', { timeout: 30_000 }, () => {
  let room: Room;
  let logger: MemoryLogger;
  let client: Redis;
  const stores: RedisJobStore[] = [];

  const open = async (options: Partial<RedisJobStoreOptions> = {}): Promise<RedisJobStore> => {
    const store = new RedisJobStore({ url: room.url, keyPrefix: room.keyPrefix, ...options } as RedisJobStoreOptions);
    store.attach(contextOf({ logger }));
    stores.push(store);
    await store.start();
    return store;
  };
  const connections = async (): Promise<number> =>
    ((await client.client('LIST')) as string).split('\n').filter((line) => line.includes('id=')).length;

  beforeEach(async () => {
    room = await server.room();
    logger = memoryLogger();
    client = new Redis(room.url);
  });

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.stop()));
    client.disconnect();
  });

  it('shows no wrong password: not in its error, its causes, or the log', async () => {
    const url = new URL(room.url);
    Object.assign(url, { username: 'nobody', password: 'S3cr/et@7' });
    const refused: unknown = await open({ url: url.href }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SchedulerError);
    expect(refused).toMatchObject({ code: 'CONFIGURATION' });
    const shown = inspect(refused, { depth: 20, showHidden: true }) + logger.lines.join('\n');
    expect(shown).toMatch(/cannot be used: .*(?:WRONGPASS|AUTH)/);
    for (const secret of ['S3cr/et@7', 'S3cr%2Fet']) expect(shown).not.toContain(secret);
  });

  it('says so when its keys are of a newer release', async () => {
    await client.hset(`${room.keyPrefix}{default}:meta`, 'schema', 99);
    await expect(open()).rejects.toThrow(
      /of a newer release \(version 99, this one knows 1\); update nestjs-apscheduler/,
    );
  });

  it('keeps namespaces apart', async () => {
    const [here, there] = [await open(), await open({ namespace: 'other' })];
    await here.add(record('a', null));
    expect(await there.list()).toEqual([]);
    await there.add(record('a', 1000));
    expect((await here.get('a'))?.paused).toBe(true);
  });

  it('makes connections like those of a client that it is given, and leaves that alone', async () => {
    const before = await connections();
    const store = await open({ url: undefined, client } as unknown as RedisJobStoreOptions);
    await store.add(record('a', null));
    expect(await connections()).toBe(before + 2);
    await store.stop();
    expect(await client.ping()).toBe('PONG');
    await expect.poll(connections).toBe(before);
  });

  it('keeps all its keys in one slot of a cluster', async () => {
    const store = await open();
    await store.add(record('a', 1000));
    const keys = await client.keys(`${room.keyPrefix}*`);
    expect(keys.length).toBeGreaterThan(3);
    const slots = await Promise.all(keys.map((key) => client.cluster('KEYSLOT', key).catch(() => tagOf(key))));
    expect(new Set(slots).size).toBe(1);
  });

  it.each<[string, Partial<JobRecord>]>([
    ['args', { args: [undefined] }],
    ['args', { args: [Number.NaN] }],
    ['args', { args: [new Date(0)] }],
    ['kwargs', { kwargs: { map: new Map() } }],
    ['kwargs', { kwargs: { gone: undefined } }],
    ['kwargs', { kwargs: { big: 1n } }],
    ['task', { handler: () => undefined }],
    ['id', { id: 'x'.repeat(192) }],
    ['id', { id: 'half \ud83d' }],
  ])('refuses what it could not keep as it is: %s', async (field, changes) => {
    const store = await open();
    const adding = store.add(record('a', 1000, changes));
    await expect(adding).rejects.toThrow(InvalidInputError);
    await expect(adding).rejects.toMatchObject({ faults: [{ field }] });
    expect(await store.list()).toEqual([]);
  });

  it('keeps an id of 191 characters of any kind', async () => {
    const store = await open();
    const id = '漢'.repeat(191);
    await store.add(record(id, 1000));
    expect((await store.get(id))?.id).toBe(id);
  });

  it('leaves a job alone that it cannot read, tells once, and goes on with the others', async () => {
    const store = await open();
    await store.add(record('new', 1000));
    await store.add(record('old', 1000));
    const key = `${room.keyPrefix}{default}:jobs`;
    const definition = await client.hget(key, 'new');
    await client.hset(key, 'new', (definition ?? '').replace('"type":"interval"', '"type":"lunar"'));
    const later = await open({});
    const next = { fireTime: 2000, nominalTime: 2000 };
    const plan = { runs: [], leftOut: [], pausesJob: false, next };
    const { claimed } = await later.claimDue({ now: 0, limit: 10, plan: () => plan, retry: () => null });
    expect(claimed.map(({ job }) => job.id)).toEqual(['old']);
    expect((await later.list()).map(({ id }) => id)).toEqual(['old']);
    await expect(later.update('new', (job) => job)).rejects.toThrow(/cannot be read/);
    expect(await client.hexists(key, 'new')).toBe(1);
    expect(logger.lines.filter((line) => line.startsWith('error: Job "new" cannot be read'))).toHaveLength(1);
  });

  it('adds ten thousand jobs in one step, or none', async () => {
    const store = await open();
    const jobs = Array.from({ length: 10_000 }, (_, n) => record(`job-${n}`, 1_000_000 + n));
    await store.add(record('job-9999', null));
    await expect(store.addMany(jobs)).rejects.toMatchObject({ jobId: 'job-9999' });
    expect(await store.list()).toHaveLength(1);
    await store.remove('job-9999');
    await store.addMany(jobs);
    expect(await store.list()).toHaveLength(10_000);
  });
});

/** What a cluster makes the slot of, where there is none to ask. */
function tagOf(key: string): string {
  return /\{(.+?)\}/.exec(key)?.[1] ?? key;
}

describe.runIf(server.startable)('RedisJobStore on a server of another make', { timeout: 30_000 }, () => {
  const startWith = async (...settings: readonly [name: string, value: string][]): Promise<readonly string[]> => {
    const own = await server.start();
    const client = new Redis(own.url);
    for (const [name, value] of settings) await client.config('SET', name, value);
    client.disconnect();
    const logger = memoryLogger();
    const store = new RedisJobStore({ url: own.url });
    store.attach(contextOf({ logger, clock: new SystemClock() }));
    await store.start();
    await store.stop();
    return logger.lines;
  };

  it('says nothing about one that keeps what it is given', async () => {
    expect(await startWith()).toEqual([]);
  });

  it('warns of one that forgets what it is given', async () => {
    expect(await startWith(['appendonly', 'no'], ['maxmemory-policy', 'allkeys-lru'])).toEqual([
      'warn: Redis keeps no append-only file: jobs and runs are lost with the server. Set "appendonly yes"',
      'warn: Redis may throw jobs away when its memory is full: set "maxmemory-policy noeviction", not "allkeys-lru"',
    ]);
  });

  it('says that the server does not let it in', async () => {
    await expect(startWith(['requirepass', 'secret'])).rejects.toThrow(
      /Redis at 127\.0\.0\.1:\d+ cannot be used: NOAUTH/,
    );
  });
});
