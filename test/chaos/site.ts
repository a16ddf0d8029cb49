import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';
import { LocalServer } from '../support/servers/local-server.js';
import { recipes } from '../support/servers/recipes.js';
import type { TcpProxy } from '../support/servers/tcp-proxy.js';
import { plainSql } from '../support/sql/plain-sql.js';
import type { StoreSite } from './messages.js';

export const BACKENDS = ['postgres', 'mariadb', 'redis', 'sqlite'] as const;
export type Backend = (typeof BACKENDS)[number];

/** The database of a store, with the means to disturb it. */
export interface Site {
  /** Its name and version. */
  readonly title: string;
  /** Null for SQLite. */
  readonly server: LocalServer | null;
  /** A node's store options. @param by - the proxy to the server; null for a direct connection. */
  store(by: TcpProxy | null): StoreSite;
  /** Whether SQLite's write lock is held, so that no other process can change anything. */
  isLocked(): boolean;
  remove(): Promise<void>;
}

/** @param folder - the folder of SQLite's file. */
export async function openSite(backend: Backend, folder: string, fsync: boolean): Promise<Site> {
  if (backend === 'sqlite') return sqliteSite(join(folder, 'jobs.db'));
  const recipe = recipes[backend];
  const server = await LocalServer.start(recipe, { fsync });
  try {
    const room = await recipe.makeRoom(server.url);
    const title = `${recipe.title} ${await versionOf(backend, server.url)}`;
    return {
      title,
      server,
      store(by) {
        const url = new URL(room.url);
        if (by) url.host = new URL(by.url).host;
        return backend === 'redis'
          ? { kind: 'redis', options: { url: url.href } }
          : { kind: 'sql', options: { url: url.href } };
      },
      isLocked: () => false,
      remove: () => server.remove(),
    };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

function sqliteSite(file: string): Site {
  const database = new Database(':memory:');
  const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  database.close();
  return {
    title: `SQLite ${version}`,
    server: null,
    store: () => ({ kind: 'sql', options: { url: `sqlite:${file}` } }),
    isLocked: () => isLocked(file),
    remove: () => Promise.resolve(),
  };
}

function isLocked(file: string): boolean {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE');
    database.exec('ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

async function versionOf(backend: Exclude<Backend, 'sqlite'>, url: string): Promise<string> {
  if (backend === 'redis') return redisVersion(url);
  const question = backend === 'postgres' ? 'SHOW server_version' : 'SELECT version()';
  const [row] = await plainSql(url, question);
  return /^[\d.]+/.exec(String(Object.values(row ?? {})[0]))?.[0] ?? 'of an unknown version';
}

async function redisVersion(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    return /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? 'of an unknown version';
  } finally {
    client.disconnect();
  }
}
