import { createTable } from '../create-table.js';
import type { Migration } from '../migration.js';
import type { TableDefinition } from '../table-definition.js';

/** How many of something there were in each minute and each hour. */
const STATISTICS: TableDefinition = {
  name: 'statistics',
  columns: { namespace: 'key', span: 'word', start: 'bigint', series: 'word', number: 'bigint' },
  primaryKey: ['namespace', 'span', 'start', 'series'],
};

export const statistics: Migration = {
  version: 5,
  statements: (dialect, layout) => createTable(dialect, layout, STATISTICS),
};
