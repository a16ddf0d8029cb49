import { InvalidInputError, type Fault } from '../../../engine/errors.js';
import { show } from '../../../engine/util/inspect.js';
import { mariadbDialect, mysqlDialect } from '../dialects/mysql.dialect.js';
import { postgresDialect } from '../dialects/postgres.dialect.js';
import type { DdlDialect, SqlDialectName } from '../dialects/sql-dialect.js';
import { sqliteDialect } from '../dialects/sqlite.dialect.js';
import { checkSchema, checkTablePrefix, DEFAULT_TABLE_PREFIX } from '../options/table-layout.js';
import { SCHEMA_VERSION, statementsSince } from './migrations.js';

const dialects: Readonly<Record<SqlDialectName, DdlDialect>> = {
  postgres: postgresDialect,
  mariadb: mariadbDialect,
  mysql: mysqlDialect,
  sqlite: sqliteDialect,
};

/** The tables to export. */
export interface ExportDdlOptions {
  readonly database: SqlDialectName;
  /** The store's option. @default none */
  readonly schema?: string;
  /** The store's option. @default 'scheduler_' */
  readonly tablePrefix?: string;
  /** The current version of the tables, to export only later changes. @default 0 */
  readonly since?: number;
}

/**
 * Exports the statements that a store with `autoMigrate` would execute, for an application's own migrations.
 *
 * @example
 * writeFileSync('migrations/012-scheduler.sql', exportDdl({ database: 'postgres' }));
 *
 * @returns statements, each ending with a semicolon; the last one records the version of the tables.
 * @throws InvalidInputError
 */
export function exportDdl({
  database,
  schema,
  tablePrefix = DEFAULT_TABLE_PREFIX,
  since = 0,
}: ExportDdlOptions): string {
  const dialect = Object.hasOwn(dialects, database) ? dialects[database] : undefined;
  const faults = findFaults(dialect, database, schema, tablePrefix, since);
  if (faults.length > 0 || dialect === undefined) throw new InvalidInputError('DDL cannot be exported', faults);
  const createSchema = schema === undefined || since > 0 ? null : dialect.createSchema(schema);
  const statements = statementsSince(since, dialect, { schema, tablePrefix });
  return [...(createSchema === null ? [] : [createSchema]), ...statements].map((text) => `${text};\n`).join('\n');
}

function findFaults(
  dialect: DdlDialect | undefined,
  database: unknown,
  schema: unknown,
  tablePrefix: unknown,
  since: unknown,
): Fault[] {
  const problems: Readonly<Record<string, string | undefined>> = {
    database: dialect ? undefined : `must be one of ${Object.keys(dialects).join(', ')}, got ${show(database)}`,
    schema: schemaProblem(database, schema),
    tablePrefix: checkTablePrefix(tablePrefix),
    since: isVersion(since) ? undefined : `must be a version from 0 to ${SCHEMA_VERSION}, got ${show(since)}`,
  };
  return Object.entries(problems).flatMap(([field, problem]) => (problem === undefined ? [] : [{ field, problem }]));
}

function schemaProblem(database: unknown, schema: unknown): string | undefined {
  if (schema === undefined) return undefined;
  return database === 'sqlite' ? 'has no meaning for SQLite' : checkSchema(schema);
}

const isVersion = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= SCHEMA_VERSION;
