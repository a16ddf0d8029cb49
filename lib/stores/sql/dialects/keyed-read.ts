import { sql, type RawBuilder } from 'kysely';
import type { SqlDialect } from './sql-dialect.js';

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

/** Reads one row for each key: the one with the greatest id, found at the end of the key's part of the index. */
export type LatestRead = Omit<KeyedRead, 'lock'>;

/** Reads rows by their keys, where keys come with a statement as rows. */
export function selectAmong(this: SqlDialect, read: KeyedRead): RawBuilder<unknown> {
  const { table, namespace, column, keys, columns, where = sql`1 = 1`, lock = sql`` } = read;
  return sql`
    SELECT ${columns} FROM ${table}
    WHERE namespace = ${namespace} AND ${this.among(sql.raw(column), keys)} AND ${where} ${lock}`;
}

/** Reads the latest row of each key, where keys come with a statement as rows. */
export function selectLatestAmong(this: SqlDialect, read: LatestRead): RawBuilder<unknown> {
  const { table, namespace, column, keys, columns, where = sql`1 = 1` } = read;
  const wanted = this.rows(
    keys.map((key) => ({ wanted: key })),
    { wanted: 'key' },
  );
  // A CROSS JOIN makes SQLite begin with the keys; it would go through the whole table otherwise.
  return sql`
    SELECT ${columns} FROM ${wanted} CROSS JOIN ${table} AS r WHERE r.namespace = ${namespace} AND r.id = (
      SELECT id FROM ${table} WHERE namespace = ${namespace} AND ${sql.raw(column)} = x.wanted AND ${where}
      ORDER BY id DESC LIMIT 1
    )`;
}

/** Deletes rows by their ids, where keys come with a statement as rows. */
export function deleteAmong(
  this: SqlDialect,
  table: RawBuilder<unknown>,
  namespace: string,
  ids: readonly string[],
): RawBuilder<unknown> {
  return sql`DELETE FROM ${table} WHERE namespace = ${namespace} AND ${this.among(sql.raw('id'), ids)}`;
}
