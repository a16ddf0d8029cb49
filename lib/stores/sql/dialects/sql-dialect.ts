import type { Kysely, QueryExecutorProvider, RawBuilder } from 'kysely';
import type { TableLayout } from '../options/table-layout.js';
import type { KeyedRead, LatestRead } from './keyed-read.js';
import type { Transaction } from './transaction.js';

export type SqlDialectName = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

/**
 * What a column holds. `key`: text of up to 191 characters, compared exactly, to the last space. `word`: one of ours, short.
 * `bigint`: epoch milliseconds, and what counts on and on. `flag`: 0 or 1, which every driver takes. `text`: of any length; JSON too, read by us alone.
 */
export type ColumnType = 'key' | 'word' | 'text' | 'flag' | 'integer' | 'bigint' | 'fraction';

/** How tables are written down in a database's own words. */
export interface DdlDialect {
  readonly name: SqlDialectName;
  readonly columnTypes: Readonly<Record<ColumnType, string>>;
  /** What follows the last bracket of CREATE TABLE. */
  readonly tableOptions: string;
  /**
   * Whether indexes stand within CREATE TABLE. Where a migration that breaks off cannot be taken back, each of its
   * statements must do no harm the second time, and only a table can be made `IF NOT EXISTS` everywhere.
   */
  readonly indexesInTable: boolean;
  /** Whether an index may leave out the rows that nobody looks for. */
  readonly partialIndexes: boolean;
  quote(identifier: string): string;
  /** Ends an INSERT so that a row with the same key is given these columns' new values instead. */
  onConflictUpdate(key: readonly string[], columns: readonly string[]): string;
  /** Makes a schema; null where a schema is not the store's to make. */
  createSchema(schema: string): string | null;
}

/** The columns of rows that come with a statement. */
export type RowColumns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

/** A value, or what stands for one. */
export type Value = string | RawBuilder<unknown>;

/** What a store has to know of its database beyond what Kysely does. */
export interface SqlDialect extends DdlDialect {
  /** Whether rows that others have locked can be passed over: `FOR UPDATE SKIP LOCKED`. */
  readonly skipLocked: boolean;
  /**
   * What tells its clients something that they listen to, once a change has been made that stands in the same statement; null
   * where it cannot.
   */
  readonly notify: ((channel: Value, payload: Value, change?: RawBuilder<unknown>) => RawBuilder<unknown>) | null;
  /** Whether an UPDATE answers with the rows that it has changed: `RETURNING`. */
  readonly returning: boolean;
  /** Ends a SELECT so that nobody else changes its rows before this transaction has ended; others may read them. */
  readonly lock: RawBuilder<unknown>;
  /** The same, without the rows that others have locked. */
  readonly lockFree: RawBuilder<unknown>;
  /** Ends a SELECT so that its rows stay as they are until this transaction has ended. */
  readonly hold: RawBuilder<unknown>;
  /** The function that says how many bytes a text takes, or how many characters where that is cheaper. */
  readonly byteLength: 'length' | 'octet_length';
  /** The store's own time, in epoch milliseconds: whatever the clocks of the nodes say. */
  readonly now: RawBuilder<number>;
  /**
   * Rows that come with a statement, to stand after FROM or JOIN under the name `x`.
   *
   * @param values - objects with these members, and perhaps others.
   */
  rows(values: readonly object[], columns: RowColumns): RawBuilder<unknown>;
  /** Whether a column holds one of these keys, of which there may be any number. */
  among(column: RawBuilder<unknown>, keys: readonly string[]): RawBuilder<unknown>;
  /** Reads rows by their keys. */
  selectBy(read: KeyedRead): RawBuilder<unknown>;
  /** Reads the latest row of each key. */
  selectLatestBy(read: LatestRead): RawBuilder<unknown>;
  /** Deletes a namespace's rows that have these ids. */
  deleteByIds(table: RawBuilder<unknown>, namespace: string, ids: readonly string[]): RawBuilder<unknown>;
  /**
   * Gives columns of a namespace's rows the values of rows that come with the statement, and have the same `id`. All of
   * them have been locked before in the same transaction.
   */
  updateFrom(
    table: RawBuilder<unknown>,
    namespace: string,
    columns: readonly string[],
    rows: RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /**
   * Gives those rows new values that have an `id` among the rows that come with the statement, and this lease still.
   *
   * @param values - as they stand after SET; `x` is the row that comes with the statement.
   * @param answer - what to say of each, made of its columns.
   */
  updateHeld(
    table: RawBuilder<unknown>,
    namespace: string,
    values: RawBuilder<unknown>,
    rows: RawBuilder<unknown>,
    lease: string,
    answer: (column: (name: string) => RawBuilder<unknown>) => RawBuilder<unknown>,
  ): RawBuilder<unknown>;
  /** Makes one statement of two that change different tables; null where that cannot be. */
  together(first: RawBuilder<unknown>, second: RawBuilder<unknown>): RawBuilder<unknown> | null;
  /** Whether a statement failed because a row with the same key is there. */
  isConflict(error: unknown): boolean;
  /** Whether a transaction failed only because of what others did at the same time. */
  isTransient(error: unknown): boolean;
  /** Does something in one transaction, in which each statement sees what others have committed by then. */
  transaction<T>(db: Kysely<unknown>, use: (db: Transaction) => Promise<T>): Promise<T>;
  schemaExists(db: QueryExecutorProvider, schema: string): Promise<boolean>;
  tableExists(db: QueryExecutorProvider, layout: TableLayout, table: string): Promise<boolean>;
  /**
   * Does something while no other node does anything under the same name.
   *
   * @param use - given the connection to do it on; where the database can, all of it is one transaction.
   * @throws ConfigurationError when the others take too long.
   */
  exclusively<T>(db: Kysely<unknown>, name: string, use: (db: QueryExecutorProvider) => Promise<T>): Promise<T>;
}
