import type { Kysely } from 'kysely';
import { ConfigurationError } from '../../../engine/errors.js';
import { sql } from '../connection/kysely.js';
import { mariadbDialect, mysqlDialect } from './mysql.dialect.js';
import { postgresDialect } from './postgres.dialect.js';
import type { SqlDialect } from './sql-dialect.js';
import { sqliteDialect } from './sqlite.dialect.js';

/**
 * Finds out what a Kysely instance talks to. By what its adapter can do, for an application may have a copy of Kysely of
 * its own, whose classes are not ours.
 *
 * @throws ConfigurationError for a database that no store can be kept in.
 */
export async function findDialect(db: Kysely<unknown>): Promise<SqlDialect> {
  const { supportsReturning, supportsTransactionalDdl, supportsOutput } = db.getExecutor().adapter;
  if (supportsOutput)
    throw new ConfigurationError('Of SQL databases, SQLite, PostgreSQL, MariaDB and MySQL can keep jobs');
  if (supportsReturning) return supportsTransactionalDdl ? postgresDialect : sqliteDialect;
  const { rows } = await sql<{
    version: string;
    autocommit: number;
  }>`SELECT VERSION() AS version, @@autocommit AS autocommit`.execute(db);
  if (Number(rows[0]?.autocommit) === 0) {
    throw new ConfigurationError(
      'Its connections have autocommit off, so statements outside of transactions would be lost: set autocommit = 1 in them',
    );
  }
  return ofMysqlFamily(rows[0]?.version ?? '');
}

/**
 * MariaDB or MySQL, by the version that it tells.
 *
 * @throws ConfigurationError when it is too old.
 */
export function ofMysqlFamily(version: string): SqlDialect {
  const isMariadb = /mariadb/i.test(version);
  const [title, oldest, dialect] = isMariadb
    ? (['MariaDB', [10, 6, 0], mariadbDialect] as const)
    : (['MySQL', [8, 0, 17], mysqlDialect] as const);
  if (isOlder(version, oldest)) {
    throw new ConfigurationError(
      `${title} ${version} is too old: FOR UPDATE SKIP LOCKED and exact collations came with ${oldest.join('.')}`,
    );
  }
  return dialect;
}

function isOlder(version: string, oldest: readonly number[]): boolean {
  // MariaDB may still put what old replicas of MySQL understand before its own.
  const numbers =
    /\d+(?:\.\d+)*/
      .exec(version.replace(/^5\.5\.5-/, ''))?.[0]
      .split('.')
      .map(Number) ?? [];
  for (const [index, least] of oldest.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}
