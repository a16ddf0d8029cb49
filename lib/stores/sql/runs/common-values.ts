import type { RawBuilder } from 'kysely';
import type { RowColumns } from '../dialects/sql-dialect.js';
import { sql } from '../connection/kysely.js';

/** Rows for a statement, with values that all rows share passed once: most columns of runs are equal. */
export interface CommonValues {
  /** The columns that differ, with their types; always including `id`. */
  readonly columns: RowColumns;
  /** SQL: the value of a column: that of its row in `x`, or the shared one. */
  readonly valueOf: (name: string) => RawBuilder<unknown>;
}

/** Finds the columns that have the same value in all rows. */
export function commonValues(
  rows: readonly Readonly<Record<string, string | number | null>>[],
  types: RowColumns,
): CommonValues {
  const [first] = rows;
  const columns: Record<string, RowColumns[string]> = {};
  const shared = new Map<string, RawBuilder<unknown>>();
  for (const [name, type] of Object.entries(types)) {
    const value = first?.[name];
    if (name !== 'id' && value !== undefined && rows.every((row) => row[name] === value)) {
      shared.set(name, value === null ? sql`NULL` : sql`${value}`);
    } else {
      columns[name] = type;
    }
  }
  return { columns, valueOf: (name) => shared.get(name) ?? sql.raw(`x.${name}`) };
}
