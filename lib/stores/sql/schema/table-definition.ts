import type { ColumnType } from '../dialects/sql-dialect.js';

/** A table, whatever the database. */
export interface TableDefinition {
  /** Without the prefix. */
  readonly name: string;
  /** A type that ends with a question mark lets the column be null. */
  readonly columns: Readonly<Record<string, ColumnType | `${ColumnType}?`>>;
  readonly primaryKey: readonly string[];
  readonly indexes?: readonly IndexDefinition[];
}

export interface IndexDefinition {
  /** Follows the table's name. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Only rows that have this column need be in it. */
  readonly whereNotNull?: string;
}
