import { createTable } from '../create-table.js';
import type { Migration } from '../migration.js';
import type { TableDefinition } from '../table-definition.js';

/**
 * Who did what. Ids sort by time. The indexes begin with what is looked for, and not with the namespace: without statistics
 * PostgreSQL might take one of them for a lookup by the primary key.
 */
const AUDIT: TableDefinition = {
  name: 'audit',
  columns: { namespace: 'key', id: 'key', job_id: 'key?', actor: 'key?', action: 'word', entry: 'text' },
  primaryKey: ['namespace', 'id'],
  indexes: (['job_id', 'actor', 'action'] as const).map((column) => ({
    name: `by_${column}`,
    columns: [column, 'namespace', 'id'],
  })),
};

export const audit: Migration = {
  version: 6,
  statements: (dialect, layout) => createTable(dialect, layout, AUDIT),
};
