import type { Dialect } from 'kysely';
import { PostgresDialect } from './kysely.js';
import { loadDriver } from './load-driver.js';
import type { PoolLimits } from './pool-limits.js';
import { PatientPool } from './postgres.pool.js';

/**
 * How every session looks for rows: by its indexes, few at a time. A table without statistics, as all are at first, is
 * otherwise taken for a small one, and read as a whole for each batch.
 */
const SESSION = ['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']
  .map((name) => `SET ${name} = off`)
  .join('; ');

/** PostgreSQL by pg. Opened at the first query. */
export function postgresConnection(
  url: string,
  { size, connectTimeoutMs, standstillMs, deadline }: PoolLimits,
): Dialect {
  return new PostgresDialect({
    pool: async () => {
      const { default: pg } = await loadDriver('pg', 'pg', () => import('pg'));
      const pool = new pg.Pool({
        connectionString: url,
        max: size,
        connectionTimeoutMillis: connectTimeoutMs,
        keepAlive: true,
        application_name: 'nestjs-apscheduler',
      });
      // A connection has broken, idle or in use: its queries fail, and the pool replaces it.
      // Unheard, these events would end the process.
      pool.on('error', () => undefined);
      pool.on('connect', (client) => client.on('error', () => undefined));
      const session = [`SET idle_in_transaction_session_timeout = ${standstillMs}`, SESSION];
      return deadline === null ? pool : new PatientPool(pool, deadline, session);
    },
  });
}
