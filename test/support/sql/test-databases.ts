import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { testServer, type TestServer } from '../servers/test-server.js';

/** A kind of database that a SQL store supports. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres' | 'mariadb';
  readonly title: string;
  /** Whether it can be used here: `describe.runIf(database.available)`. */
  readonly available: boolean;
  /** The server behind it; SQLite has none. */
  readonly server: TestServer | undefined;
  /** The URL of an empty database, which is dropped when the test file ends. */
  fresh(): Promise<string>;
}

/** All kinds. To be called at the top of a test file. */
export async function testDatabases(): Promise<readonly TestDatabase[]> {
  const servers = await Promise.all([ofServer('postgres'), ofServer('mariadb')]);
  return [sqlite(), ...servers];
}

function sqlite(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    name: 'sqlite',
    title: 'SQLite',
    available: true,
    server: undefined,
    fresh: () => Promise.resolve(`sqlite:${join(folder, `${++files}.db`)}`),
  };
}

async function ofServer(name: 'postgres' | 'mariadb'): Promise<TestDatabase> {
  const server = await testServer(name);
  const fresh = async (): Promise<string> => (await server.room()).url;
  return { name, title: server.title, available: server.available, server, fresh };
}
