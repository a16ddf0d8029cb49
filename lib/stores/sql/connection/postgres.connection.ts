import { PostgresDialect, type Dialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { loadDriver } from './load-driver.js';
import type { PoolLimits } from './pool-limits.js';
import type { Cuttable, QueryDeadline } from './query-deadline.js';

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
      // A connection has broken, idle or in use: whoever waits for it is told, and the pool replaces it.
      // Unheard, these events would end the process.
      pool.on('error', () => undefined);
      pool.on('connect', (client) => client.on('error', () => undefined));
      return deadline === null ? pool : new DeadlinePool(pool, deadline, standstillMs);
    },
  });
}

class DeadlinePool implements PostgresPool {
  /** Connections whose session has been told how long a transaction may stand still. */
  private readonly told = new WeakSet<PoolClient>();

  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
    private readonly standstillMs: number,
  ) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.pool.connect();
    // The type of pg does not tell of its own connection.
    const { stream } = (client as PoolClient & { readonly connection: { readonly stream: Cuttable } }).connection;
    const ask = this.deadline.watch(stream);
    if (!this.told.has(client)) {
      await ask(() => client.query(`SET idle_in_transaction_session_timeout = ${this.standstillMs}`));
      this.told.add(client);
    }
    const query = (sql: string, parameters: unknown[]): Promise<unknown> => ask(() => client.query(sql, parameters));
    return { query: query as PostgresPoolClient['query'], release: () => client.release() };
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}
