import { addColumn } from '../create-table.js';
import type { Migration } from '../migration.js';

/** What a node says of itself; null in rows of earlier releases. */
export const describedNodes: Migration = {
  version: 7,
  statements: (dialect, layout) => [addColumn(dialect, layout, 'nodes', 'description', 'text?')],
};
