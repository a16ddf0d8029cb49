import type { ColumnType } from '../dialects/sql-dialect.js';

/** A table, whatever the database. */
export interface TableDefinition {
  /** Without the prefix. */
  readonly name: string;
  /** A type that ends with a question mark lets the column be null. */
  readonly columns: Readonly<Record<string, ColumnType | `${ColumnType}?`>>;
  readonly primaryKey: readonly string[];
  readonly indexes?: readonly IndexDefinition[];
  readonly belongsTo?: Owner;
}

/** The table whose rows these belong to: a row goes with its owner. */
export interface Owner {
  /** Without the prefix. */
  readonly table: string;
  /** The columns that hold the primary key of the owner. */
  readonly by: readonly string[];
  readonly key: readonly string[];
}

export interface IndexDefinition {
  /** Follows the table's name. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Only rows that have this column need be in it. */
  readonly whereNotNull?: string;
  /** It has jobs in an order: see `orderCondition` of the dialects. */
  readonly isOrder?: boolean;
}
