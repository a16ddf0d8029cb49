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
      const session = [`SET idle_in_transaction_session_timeout = ${standstillMs}`, SESSION];
      return deadline === null ? pool : new DeadlinePool(pool, deadline, session);
    },
  });
}

/**
 * What a server says to who wants to write, when another has taken its place: behind the same name there may be that one
 * by now, and only a new connection finds it.
 */
const READ_ONLY = '25006';

class DeadlinePool implements PostgresPool {
  /** Connections whose session has been set up. */
  private readonly prepared = new WeakSet<PoolClient>();

  /** @param session - what every session is told first. */
  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
    private readonly session: readonly string[],
  ) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.pool.connect();
    // The type of pg does not tell of its own connection.
    const { stream } = (client as PoolClient & { readonly connection: { readonly stream: Cuttable } }).connection;
    const ask = this.deadline.watch(stream);
    if (!this.prepared.has(client)) {
      // A server that does not know one of these goes on without; a broken connection says so at the next query.
      for (const statement of this.session) await ask(() => client.query(statement)).catch(() => undefined);
      this.prepared.add(client);
    }
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
