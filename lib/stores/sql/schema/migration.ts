import type { DdlDialect } from '../dialects/sql-dialect.js';
import type { TableLayout } from '../options/table-layout.js';

/** One step of the tables' way. Once released it never changes. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  statements(dialect: DdlDialect, layout: TableLayout): readonly string[];
}
