import type { SqliteDatabase } from 'kysely';
import { SqliteDialect, type Dialect } from 'kysely';
import type { Clock } from '../../../engine/clock.js';
import { ConfigurationError } from '../../../engine/errors.js';
import { messageOf } from '../../../engine/inspect.js';
import { loadDriver } from './load-driver.js';
import { checkSqliteRelease, SQLITE_RELEASE } from './sqlite-release.js';
import { retryWhileBusy } from './sqlite-busy.js';

/**
 * How long SQLite itself may wait for another process, in milliseconds. It waits with the event loop standing still, so
 * that is kept short, and what must wait longer tries again.
 */
const BUSY_TIMEOUT_MS = 25;

/** SQLite by better-sqlite3. Opened at the first query. */
export function sqliteConnection(file: string, clock: Clock): Dialect {
  return new SqliteDialect({ database: () => open(file, clock) });
}

async function open(file: string, clock: Clock): Promise<SqliteDatabase> {
  checkSqliteRelease();
  const { default: Database } = await loadDriver('better-sqlite3', SQLITE_RELEASE, () => import('better-sqlite3'));
  try {
    const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    // Readers and the writer do not wait for each other; and what was answered is on the disk.
    await retryWhileBusy(clock, () => database.pragma('journal_mode = WAL'));
    database.pragma('synchronous = FULL');
    return database;
  } catch (error) {
    throw new ConfigurationError(`The SQLite file "${file}" cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}
