import { PostgresDialect, type Dialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { loadDriver } from './load-driver.js';
import type { PoolLimits } from './pool-limits.js';
import type { Cuttable, QueryDeadline } from './query-deadline.js';

/**
 * How every session looks for rows: by its indexes, few at a time. A table without statistics, as all are at first, is
 * otherwise taken for a small one, and read as a whole for each batch.
 */
const SESSION = ['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']
  .map((name) => `SET ${name} = off`)
  .join('; ');

/** PostgreSQL by pg. Opened at the first query. */
export function postgresConnection(url: string, { size, connectTimeoutMs, deadline }: PoolLimits): Dialect {
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
      // A connection has broken, idle or in use: whoever waits for it is told, and the pool replaces it.
      // Unheard, these events would end the process.
      pool.on('error', () => undefined);
      pool.on('connect', (client) => {
        client.on('error', () => undefined);
        // Ahead of every other statement on that connection. What does not know these goes on without.
        client.query(SESSION).catch(() => undefined);
      });
      return deadline === null ? pool : new DeadlinePool(pool, deadline);
    },
  });
}

/**
 * What a server says to who wants to write, when another has taken its place: behind the same name there may be that one
 * by now, and only a new connection finds it.
 */
const READ_ONLY = '25006';

class DeadlinePool implements PostgresPool {
  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
  ) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.pool.connect();
    // The type of pg does not tell of its own connection.
    const { stream } = (client as PoolClient & { readonly connection: { readonly stream: Cuttable } }).connection;
    const ask = this.deadline.watch(stream);
    let isDemoted = false;
    const query = async (sql: string, parameters: unknown[]): Promise<unknown> => {
      try {
        return await ask(() => client.query(sql, parameters));
      } catch (error) {
        isDemoted ||= (error as { code?: unknown }).code === READ_ONLY;
        throw error;
      }
    };
    return { query: query as PostgresPoolClient['query'], release: () => client.release(isDemoted) };
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}
