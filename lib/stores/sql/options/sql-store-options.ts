import type { Dialect, QueryExecutor } from 'kysely';

/** Where a store's tables are, and whose jobs it keeps in them. */
export interface SqlTableOptions {
  /**
   * The schema that the tables are in; on MariaDB and MySQL, the database. PostgreSQL's is made where it is missing.
   * SQLite has none.
   *
   * @default that of the connection
   */
  readonly schema?: string;
  /** What the names of all tables start with: letters, digits and underscores, at most 30. @default 'scheduler_' */
  readonly tablePrefix?: string;
  /**
   * Keeps applications apart that share tables: a store knows only the jobs, runs and nodes of its namespace.
   * At most 64 characters.
   *
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * Whether tables are made, and brought up to date after an upgrade, when the store starts: by one node, while others
   * wait. When false, apply what {@link exportDdl} writes; the store checks that it has been applied.
   *
   * @default true
   */
  readonly autoMigrate?: boolean;
  /**
   * How often to look for what other processes have added or changed, in seconds. PostgreSQL notifies at once a store
   * with a `url`; it polls only while notifications fail. `Infinity` for tables that no other process uses.
   *
   * @default 1
   */
  readonly pollInterval?: number;
  /**
   * How often a run is begun at most whose nodes go away under it, if its job has no `retry` that allows more. A job with
   * no time left, whose last run is given up so, is paused.
   *
   * @default 3
   */
  readonly recoveryAttempts?: number;
  /**
   * Whose clock due times and leases go by. `database`: its own, so that nodes whose clocks differ agree. `node`: that of
   * the scheduler, for tests on a manual clock; all processes must share it then.
   *
   * @default 'database'
   */
  readonly time?: 'database' | 'node';
}

/** A store that connects by itself. */
export interface SqlUrlOptions extends SqlTableOptions {
  /**
   * `postgres://user:password@host/database`, `mysql://...` or `mariadb://...`; for SQLite `sqlite:` and a path, or a path:
   * `sqlite:jobs.db`, `./data/jobs.db`. The driver is a package of its own: pg, mysql2 or better-sqlite3.
   */
  readonly url: string;
  /** The most connections to open to PostgreSQL, MariaDB or MySQL. @default 10 */
  readonly poolSize?: number;
  /**
   * For how many seconds PostgreSQL, MariaDB or MySQL may leave a query unanswered before its connection is given up,
   * and a new one tried. Migrations may take their time.
   *
   * @default 15
   */
  readonly queryTimeout?: number;
  readonly dialect?: never;
  readonly kysely?: never;
}

/**
 * A store on a Kysely dialect: any driver for SQLite, PostgreSQL, MariaDB or MySQL, such as the pool that the application has
 * already. Its pool or file stays open: the application closes it once the scheduler has stopped.
 */
export interface SqlDialectOptions extends SqlTableOptions {
  readonly dialect: Dialect;
  readonly url?: never;
  readonly kysely?: never;
}

/** A store on the application's own Kysely instance, which the application closes. Its plugins are left out. */
export interface SqlKyselyOptions extends SqlTableOptions {
  readonly kysely: KyselyInstance;
  readonly url?: never;
  readonly dialect?: never;
}

export type SqlStoreOptions = SqlUrlOptions | SqlDialectOptions | SqlKyselyOptions;

/** What a Kysely instance is, whatever tables its type knows of. */
export interface KyselyInstance {
  readonly isTransaction: boolean;
  getExecutor(): QueryExecutor;
  withoutPlugins(): unknown;
}
