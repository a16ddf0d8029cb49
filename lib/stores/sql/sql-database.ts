import type { Kysely } from 'kysely';
import { ConfigurationError, SchedulerError } from '../../engine/errors.js';
import { reasonOf } from '../../engine/health/reason-of.js';
import { isCertificateError } from '../../engine/util/is-certificate-error.js';
import { connect, connectPatiently } from './connection/connect.js';
import { SqliteFile } from './connection/sqlite-file.js';
import { findDialect } from './dialects/find-dialect.js';
import type { SqlDialect } from './dialects/sql-dialect.js';
import type { Connector, ResolvedSqlOptions } from './options/read-options.js';
import { isCurrent, migrate } from './schema/migrate.js';

/** An open database with the tables of this release. */
export interface SqlDatabase {
  /** Another one once a SQLite file has been replaced. */
  readonly kysely: Kysely<unknown>;
  readonly dialect: SqlDialect;
  /** Opens a SQLite file again that has been replaced by another. @returns whether it has */
  follow(): Promise<boolean>;
  /** Closes what was opened here: not the application's own Kysely instance, nor the pool or file of its dialect. */
  close(): Promise<void>;
}

/** Errors that waiting does not mend: credentials, permissions, a database that does not exist, TLS. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  ...['28000', '28P01', '3D000', '42501'],
  ...['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'],
  ...['ER_TABLEACCESS_DENIED_ERROR', 'ER_HOST_NOT_PRIVILEGED', 'HANDSHAKE_NO_SSL_SUPPORT'],
]);

/**
 * Opens a store's database, and sees to its tables.
 *
 * @throws SchedulerError when it cannot be used, with the code CONFIGURATION if waiting does not mend that; nothing stays open.
 */
export async function openDatabase(options: ResolvedSqlOptions): Promise<SqlDatabase> {
  const { connector } = options;
  const kysely = await connect(connector);
  const close = async (): Promise<void> => {
    if (connector.by === 'url') await kysely.destroy();
  };
  try {
    const dialect = await findDialect(kysely);
    await seeToTables(kysely, dialect, options);
    if (connector.by === 'url' && connector.url.kind === 'sqlite')
      return following(kysely, dialect, options, connector.url.target);
    return { kysely, dialect, close, follow: () => Promise.resolve(false) };
  } catch (error) {
    await close();
    if (error instanceof SchedulerError) throw error;
    const reason = reasonOf(error);
    const isRefused = REFUSALS.has((error as { code?: unknown }).code) || isCertificateError(error);
    const code = isRefused ? 'CONFIGURATION' : 'STORE_FAILED';
    throw new SchedulerError(code, `Cannot use ${nameOf(connector)}: ${reason}`, { cause: error });
  }
}

/** A SQLite database that stays the one in its file. */
function following(
  opened: Kysely<unknown>,
  dialect: SqlDialect,
  options: ResolvedSqlOptions,
  path: string,
): SqlDatabase {
  let kysely = opened;
  let file = new SqliteFile(path);
  return {
    dialect,
    get kysely() {
      return kysely;
    },
    close: () => kysely.destroy(),
    async follow() {
      if (!file.isReplaced) return false;
      file.removeOldLog();
      const next = await connect(options.connector);
      try {
        await seeToTables(next, dialect, options);
      } catch (error) {
        await next.destroy();
        throw error;
      }
      const old = kysely;
      [kysely, file] = [next, new SqliteFile(path)];
      await old.destroy();
      return true;
    },
  };
}

async function seeToTables(
  kysely: Kysely<unknown>,
  dialect: SqlDialect,
  { connector, layout, autoMigrate }: ResolvedSqlOptions,
): Promise<void> {
  if (dialect.name === 'sqlite' && layout.schema !== undefined) {
    throw new ConfigurationError('SQLite has no schemas: leave out the option schema');
  }
  if (await isCurrent(kysely, dialect, layout)) return;
  if (!autoMigrate) {
    throw new ConfigurationError(
      `The tables "${layout.tablePrefix}*" in ${nameOf(connector)} are missing or older than this release: ` +
        `apply what exportDdl({ database: '${dialect.name}' }) writes, or set autoMigrate`,
    );
  }
  if (connector.by !== 'url' || connector.url.kind === 'sqlite') {
    await migrate(kysely, dialect, layout);
    return;
  }
  // A migration takes the time that it takes, and waits for those of other nodes.
  const patient = connectPatiently(connector.url);
  try {
    await migrate(patient, dialect, layout);
  } finally {
    await patient.destroy();
  }
}

function nameOf(connector: Connector): string {
  return connector.by === 'url' ? `the database ${connector.url.shown}` : 'its database';
}
