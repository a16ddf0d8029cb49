import { createTable } from '../create-table.js';
import type { Migration } from '../migration.js';
import type { TableDefinition } from '../table-definition.js';

/** The last nominal times of declared jobs that have completed. */
const COMPLETED: TableDefinition = {
  name: 'completed',
  columns: { namespace: 'key', id: 'key', last_time: 'bigint' },
  primaryKey: ['namespace', 'id'],
  indexes: [{ name: 'by_time', columns: ['namespace', 'last_time'] }],
};

export const completedJobs: Migration = {
  version: 2,
  statements: (dialect, layout) => createTable(dialect, layout, COMPLETED),
};
