import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import type { KeyedRead, LatestRead, SqlDialect } from './sql-dialect.js';

/** Reads rows by their keys, where keys come with a statement as rows. */
export function selectAmong(this: SqlDialect, read: KeyedRead): RawBuilder<unknown> {
  const { table, namespace, column, keys, columns, where = sql`1 = 1`, lock = sql`` } = read;
  return sql`
    SELECT ${columns} FROM ${table}
    WHERE namespace = ${namespace} AND ${this.among(sql.raw(column), keys)} AND ${where} ${lock}`;
}

/**
 * Makes what reads the latest row of each key, where keys come with a statement as rows.
 *
 * @param hint - follows the name of the table that is searched for the latest row.
 */
export function latestAmong(hint = ''): SqlDialect['selectLatestBy'] {
  return function (this: SqlDialect, { table, namespace, column, keys, columns, where = sql`1 = 1` }: LatestRead) {
    const wanted = this.rows(
      keys.map((key) => ({ wanted: key })),
      { wanted: 'key' },
    );
    // A CROSS JOIN makes SQLite begin with the keys; it would go through the whole table otherwise.
    return sql`
      SELECT ${columns} FROM ${wanted} CROSS JOIN ${table} AS r WHERE r.namespace = ${namespace} AND r.id = (
        SELECT id FROM ${table} ${sql.raw(hint)} WHERE namespace = ${namespace} AND ${sql.raw(column)} = x.wanted AND ${where}
        ORDER BY id DESC LIMIT 1
      )`;
  };
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
