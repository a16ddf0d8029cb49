import type { Dialect, MysqlPool, MysqlPoolConnection } from 'kysely';
import type { Pool, PoolConnection, SslOptions } from 'mysql2';
import { readFileSync } from 'node:fs';
import { callbackify } from 'node:util';
import { MysqlDialect } from './kysely.js';
import type { DatabaseUrl } from '../options/database-url.js';
import type { MysqlTls } from '../options/tls.js';
import { loadDriver } from './load-driver.js';
import type { PoolLimits } from './pool-limits.js';
import type { Cuttable, QueryDeadline } from './query-deadline.js';

/**
 * Initialises every session, whatever the server's defaults are: values are never truncated silently, a backslash escapes, as the
 * driver assumes when it interpolates parameters, and statements outside a transaction commit.
 */
const SESSION = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 1`;

/** MariaDB and MySQL by mysql2. Opened at the first query. */
export function mysqlConnection(
  { target, tls }: DatabaseUrl,
  { size, connectTimeoutMs, standstillMs, deadline }: PoolLimits,
): Dialect {
  return new MysqlDialect({
    pool: async () => {
      const { default: mysql } = await loadDriver('mysql2', 'mysql2', () => import('mysql2'));
      const pool = mysql.createPool({
        uri: target,
        ...(tls && { ssl: readTls(tls) }),
        connectionLimit: size,
        connectTimeout: connectTimeoutMs,
        charset: 'utf8mb4',
        timezone: 'Z',
        supportBigNumbers: true,
      });
      // Sent before every other statement on that connection. If it fails, so do those.
      pool.on('connection', (connection) => {
        connection.query(SESSION, () => undefined);
        // MariaDB only, in whole seconds. MySQL does not support it, and reports an error.
        connection.query(`SET SESSION idle_transaction_timeout = ${Math.ceil(standstillMs / 1000)}`, () => undefined);
      });
      return deadline === null ? pool : new DeadlinePool(pool, deadline);
    },
  });
}

/** mysql2 refuses a server without TLS once it has these. */
function readTls({ files, ...verification }: MysqlTls): SslOptions {
  const pems = Object.entries(files).map(([name, file]) => [name, readFileSync(file, 'utf8')]);
  return { ...verification, ...(Object.fromEntries(pems) as Pick<SslOptions, 'ca' | 'cert' | 'key'>) };
}

/**
 * Errors of a server that has become read-only after a failover: another server may have its name by now, which only a new
 * connection reaches.
 */
const READ_ONLY: ReadonlySet<unknown> = new Set(['ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE']);

class DeadlinePool implements MysqlPool {
  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
  ) {}

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    this.pool.getConnection((error, connection) => {
      callback(error, error ? connection : this.watched(connection));
    });
  }

  end(callback: (error: unknown) => void): void {
    this.pool.end(callback);
  }

  private watched(connection: PoolConnection): MysqlPoolConnection {
    // The types of mysql2 do not include the socket.
    const { stream } = connection as PoolConnection & { readonly stream: Cuttable };
    const ask = this.deadline.watch(stream);
    let isDemoted = false;
    const query = callbackify(async (sql: string, parameters: unknown[]) => {
      try {
        return await ask(() => promised(connection, sql, parameters));
      } catch (error) {
        isDemoted ||= READ_ONLY.has((error as { code?: unknown }).code);
        throw error;
      }
    });
    const release = (): void => (isDemoted ? connection.destroy() : connection.release());
    return { query: query as MysqlPoolConnection['query'], release };
  }
}

const promised = (connection: PoolConnection, sql: string, parameters: unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    connection.query(sql, parameters, (error, result) => (error ? reject(error) : resolve(result)));
  });
