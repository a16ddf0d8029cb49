import type { Kysely, QueryExecutorProvider, RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import { retryWhileBusy } from '../connection/sqlite-busy.js';
import { excludedSum, excludedValues } from './excluded-values.js';
import { deleteAmong, selectAmong, latestAmong, plainRunsOf, runsByRow } from './keyed-read.js';
import type { SqlDialect } from './sql-dialect.js';

export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  columnTypes: {
    key: 'TEXT',
    word: 'TEXT',
    text: 'TEXT',
    flag: 'INTEGER',
    integer: 'INTEGER',
    bigint: 'INTEGER',
    fraction: 'REAL',
  },
  tableOptions: '',
  indexesInTable: false,
  partialIndexes: true,
  orderCondition: null,
  addColumn: 'ADD COLUMN',
  skipLocked: false,
  notify: null,
  returning: true,
  // A transaction has the whole file.
  get lock() {
    return sql``;
  },
  get lockFree() {
    return sql``;
  },
  get hold() {
    return sql``;
  },
  position: 'instr',
  // Days as a fraction: rounded, for that is exact to a part of a millisecond only.
  get now() {
    return sql<number>`CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)`;
  },
  quote: (identifier) => `"${identifier}"`,
  onConflictUpdate: excludedValues,
  onConflictAdd: excludedSum,
  insertAlias: ' AS i',
  createSchema: () => null,
  schemaExists: () => Promise.resolve(false),

  async tableExists(db, { tablePrefix }, table) {
    const name = tablePrefix + table;
    const { rows } = await sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${name}`.execute(db);
    return rows.length > 0;
  },

  rows(values, columns) {
    const names = Object.keys(columns);
    const members = names.map((name) => `value ->> '$.${name}' AS ${name}`);
    return sql`(SELECT ${sql.raw(members.join(', '))} FROM json_each(${JSON.stringify(values, names)})) AS x`;
  },

  ordersByNull: false,

  byIndex: () => '',

  among: amongRows,
  selectBy: selectAmong,
  selectLatestRuns: latestAmong(),
  // Between two ids it would take the primary key, and go through all rows of the namespace.
  runsOf: (runs) => (runs.before !== undefined && runs.after !== undefined ? runsByRow(runs) : plainRunsOf(runs)),
  deleteByIds: deleteAmong,

  updateFrom(table, namespace, columns, rows) {
    const values = sql.raw(columns.map((column) => `${column} = x.${column}`).join(', '));
    // By a plain join it goes through the whole table, and for each row of it through the given ones.
    return sql`
      UPDATE ${table} AS t SET ${values} FROM ${rows}
      WHERE t.rowid = (SELECT rowid FROM ${table} WHERE namespace = ${namespace} AND id = x.id)`;
  },

  updateHeld: (table, namespace, values, rows, lease, answer) => sql`
    UPDATE ${table} AS t SET ${values} FROM ${rows}
    WHERE t.rowid = (SELECT rowid FROM ${table} WHERE namespace = ${namespace} AND id = x.id) AND +t.lease = ${lease}
    RETURNING ${answer((name) => sql.raw(name))}`,

  together: () => null,

  isRepeated: (error) => (error as { message?: string }).message?.startsWith('duplicate column name: ') === true,
  isConflict: (error) => /^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)$/.test(String((error as { code?: unknown }).code)),
  // Once a transaction has the lock, no other one writes.
  isTransient: () => false,
  transaction: (db, use) => inTransaction(db, use),
  readInOrder: (db, use) => use(db),

  // The whole file has one lock: the name does not matter.
  exclusively: (db, _name, use) => inTransaction(db, use),
};

function inTransaction<T>(db: Kysely<unknown>, use: (db: QueryExecutorProvider) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const patiently = (statement: RawBuilder<unknown>): Promise<unknown> =>
      retryWhileBusy(() => statement.execute(connection));
    await patiently(sql`BEGIN IMMEDIATE`);
    try {
      const result = await use(connection);
      await patiently(sql`COMMIT`);
      return result;
    } catch (error) {
      // SQLite may have rolled it back by itself: a full disk.
      await sql`ROLLBACK`.execute(connection).catch(() => undefined);
      throw error;
    }
  });
}

/** Whether a column holds one of these keys, where keys come with a statement as rows. */
function amongRows(
  this: Pick<SqlDialect, 'rows'>,
  column: RawBuilder<unknown>,
  keys: readonly string[],
): RawBuilder<unknown> {
  const rows = keys.map((id) => ({ id }));
  return sql`${column} IN (SELECT x.id FROM ${this.rows(rows, { id: 'key' })})`;
}
