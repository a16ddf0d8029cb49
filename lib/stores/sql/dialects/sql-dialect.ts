import type { Kysely, QueryExecutorProvider, RawBuilder } from 'kysely';
import type { TableLayout } from '../options/table-layout.js';

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

/** What a store has to know of its database beyond what Kysely does. */
export interface SqlDialect extends DdlDialect {
  /** Whether rows that others have locked can be passed over: `FOR UPDATE SKIP LOCKED`. */
  readonly skipLocked: boolean;
  /** Whether it tells its clients of changes: `LISTEN` and `NOTIFY`. */
  readonly notify: boolean;
  /** Whether an UPDATE answers with the rows that it has changed: `RETURNING`. */
  readonly returning: boolean;
  /** The store's own time, in epoch milliseconds: whatever the clocks of the nodes say. */
  readonly now: RawBuilder<number>;
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
