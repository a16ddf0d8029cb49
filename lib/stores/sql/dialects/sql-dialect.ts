import type { Kysely, QueryExecutorProvider, RawBuilder } from 'kysely';
import type { TableLayout } from '../options/table-layout.js';

export type SqlDialectName = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

/**
 * The type of a column. `key`: text of up to 191 characters, compared exactly, including trailing spaces. `word`: a short constant.
 * `bigint`: epoch milliseconds and counters. `flag`: 0 or 1, which every driver supports. `text`: any length; also JSON, which only the store reads.
 */
export type ColumnType = 'key' | 'word' | 'text' | 'flag' | 'integer' | 'bigint' | 'fraction';

/** The database's syntax for tables. */
export interface DdlDialect {
  readonly name: SqlDialectName;
  readonly columnTypes: Readonly<Record<ColumnType, string>>;
  /** The end of CREATE TABLE, after the last bracket. */
  readonly tableOptions: string;
  /**
   * Whether indexes are part of CREATE TABLE: each statement of a migration must be repeatable, and only tables support
   * `IF NOT EXISTS` everywhere.
   */
  readonly indexesInTable: boolean;
  /** Whether partial indexes are supported. */
  readonly partialIndexes: boolean;
  /**
   * A condition that holds for every job, where the indexes that have jobs in an order are made with it; null elsewhere. A database
   * uses such an index only for statements that state the condition.
   */
  readonly orderCondition: string | null;
  /** The clause that adds a column; repeatable where the database knows how. */
  readonly addColumn: 'ADD COLUMN' | 'ADD COLUMN IF NOT EXISTS';
  quote(identifier: string): string;
  /** The end of an INSERT that updates these columns of a row with the same key instead (upsert). */
  onConflictUpdate(key: readonly string[], columns: readonly string[]): string;
  /** The end of an INSERT that adds this column to that of a row with the same key instead. The table has {@link insertAlias}. */
  onConflictAdd(key: readonly string[], column: string): string;
  /** What follows a table's name in an INSERT with {@link onConflictAdd}. */
  readonly insertAlias: '' | ' AS i';
  /** Creates a schema; null if the store must not create one. */
  createSchema(schema: string): string | null;
}

/** The columns of rows that come with a statement. */
export type RowColumns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

/** A value, or an SQL expression for one. */
export type Value = string | RawBuilder<unknown>;

/** Which rows of a table to read: those of a namespace that have one of these keys. */
export interface KeyedRead {
  readonly table: RawBuilder<unknown>;
  readonly namespace: string;
  /** The column that holds the keys; an index begins with it, or with the namespace and it. */
  readonly column: 'id' | 'job_id';
  readonly keys: readonly string[];
  /** What to read of them. */
  readonly columns: RawBuilder<unknown>;
  /** What else must hold, after AND. */
  readonly where?: RawBuilder<unknown>;
  /** One of the dialect's ways to lock. */
  readonly lock?: RawBuilder<unknown>;
}

/** Which of the runs of a job; or of the rows of another table that have a value in a column. */
export interface JobRuns {
  readonly namespace: string;
  /** An index begins with it, and goes on with the namespace and the id. @default job_id */
  readonly column?: string;
  readonly jobId: Value;
  /** Only those whose ids are less, or greater. */
  readonly before?: Value | undefined;
  readonly after?: Value | undefined;
  /** What the table of runs is called in the statement. */
  readonly alias?: string;
}

/** What finds the runs of a job in the order of the index `by_job`. */
export interface JobRunsSearch {
  /** It says that they are of the namespace; nothing else in the statement may say so. */
  readonly where: RawBuilder<unknown>;
  /** What follows ORDER BY. */
  readonly latestFirst: RawBuilder<unknown>;
}

