import type { Kysely, QueryExecutorProvider } from 'kysely';
import { ConfigurationError } from '../../../engine/errors.js';
import { quoteTable } from '../dialects/quote-table.js';
import type { SqlDialect } from '../dialects/sql-dialect.js';
import { sql } from '../connection/kysely.js';
import type { TableLayout } from '../options/table-layout.js';
import { SCHEMA_VERSION, statementsSince } from './migrations.js';

/** 0 where there are no tables yet. */
export async function readSchemaVersion(
  db: QueryExecutorProvider,
  dialect: SqlDialect,
  layout: TableLayout,
): Promise<number> {
  if (!(await dialect.tableExists(db, layout, 'meta'))) return 0;
  const meta = sql.raw(quoteTable(dialect, layout, 'meta'));
  const { rows } = await sql<{ value: string }>`
    SELECT value FROM ${meta} WHERE namespace = '' AND name = 'schema_version'
  `.execute(db);
  return Number(rows[0]?.value ?? 0);
}

/**
 * Whether the tables are this release's; false when they are older, or not there.
 *
 * @throws ConfigurationError when they are a later release's.
 */
export async function isCurrent(db: QueryExecutorProvider, dialect: SqlDialect, layout: TableLayout): Promise<boolean> {
  return isCurrentVersion(await readSchemaVersion(db, dialect, layout), layout);
}

/**
 * Brings the tables to this release's version. Of nodes that start at once, one does; the others wait, and find it done.
 *
 * @throws ConfigurationError when they are a later release's, or cannot be made.
 */
export function migrate(db: Kysely<unknown>, dialect: SqlDialect, layout: TableLayout): Promise<void> {
  const { schema = '', tablePrefix } = layout;
  return dialect.exclusively(db, `${schema}.${tablePrefix}migrations`, async (connection) => {
    const version = await readSchemaVersion(connection, dialect, layout);
    if (isCurrentVersion(version, layout)) return;
    for (const statement of await statementsFor(connection, version, dialect, layout)) {
      await sql
        .raw(statement)
        .execute(connection)
        .catch((error: unknown) => {
          // The version is lost where somebody has emptied all tables, or a migration was cut off that cannot be rolled back.
          if (!dialect.isRepeated(error)) throw error;
        });
    }
  });
}

function isCurrentVersion(version: number, { tablePrefix }: TableLayout): boolean {
  if (version <= SCHEMA_VERSION) return version === SCHEMA_VERSION;
  throw new ConfigurationError(
    `The tables "${tablePrefix}*" have version ${version}, made by a later release of nestjs-apscheduler; ` +
      `this one knows versions up to ${SCHEMA_VERSION}: upgrade it, or give it tables of its own with tablePrefix`,
  );
}

async function statementsFor(
  db: QueryExecutorProvider,
  version: number,
  dialect: SqlDialect,
  layout: TableLayout,
): Promise<string[]> {
  const statements = statementsSince(version, dialect, layout);
  const { schema } = layout;
  if (schema === undefined || (await dialect.schemaExists(db, schema))) return statements;
  const createSchema = dialect.createSchema(schema);
  if (createSchema === null) throw new ConfigurationError(`There is no schema "${schema}"`);
  return [createSchema, ...statements];
}
