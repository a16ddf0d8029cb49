import { sql, type RawBuilder } from 'kysely';
import type { SqlDialect } from './sql-dialect.js';

/** Whether a column holds one of these keys, where keys come with a statement as rows. */
export function amongRows(
  this: Pick<SqlDialect, 'rows'>,
  column: RawBuilder<unknown>,
  keys: readonly string[],
): RawBuilder<unknown> {
  const rows = keys.map((id) => ({ id }));
  return sql`${column} IN (SELECT x.id FROM ${this.rows(rows, { id: 'key' })})`;
}
