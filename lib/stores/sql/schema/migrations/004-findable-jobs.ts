import { addColumn, addIndex, createTable, indexName } from '../create-table.js';
import type { DdlDialect } from '../../dialects/sql-dialect.js';
import type { TableLayout } from '../../options/table-layout.js';
import type { Migration } from '../migration.js';
import type { TableDefinition } from '../table-definition.js';

/** `job_uid` tells the tags of a job from those of an earlier job of its id. */
const JOB_TAGS: TableDefinition = {
  name: 'job_tags',
  columns: { namespace: 'key', tag: 'key', job_id: 'key', job_uid: 'word' },
  primaryKey: ['namespace', 'tag', 'job_id'],
  indexes: [{ name: 'by_job', columns: ['job_id', 'namespace'] }],
  belongsTo: { table: 'jobs', by: ['namespace', 'job_id'], key: ['namespace', 'id'] },
};

/**
 * What jobs are found and sorted by. `name_key` is null in rows that this release has not written: then all of these columns are
 * to be filled. `last_run` is the id of the last run that was begun, and empty without one.
 */
export const findableJobs: Migration = {
  version: 4,
  statements: (dialect, layout) => [
    addColumn(dialect, layout, 'jobs', 'name_key', 'key?'),
    addColumn(dialect, layout, 'jobs', 'search', 'text?'),
    addColumn(dialect, layout, 'jobs', 'trigger_type', 'word?'),
    addColumn(dialect, layout, 'jobs', 'declared', 'flag?'),
    addColumn(dialect, layout, 'jobs', 'last_run', 'key?'),
    addIndex(dialect, layout, 'jobs', { name: 'by_name', columns: ['namespace', 'name_key', 'id'], isOrder: true }),
    addIndex(dialect, layout, 'jobs', { name: 'by_last_run', columns: ['namespace', 'last_run', 'id'], isOrder: true }),
    ...(dialect.partialIndexes ? replaceDue(dialect, layout) : []),
    ...createTable(dialect, layout, JOB_TAGS),
  ],
};

/**
 * The statements for an index that also has jobs of the same time in order, and those without one. InnoDB adds the primary key
 * to each index, and has no partial ones: there `due` is that.
 */
function replaceDue(dialect: DdlDialect, layout: TableLayout): string[] {
  const schema = layout.schema === undefined ? '' : `${dialect.quote(layout.schema)}.`;
  return [
    addIndex(dialect, layout, 'jobs', {
      name: 'by_time',
      columns: ['namespace', 'next_run_time', 'id'],
      isOrder: true,
    }),
    `DROP INDEX IF EXISTS ${schema}${indexName(dialect, layout, 'jobs', 'due')}`,
  ];
}
