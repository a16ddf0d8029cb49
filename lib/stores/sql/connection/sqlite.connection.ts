import { closeSync, openSync } from 'node:fs';
import type { Dialect, SqliteDatabase } from 'kysely';
import { SchedulerError } from '../../../engine/errors.js';
import { messageOf } from '../../../engine/util/inspect.js';
import { SqliteDialect } from './kysely.js';
import { loadDriver } from './load-driver.js';
import { checkSqliteRelease, SQLITE_RELEASE } from './sqlite-release.js';
import { isBusy, retryWhileBusy } from './sqlite-busy.js';

/**
 * How long SQLite itself may wait for another process, in milliseconds. It waits with the event loop standing still, so
 * that is kept short, and what must wait longer tries again.
 */
const BUSY_TIMEOUT_MS = 25;

/** SQLite by better-sqlite3. Opened at the first query. */
export function sqliteConnection(file: string): Dialect {
  return new SqliteDialect({ database: () => open(file) });
}

async function open(file: string): Promise<SqliteDatabase> {
  checkSqliteRelease();
  const { default: Database } = await loadDriver('better-sqlite3', SQLITE_RELEASE, () => import('better-sqlite3'));
  let database: InstanceType<typeof Database> | undefined;
  createPrivately(file);
  try {
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    await prepare(database);
    return database;
  } catch (error) {
    database?.close();
    const code = isBusy(error) ? 'STORE_FAILED' : 'CONFIGURATION';
    throw new SchedulerError(code, `The SQLite file "${file}" cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

/** Jobs and their arguments are for this user only. SQLite gives the files beside it the same mode. */
function createPrivately(file: string): void {
  if (file === ':memory:' || file === '') return;
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch {
    // It exists and keeps its mode, or SQLite says why it cannot be made.
  }
}

async function prepare(database: { pragma(source: string): unknown }): Promise<void> {
  // Readers and the writer do not wait for each other.
  await retryWhileBusy(() => database.pragma('journal_mode = WAL'));
  // What was answered is on the disk.
  database.pragma('synchronous = FULL');
}