/** The differences between databases that Kysely does not cover. */
export interface SqlDialect extends DdlDialect {
  /** Whether rows that others have locked can be skipped: `FOR UPDATE SKIP LOCKED`. */
  readonly skipLocked: boolean;
  /**
   * Sends a notification to listening clients when the transaction commits; null if the database cannot.
   */
  readonly notify: ((channel: Value, payload: Value, change?: RawBuilder<unknown>) => RawBuilder<unknown>) | null;
  /** Whether an UPDATE can return the rows that it has changed: `RETURNING`. */
  readonly returning: boolean;
  /** The end of a SELECT that locks its rows until the transaction ends; others can still read them. */
  readonly lock: RawBuilder<unknown>;
  /** The same, skipping rows that others have locked. */
  readonly lockFree: RawBuilder<unknown>;
  /** The end of a SELECT that takes a shared lock on its rows until the transaction ends. */
  readonly hold: RawBuilder<unknown>;
  /** The function that says where a text has another one in it, character by character: 0 for nowhere. */
  readonly position: 'strpos' | 'instr';
  /** The database's time in epoch milliseconds. */
  readonly now: RawBuilder<number>;
  /**
   * Rows passed with a statement, for use after FROM or JOIN under the name `x`.
   *
   * @param values - objects with at least these members.
   */
  rows(values: readonly object[], columns: RowColumns): RawBuilder<unknown>;
  /**
   * What follows the name of a table that is to be read by an index, where the database would not choose it by itself.
   *
   * @param index - its name, as it stands in statements.
   */
  byIndex(index: string): string;
  /**
   * Whether ORDER BY has to name a column that WHERE says is null, so that an index has the order. Elsewhere it must not.
   */
  readonly ordersByNull: boolean;
  /** A condition that a column contains one of any number of keys. */
  among(column: RawBuilder<unknown>, keys: readonly string[]): RawBuilder<unknown>;
  /** Reads rows by their keys. */
  selectBy(read: KeyedRead): RawBuilder<unknown>;
  /** Reads the latest run of each of these jobs for which a condition holds. */
  selectLatestRuns(
    table: RawBuilder<unknown>,
    namespace: string,
    jobIds: readonly string[],
    columns: RawBuilder<unknown>,
    where: RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /** Finds the runs of a job by their index, and by no other. */
  runsOf(runs: JobRuns): JobRunsSearch;
  /** Deletes a namespace's rows that have these ids. */
  deleteByIds(table: RawBuilder<unknown>, namespace: string, ids: readonly string[]): RawBuilder<unknown>;
  /**
   * Updates columns of a namespace's rows from rows passed with the statement, matched by `id`. All of them have been locked
   * earlier in the same transaction.
   */
  updateFrom(
    table: RawBuilder<unknown>,
    namespace: string,
    columns: readonly string[],
    rows: RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /**
   * Updates the rows that match a passed row by `id` and still have this lease.
   *
   * @param values - the SET clause; `x` is the passed row.
   * @param answer - the columns to return for each row.
   */
  updateHeld(
    table: RawBuilder<unknown>,
    namespace: string,
    values: RawBuilder<unknown>,
    rows: RawBuilder<unknown>,
    lease: string,
    answer: (column: (name: string) => RawBuilder<unknown>) => RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /** Combines two statements that change different tables into one; null if that is not possible. */
  together(first: RawBuilder<unknown>, second: RawBuilder<unknown>): RawBuilder<unknown> | null;
  /** Whether adding a column or an index failed because it is there: a migration was cut off, or somebody has emptied all tables. */
  isRepeated(error: unknown): boolean;
  /** Whether a statement failed because of a duplicate key. */
  isConflict(error: unknown): boolean;
  /** Whether a transaction failed because of concurrent ones, and can be repeated. */
  isTransient(error: unknown): boolean;
  /** Runs a transaction in which each statement sees what others have committed before it (READ COMMITTED). */
  transaction<T>(db: Kysely<unknown>, use: (db: QueryExecutorProvider) => Promise<T>): Promise<T>;
  /** Runs queries whose ORDER BY has an index for it: none of them may read more rows than its LIMIT, and sort them. */
  readInOrder<T>(db: Kysely<unknown>, use: (db: QueryExecutorProvider) => Promise<T>): Promise<T>;
  schemaExists(db: QueryExecutorProvider, schema: string): Promise<boolean>;
  tableExists(db: QueryExecutorProvider, layout: TableLayout, table: string): Promise<boolean>;
  /**
   * Runs an operation under a named lock that excludes other nodes.
   *
   * @param use - receives the connection to use; if the database supports it, all of it is one transaction.
   * @throws ConfigurationError if the lock is held by others for too long.
   */
  exclusively<T>(db: Kysely<unknown>, name: string, use: (db: QueryExecutorProvider) => Promise<T>): Promise<T>;
}
