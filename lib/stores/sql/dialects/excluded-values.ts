import { sql, type RawBuilder } from 'kysely';

/** The ending of an INSERT that updates where it meets a row, as PostgreSQL and SQLite write it. */
export function excludedValues(key: readonly string[], columns: readonly string[]): string {
  const values = columns.map((column) => `${column} = excluded.${column}`);
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.join(', ')}`;
}

/** An UPDATE of a table named `t` from rows named `x`, as PostgreSQL and SQLite write it. */
export function updateFromRows(
  table: RawBuilder<unknown>,
  columns: readonly string[],
  rows: RawBuilder<unknown>,
  where: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const values = sql.raw(columns.map((column) => `${column} = x.${column}`).join(', '));
  return sql`UPDATE ${table} AS t SET ${values} FROM ${rows} WHERE ${where}`;
}
