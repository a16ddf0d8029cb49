import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { ServerKind } from './server-recipe.js';

/** The simplest proof that a server works: it stores a note and returns it. */
export interface Notes {
  write(url: string, text: string): Promise<void>;
  read(url: string): Promise<string | undefined>;
}

const CREATE = 'CREATE TABLE IF NOT EXISTS note (content TEXT)';
const READ = 'SELECT content FROM note';

async function onPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

type MariadbConnection = Awaited<ReturnType<typeof createConnection>>;

async function onMariadb<T>(url: string, use: (connection: MariadbConnection) => Promise<T>): Promise<T> {
  const connection = await createConnection(url);
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}

async function onRedis<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null });
  // Errors reach the caller through the pending query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}

export const notes: Readonly<Record<ServerKind, Notes>> = {
  postgres: {
    write: (url, text) =>
      onPostgres(url, async (client) => {
        await client.query(CREATE);
        await client.query('INSERT INTO note VALUES ($1)', [text]);
      }),
    read: (url) => onPostgres(url, async (client) => (await client.query<{ content: string }>(READ)).rows[0]?.content),
  },
  mariadb: {
    write: (url, text) =>
      onMariadb(url, async (connection) => {
        await connection.query(CREATE);
        await connection.query('INSERT INTO note VALUES (?)', [text]);
      }),
    read: (url) =>
      onMariadb(url, async (connection) => {
        const [rows] = await connection.query(READ);
        return (rows as { content: string }[])[0]?.content;
      }),
  },
  redis: {
    write: (url, text) => onRedis(url, async (client) => void (await client.set('note', text))),
    read: (url) => onRedis(url, async (client) => (await client.get('note')) ?? undefined),
  },
};
