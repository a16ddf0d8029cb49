import { createHash } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import { isNotPrepared } from '../connection/not-prepared.js';
import { sql } from '../connection/kysely.js';
import { quoteTable } from './quote-table.js';
import { runsByRow } from './keyed-read.js';
import type { ColumnType, RowColumns, SqlDialect } from './sql-dialect.js';
import { excludedSum, excludedValues } from './excluded-values.js';

/** PostgreSQL names its locks by number. */
const lockId = (name: string): string => createHash('sha256').update(name).digest().readBigInt64BE().toString();

const UNIQUE_VIOLATION = '23505';
/** Serialization failure, and deadlock. */
const TRANSIENT: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/**
 * Rows of a table by one key after the other, by an index. A plain condition would do, once the table has statistics; as
 * long as it has none, PostgreSQL takes a namespace for a handful of rows, and goes through all of them for any key.
 */
const eachKey = (keys: readonly string[], read: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`unnest(${keys}::varchar[]) AS k(key) CROSS JOIN LATERAL (${read}) AS r`;

/** Rows that come with a statement, each with the place of the row that has its `id`. */
const placed = (table: RawBuilder<unknown>, namespace: string, rows: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  SELECT x.*, r.place FROM ${rows} CROSS JOIN LATERAL (
    SELECT ctid AS place FROM ${table} WHERE namespace = ${namespace} AND id = x.id OFFSET 0
  ) AS r OFFSET 0`;

type Cell = string | number | null | undefined;

/* In the order of the code points, in every database: ids are sorted and compared as the engine does. */
const COLUMN_TYPES = {
  key: 'varchar(191) COLLATE "C"',
  word: 'varchar(32) COLLATE "C"',
  text: 'text',
  flag: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  fraction: 'double precision',
} as const satisfies Record<ColumnType, string>;

/** What stands behind an array of a column's cells: a type of an array has no collation. */
const AS_ARRAY = Object.fromEntries(
  Object.entries(COLUMN_TYPES).flatMap(([name, type]) => {
    const cast = `::${type.replace(/ COLLATE .*$/, '')}[]`;
    return [name, `${name}?`].map((marked) => [marked, cast]);
  }),
) as Record<RowColumns[string], string>;

/** An array as PostgreSQL reads it. */
function arrayOf(cells: readonly Cell[]): string {
  const items = cells.map((cell) => {
    if (typeof cell === 'string') return `"${cell.replace(/["\\]/g, '\\$&')}"`;
    return cell ?? 'NULL';
  });
  return `{${items.join(',')}}`;
}

