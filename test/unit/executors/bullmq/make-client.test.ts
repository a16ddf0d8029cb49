import { Cluster, Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { makeClient } from '../../../../lib/executors/bullmq/load-bullmq.js';

const clients: { disconnect(): void }[] = [];

/** The options of the client that is made. */
async function optionsOf(connection: string | object): Promise<object> {
  const client = await makeClient(connection);
  clients.push(client);
  expect(client.status).toBe('wait');
  return client.options;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

describe('A client for BullMQ', () => {
  it.each([
    ['a URL', 'redis://:secret@redis.internal:7000/2'],
    ['options', { host: 'redis.internal', port: 7000, password: 'secret', db: 2 }],
    ['options with a URL', { url: 'redis://:secret@redis.internal:7000', db: 2 }],
    ['a client', new Redis({ host: 'redis.internal', port: 7000, password: 'secret', db: 2, lazyConnect: true })],
  ])('is made from %s, and lets commands wait for the connection', async (_title, connection) => {
    const expected = { host: 'redis.internal', port: 7000, password: 'secret', db: 2, maxRetriesPerRequest: null };
    expect(await optionsOf(connection)).toMatchObject(expected);
  });

  it('of a cluster keeps the password of its nodes', async () => {
    const cluster = new Cluster([{ host: 'redis.internal', port: 7000 }], {
      lazyConnect: true,
      redisOptions: { password: 'secret' },
    });
    clients.push(cluster);
    const redisOptions = { password: 'secret', maxRetriesPerRequest: null };
    expect(await optionsOf(cluster)).toMatchObject({ lazyConnect: true, redisOptions });
  });
});
