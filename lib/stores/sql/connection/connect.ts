import type { Dialect } from 'kysely';
import { SystemClock } from '../../../engine/clock.js';
import type { DatabaseUrl } from '../options/database-url.js';
import type { Connector } from '../options/read-options.js';
import { Kysely, loadKysely } from './kysely.js';
import { mysqlConnection } from './mysql.connection.js';
import { postgresConnection } from './postgres.connection.js';
import { QueryDeadline } from './query-deadline.js';
import { sqliteConnection } from './sqlite.connection.js';

/** Not a scheduler's, which may be turned by hand: servers and disks take real time. */
const clock = new SystemClock();

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** How long a transaction may stand still, in milliseconds: far less than a lease, which others must be able to end in time. */
const STANDSTILL_MS = 5_000;

/**
 * Connects as a store's options say; at the first query, not before.
 *
 * @throws ConfigurationError when Kysely is not installed
 */
export async function connect(connector: Connector): Promise<Kysely<unknown>> {
  await loadKysely();
  // A plugin may give tables and columns other names.
  if (connector.by === 'kysely') return connector.kysely.withoutPlugins() as Kysely<unknown>;
  if (connector.by === 'dialect') return new Kysely({ dialect: connector.dialect });
  const deadline = new QueryDeadline(clock, connector.queryTimeoutMs);
  return new Kysely({ dialect: dialectFor(connector.url, connector.poolSize, deadline) });
}

/** One connection, whose queries may take as long as they need. */
export function connectPatiently(url: DatabaseUrl): Kysely<unknown> {
  return new Kysely({ dialect: dialectFor(url, 1, null) });
}

function dialectFor(url: DatabaseUrl, size: number, deadline: QueryDeadline | null): Dialect {
  if (url.kind === 'sqlite') return sqliteConnection(url.target);
  const limits = { size, connectTimeoutMs: CONNECT_TIMEOUT_MS, standstillMs: STANDSTILL_MS, deadline };
  return url.kind === 'postgres' ? postgresConnection(url.target, limits) : mysqlConnection(url, limits);
}
