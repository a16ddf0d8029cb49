import { bareType } from '../dialects/bare-type.js';
import { quoteTable } from '../dialects/quote-table.js';
import type { ColumnType, DdlDialect } from '../dialects/sql-dialect.js';
import type { TableLayout } from '../options/table-layout.js';
import type { IndexDefinition, TableDefinition } from './table-definition.js';

/** The statements that make a table with its indexes. They are there already where somebody has emptied all tables, with the version. */
export function createTable(dialect: DdlDialect, layout: TableLayout, table: TableDefinition): string[] {
  const { indexes = [] } = table;
  const lines = [
    ...Object.entries(table.columns).map(([name, type]) => columnLine(dialect, name, type)),
    `PRIMARY KEY (${table.primaryKey.join(', ')})`,
  ];
  if (dialect.indexesInTable) {
    lines.push(
      ...indexes.map((index) => `INDEX ${indexName(dialect, layout, table, index)} (${index.columns.join(', ')})`),
    );
  }
  const name = quoteTable(dialect, layout, table.name);
  const create = `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(',\n  ')}\n)${dialect.tableOptions}`;
  return dialect.indexesInTable
    ? [create]
    : [create, ...indexes.map((index) => createIndex(dialect, layout, table, index))];
}

/** The statement that adds a column to a table that is there. It lets the column be null: rows have no value for it. */
export function addColumn(
  dialect: DdlDialect,
  layout: TableLayout,
  table: string,
  name: string,
  type: `${ColumnType}?`,
): string {
  return `ALTER TABLE ${quoteTable(dialect, layout, table)} ${dialect.addColumn} ${columnLine(dialect, name, type)}`;
}

function columnLine({ columnTypes }: DdlDialect, name: string, type: ColumnType | `${ColumnType}?`): string {
  return `${name} ${columnTypes[bareType(type)]}${type.endsWith('?') ? '' : ' NOT NULL'}`;
}

function createIndex(dialect: DdlDialect, layout: TableLayout, table: TableDefinition, index: IndexDefinition): string {
  const on = `${quoteTable(dialect, layout, table.name)} (${index.columns.join(', ')})`;
  const where =
    index.whereNotNull !== undefined && dialect.partialIndexes ? ` WHERE ${index.whereNotNull} IS NOT NULL` : '';
  return `CREATE INDEX IF NOT EXISTS ${indexName(dialect, layout, table, index)} ON ${on}${where}`;
}

/** PostgreSQL and SQLite keep the names of indexes apart by schema, not by table. */
function indexName(
  dialect: DdlDialect,
  { tablePrefix }: TableLayout,
  table: TableDefinition,
  index: IndexDefinition,
): string {
  return dialect.quote(`${tablePrefix}${table.name}_${index.name}`);
}
