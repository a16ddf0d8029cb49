import type { TableLayout } from '../options/table-layout.js';
import type { DdlDialect } from './sql-dialect.js';

/** A table's full name, as it stands in statements. */
export function quoteTable(
  dialect: Pick<DdlDialect, 'quote'>,
  { schema, tablePrefix }: TableLayout,
  table: string,
): string {
  const name = dialect.quote(tablePrefix + table);
  return schema === undefined ? name : `${dialect.quote(schema)}.${name}`;
}
