import { addColumn } from '../create-table.js';
import type { Migration } from '../migration.js';

/** Which executor a run was made for, and where its task was called; null in rows of earlier releases. */
export const handedOverRuns: Migration = {
  version: 8,
  statements: (dialect, layout) => [
    addColumn(dialect, layout, 'runs', 'executor', 'text?'),
    addColumn(dialect, layout, 'runs', 'worker', 'text?'),
  ],
};
