import { sql, type RawBuilder } from 'kysely';

/**
 * Whether a column holds one of these keys, where each key is written into the statement. MariaDB and MySQL look rows up by
 * such a list; a subquery over rows that come with the statement they go through again for each row of the table.
 */
export function amongWritten(column: RawBuilder<unknown>, keys: readonly string[]): RawBuilder<unknown> {
  return keys.length === 0 ? sql`1 = 0` : sql`${column} IN (${sql.join(keys)})`;
}
