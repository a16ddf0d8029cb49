import { quoteTable } from '../dialects/quote-table.js';
import type { DdlDialect } from '../dialects/sql-dialect.js';
import type { TableLayout } from '../options/table-layout.js';
import type { Migration } from './migration.js';
import { firstTables } from './migrations/001-first-tables.js';
import { completedJobs } from './migrations/002-completed-jobs.js';
import { limitedJobs } from './migrations/003-limited-jobs.js';
import { findableJobs } from './migrations/004-findable-jobs.js';
import { statistics } from './migrations/005-statistics.js';
import { audit } from './migrations/006-audit.js';
import { describedNodes } from './migrations/007-described-nodes.js';
import { handedOverRuns } from './migrations/008-handed-over-runs.js';

const migrations: readonly Migration[] = [
  ...[firstTables, completedJobs, limitedJobs, findableJobs, statistics, audit],
  ...[describedNodes, handedOverRuns],
];

/** The version of the tables that this release works with. */
export const SCHEMA_VERSION = migrations.length;

/** What brings tables from a version to this release's; each step ends by saying what version they are now. */
export function statementsSince(version: number, dialect: DdlDialect, layout: TableLayout): string[] {
  return migrations
    .slice(version)
    .flatMap((migration) => [...migration.statements(dialect, layout), setVersion(migration.version, dialect, layout)]);
}

function setVersion(version: number, dialect: DdlDialect, layout: TableLayout): string {
  const into = `${quoteTable(dialect, layout, 'meta')} (namespace, name, value)`;
  const otherwise = dialect.onConflictUpdate(['namespace', 'name'], ['value']);
  return `INSERT INTO ${into} VALUES ('', 'schema_version', '${version}') ${otherwise}`;
}
