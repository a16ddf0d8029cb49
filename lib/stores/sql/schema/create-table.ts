import { bareType } from '../dialects/bare-type.js';
import { quoteTable } from '../dialects/quote-table.js';
import type { ColumnType, DdlDialect } from '../dialects/sql-dialect.js';
import type { TableLayout } from '../options/table-layout.js';
import type { IndexDefinition, TableDefinition } from './table-definition.js';

/** The statements that make a table with its indexes. They are there already where somebody has emptied all tables, with the version. */
export function createTable(dialect: DdlDialect, layout: TableLayout, table: TableDefinition): string[] {
  const { belongsTo, indexes = [] } = table;
  const lines = [
    ...Object.entries(table.columns).map(([name, type]) => columnLine(dialect, name, type)),
    `PRIMARY KEY (${table.primaryKey.join(', ')})`,
  ];
  if (belongsTo) {
    const owner = `${quoteTable(dialect, layout, belongsTo.table)} (${belongsTo.key.join(', ')})`;
    lines.push(`FOREIGN KEY (${belongsTo.by.join(', ')}) REFERENCES ${owner} ON DELETE CASCADE`);
  }
  if (dialect.indexesInTable) {
    lines.push(
      ...indexes.map(
        (index) => `INDEX ${indexName(dialect, layout, table.name, index.name)} (${index.columns.join(', ')})`,
      ),
    );
  }
  const name = quoteTable(dialect, layout, table.name);
  const create = `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(',\n  ')}\n)${dialect.tableOptions}`;
  return dialect.indexesInTable
    ? [create]
    : [create, ...indexes.map((index) => createIndex(dialect, layout, table.name, index))];
}

/** The statement that adds an index to a table that is there. */
export function addIndex(dialect: DdlDialect, layout: TableLayout, table: string, index: IndexDefinition): string {
  if (!dialect.indexesInTable) return createIndex(dialect, layout, table, index);
  const name = indexName(dialect, layout, table, index.name);
  return `ALTER TABLE ${quoteTable(dialect, layout, table)} ADD INDEX ${name} (${index.columns.join(', ')})`;
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

function createIndex(dialect: DdlDialect, layout: TableLayout, table: string, index: IndexDefinition): string {
  const on = `${quoteTable(dialect, layout, table)} (${index.columns.join(', ')})`;
  const notNull =
    index.whereNotNull !== undefined && dialect.partialIndexes ? `${index.whereNotNull} IS NOT NULL` : null;
  const condition = index.isOrder ? dialect.orderCondition : notNull;
  const where = condition === null ? '' : ` WHERE ${condition}`;
  return `CREATE INDEX IF NOT EXISTS ${indexName(dialect, layout, table, index.name)} ON ${on}${where}`;
}

/** PostgreSQL and SQLite keep the names of indexes apart by schema, not by table. */
export function indexName(
  dialect: Pick<DdlDialect, 'quote'>,
  { tablePrefix }: TableLayout,
  table: string,
  index: string,
): string {
  return dialect.quote(`${tablePrefix}${table}_${index}`);
}
