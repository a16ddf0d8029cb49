import { sql, type RawBuilder } from 'kysely';
import type { RowColumns } from '../dialects/sql-dialect.js';

/** Rows for a statement: what all of them have in common is said once, for most of what a run is. */
export interface CommonValues {
  /** The columns that differ, and their types; `id` is always among them. */
  readonly columns: RowColumns;
  /** What a column is to be given: what its row of `x` says, or what all have. */
  readonly valueOf: (name: string) => RawBuilder<unknown>;
}

/** Finds out which columns have one value in all of these rows. Each has at least all of these columns. */
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