const together = (first: RawBuilder<unknown>, second: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`WITH first AS (${first}) ${second}`;

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  columnTypes: COLUMN_TYPES,
  tableOptions: '',
  indexesInTable: false,
  partialIndexes: true,
  // Those indexes begin with the namespace and end with the id, as a lookup by the primary key does. Without statistics
  // PostgreSQL may use one for that, and goes through all jobs of the namespace.
  orderCondition: 'paused >= 0',
  addColumn: 'ADD COLUMN IF NOT EXISTS',
  skipLocked: true,
  notify(channel, payload, change) {
    const telling = sql`SELECT pg_notify(${channel}, ${payload})`;
    return change ? together(change, telling) : telling;
  },
  returning: true,
  get lock() {
    return sql`FOR UPDATE`;
  },
  get lockFree() {
    return sql`FOR UPDATE SKIP LOCKED`;
  },
  get hold() {
    return sql`FOR SHARE`;
  },
  position: 'strpos',
  // Not now(): that is when the transaction began.
  get now() {
    return sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  },
  quote: (identifier) => `"${identifier}"`,
  onConflictUpdate: excludedValues,
  onConflictAdd: excludedSum,
  insertAlias: ' AS i',
  createSchema: (schema) => `CREATE SCHEMA IF NOT EXISTS "${schema}"`,

  // Column by column: it reads arrays far faster than JSON.
  rows(values, columns) {
    const rows = values as readonly Readonly<Record<string, Cell>>[];
    const arrays = Object.entries(columns).map(
      ([name, type]) => sql`${arrayOf(rows.map((row) => row[name]))}${sql.raw(AS_ARRAY[type])}`,
    );
    return sql`unnest(${sql.join(arrays)}) AS x(${sql.raw(Object.keys(columns).join(', '))})`;
  },

  ordersByNull: true,

  byIndex: () => '',

  // By a join with rows it goes through the whole table, as long as it has no statistics.
  among: (column, keys) => sql`${column} = ANY(${keys}::varchar[])`,

  selectBy({ table, namespace, column, keys, columns, where = sql`true`, lock = sql`` }) {
    const read = sql`
      SELECT ${columns} FROM ${table}
      WHERE namespace = ${namespace} AND ${sql.raw(column)} = k.key AND ${where} OFFSET 0 ${lock}`;
    return sql`SELECT r.* FROM ${eachKey(keys, read)}`;
  },

  selectLatestRuns(table, namespace, jobIds, columns, where) {
    const ofJob = this.runsOf({ namespace, jobId: sql.raw('k.key') });
    const read = sql`SELECT ${columns} FROM ${table} WHERE ${ofJob.where} AND ${where} ORDER BY ${ofJob.latestFirst} LIMIT 1`;
    return sql`SELECT r.* FROM ${eachKey(jobIds, read)}`;
  },

  // By single comparisons PostgreSQL may go through the primary key for a namespace that its statistics do not know yet: it
  // takes that for a row or two, and finds all of its runs there.
  runsOf: runsByRow,

  deleteByIds(table, namespace, ids) {
    const place = sql`SELECT ctid FROM ${table} WHERE namespace = ${namespace} AND id = k.key OFFSET 0`;
    return sql`DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM ${eachKey(ids, place)}))`;
  },

  updateFrom(table, namespace, columns, rows) {
    const values = sql.raw(columns.map((column) => `${column} = x.${column}`).join(', '));
    // By their places, found one by one: see above. They cannot move, for they are locked.
    return sql`UPDATE ${table} AS t SET ${values} FROM (${placed(table, namespace, rows)}) AS x WHERE t.ctid = x.place`;
  },

  // The lease is compared in a way that tells the planner nothing: it would go through all runs of a lease for each row.
  updateHeld: (table, namespace, values, rows, lease, answer) => sql`
    UPDATE ${table} AS t SET ${values} FROM (${placed(table, namespace, rows)}) AS x
    WHERE t.ctid = x.place AND CASE WHEN t.lease = ${lease} THEN true ELSE false END
    RETURNING ${answer((name) => sql.raw(`t.${name}`))}`,

  together,

  isRepeated: () => false,
  isConflict: (error) => codeOf(error) === UNIQUE_VIOLATION,
  isTransient: (error) => TRANSIENT.has(codeOf(error)) || isNotPrepared(error),

  readInOrder: (db, use) =>
    db.transaction().execute(async (transaction) => {
      // Without statistics it expects few rows, and would read all of them to sort them. What it takes for costly it compiles.
      await sql`SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true)`.execute(transaction);
      return use(transaction);
    }),

  transaction: (db, use) => db.transaction().setIsolationLevel('read committed').execute(use),

  async schemaExists(db, schema) {
    const { rows } = await sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.execute(db);
    return rows.length > 0;
  },

  async tableExists(db, layout, table) {
    const name = quoteTable(this, layout, table);
    const { rows } = await sql`SELECT 1 WHERE to_regclass(${name}) IS NOT NULL`.execute(db);
    return rows.length > 0;
  },

  exclusively: (db, name, use) =>
    db.transaction().execute(async (transaction) => {
      await sql`SET LOCAL lock_timeout = '300s'`.execute(transaction);
      await sql`SELECT pg_advisory_xact_lock(${lockId(name)}::bigint)`.execute(transaction);
      return use(transaction);
    }),
};
