import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { loadKysely } from '../../../../lib/stores/sql/connection/kysely.js';
import { sqliteConnection } from '../../../../lib/stores/sql/connection/sqlite.connection.js';

/** The modes of a database's files while it is written to. */
async function modesOf(folder: string): Promise<Record<string, number>> {
  await loadKysely();
  const db = new Kysely<unknown>({ dialect: sqliteConnection(join(folder, 'jobs.db')) });
  try {
    await sql`CREATE TABLE a (b)`.execute(db);
    return Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]));
  } finally {
    await db.destroy();
  }
}

it.skipIf(process.platform === 'win32')('A new SQLite file and those beside it are for their owner only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  expect(await modesOf(folder)).toEqual({ 'jobs.db': 0o600, 'jobs.db-shm': 0o600, 'jobs.db-wal': 0o600 });
});

it.skipIf(process.platform === 'win32')('A SQLite file that exists keeps its mode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  writeFileSync(join(folder, 'jobs.db'), '');
  chmodSync(join(folder, 'jobs.db'), 0o640);
  expect(await modesOf(folder)).toMatchObject({ 'jobs.db': 0o640 });
});
