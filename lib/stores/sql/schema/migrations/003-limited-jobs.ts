import { addColumn } from '../create-table.js';
import type { Migration } from '../migration.js';

/** How many runs the schedule of a job with `maxRuns` has left. */
export const limitedJobs: Migration = {
  version: 3,
  statements: (dialect, layout) => [addColumn(dialect, layout, 'jobs', 'runs_left', 'bigint?')],
};
