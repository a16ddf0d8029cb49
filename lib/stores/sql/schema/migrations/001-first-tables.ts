import { createTable } from '../create-table.js';
import type { Migration } from '../migration.js';
import type { TableDefinition } from '../table-definition.js';

/** What is known of the tables themselves, under the empty namespace, and of each namespace. */
const META: TableDefinition = {
  name: 'meta',
  columns: { namespace: 'key', name: 'key', value: 'text' },
  primaryKey: ['namespace', 'name'],
};

/**
 * What a job is stands in `spec`, as JSON: an option that is new to it needs no migration, and an older node keeps it.
 * `uid` tells a job from another one that gets its id when it is gone.
 */
const JOBS: TableDefinition = {
  name: 'jobs',
  columns: {
    namespace: 'key',
    id: 'key',
    uid: 'word',
    task: 'text',
    executor: 'text',
    spec: 'text',
    spec_hash: 'word',
    next_run_time: 'bigint?',
    next_nominal_time: 'bigint?',
    paused: 'flag',
    created_at: 'bigint',
    updated_at: 'bigint',
  },
  primaryKey: ['namespace', 'id'],
  indexes: [{ name: 'due', columns: ['namespace', 'next_run_time'], whereNotNull: 'next_run_time' }],
};

/**
 * Ids of runs sort by the time at which they were made: the newest are at the end of each index.
 * But for the key no index begins with the namespace: PostgreSQL, while it has no statistics, would go through any that does.
 * `lease` is the node that has the run under way, and null once the run has settled.
 */
const RUNS: TableDefinition = {
  name: 'runs',
  columns: {
    namespace: 'key',
    id: 'key',
    job_id: 'key',
    job_uid: 'word?',
    task: 'text',
    cause: 'word',
    given: 'text?',
    nominal_time: 'bigint',
    last_nominal_time: 'bigint',
    fire_time: 'bigint',
    started_at: 'bigint?',
    finished_at: 'bigint?',
    attempt: 'integer',
    retry_of: 'key?',
    retry_at: 'bigint?',
    state: 'word',
    reason: 'word?',
    settled: 'flag',
    result: 'text?',
    result_omitted: 'text?',
    error: 'text?',
    log: 'text?',
    progress: 'fraction?',
    node: 'text',
    lease: 'key?',
  },
  primaryKey: ['namespace', 'id'],
  indexes: [
    { name: 'by_job', columns: ['job_id', 'namespace', 'id'] },
    { name: 'leases', columns: ['lease', 'namespace', 'job_id'], whereNotNull: 'lease' },
    { name: 'retries', columns: ['namespace', 'retry_at'], whereNotNull: 'retry_at' },
  ],
};

/** The leases: a row for each started scheduler, and one lease for all of its runs. One that was lost is never taken up again. */
const NODES: TableDefinition = {
  name: 'nodes',
  columns: {
    namespace: 'key',
    id: 'key',
    name: 'text',
    started_at: 'bigint',
    seen_at: 'bigint',
    expires_at: 'bigint',
    skew_ms: 'bigint',
  },
  primaryKey: ['namespace', 'id'],
};

export const firstTables: Migration = {
  version: 1,
  statements: (dialect, layout) => [META, JOBS, RUNS, NODES].flatMap((table) => createTable(dialect, layout, table)),
};
