import type * as Package from 'kysely';
import { loadDriver } from './load-driver.js';

/* What is used of Kysely: undefined until a store opens its database. A static import would fail where Kysely is not installed,
   also in applications that bundle this package and use another store. */
export let CompiledQuery: typeof Package.CompiledQuery;
export let Kysely: typeof Package.Kysely;
export type Kysely<DB> = Package.Kysely<DB>;
export let MysqlDialect: typeof Package.MysqlDialect;
export let PostgresDialect: typeof Package.PostgresDialect;
export let SqliteDialect: typeof Package.SqliteDialect;
export let sql: typeof Package.sql;

/** @throws ConfigurationError when it is not installed */
export async function loadKysely(): Promise<void> {
  const kysely = await loadDriver('kysely', 'kysely', () => import('kysely'));
  ({ CompiledQuery, Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } = kysely);
}
