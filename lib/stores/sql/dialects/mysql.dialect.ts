import type { QueryExecutorProvider, RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import { ConfigurationError } from '../../../engine/errors.js';
import { bareType } from './bare-type.js';
import { deleteAmong, selectAmong, latestAmong, plainRunsOf } from './keyed-read.js';
import type { ColumnType, SqlDialect } from './sql-dialect.js';

/** For how long another node's migration is waited for. */
const LOCK_PATIENCE_SECONDS = 300;

const TRANSIENT: ReadonlySet<unknown> = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD']);

const REPEATED: ReadonlySet<unknown> = new Set(['ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME']);

const TEXTS: ReadonlySet<ColumnType> = new Set(['key', 'word', 'text']);

/** What MariaDB and MySQL have in common. */
function mysqlFamily(name: 'mariadb' | 'mysql', collation: string): SqlDialect {
  return {
    name,
    columnTypes: {
      key: 'VARCHAR(191)',
      word: 'VARCHAR(32)',
      text: 'LONGTEXT',
      flag: 'TINYINT',
      integer: 'INT',
      bigint: 'BIGINT',
      fraction: 'DOUBLE',
    },
    tableOptions: ` ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=${collation}`,
    indexesInTable: true,
    partialIndexes: false,
    orderCondition: null,
    addColumn: 'ADD COLUMN',
    skipLocked: true,
    notify: null,
    returning: false,
    get lock() {
      return sql`FOR UPDATE`;
    },
    get lockFree() {
      return sql`FOR UPDATE SKIP LOCKED`;
    },
    get hold() {
      return sql`LOCK IN SHARE MODE`;
    },
    position: 'instr',
    // Not UNIX_TIMESTAMP(): it goes by the session's time zone, and an hour of autumn comes twice.
    get now() {
      return sql<number>`TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000`;
    },
    quote: (identifier) => `\`${identifier}\``,
    onConflictUpdate: (_key, columns) =>
      `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
    onConflictAdd: (_key, column) => `ON DUPLICATE KEY UPDATE ${column} = ${column} + VALUES(${column})`,
    insertAlias: '',
    createSchema: () => null,

    rows(values, columns) {
      const paths = Object.entries(columns).map(([name, type]) => {
        const bare = bareType(type);
        // Otherwise that of the user's database, which may know few characters, and compares otherwise.
        const collated = TEXTS.has(bare) ? ` CHARACTER SET utf8mb4 COLLATE ${collation}` : '';
        return `${name} ${this.columnTypes[bare]}${collated} PATH '$.${name}'`;
      });
      const json = JSON.stringify(values, Object.keys(columns));
      return sql`JSON_TABLE(${json}, '$[*]' COLUMNS (${sql.raw(paths.join(', '))})) AS x`;
    },

    // For the order of another index it would sort what the primary key finds.
    ordersByNull: false,

    byIndex: (index) => ` FORCE INDEX (${index})`,

    among: amongWritten,
    selectBy: selectAmong,
    // By the primary key, which has the order that is wanted, it would go through the whole history for each key.
    selectLatestRuns: latestAmong('IGNORE INDEX (PRIMARY)'),
    runsOf: plainRunsOf,
    deleteByIds: deleteAmong,

    updateFrom(table, namespace, columns, rows) {
      const values = sql.raw(columns.map((column) => `t.${column} = x.${column}`).join(', '));
      return sql`UPDATE ${table} AS t JOIN ${rows} ON t.namespace = ${namespace} AND t.id = x.id SET ${values}`;
    },

    // Without RETURNING the rows would be unknown.
    updateHeld: () => sql`SELECT 1`,

    together: () => null,

    isRepeated: (error) => REPEATED.has((error as { code?: unknown }).code),
    isConflict: (error) => (error as { code?: unknown }).code === 'ER_DUP_ENTRY',
    isTransient: (error) => TRANSIENT.has((error as { code?: unknown }).code),

    readInOrder: (db, use) => use(db),

    transaction: (db, use) => db.transaction().setIsolationLevel('read committed').execute(use),

    async schemaExists(db, schema) {
      const { rows } = await sql`SELECT 1 FROM information_schema.schemata WHERE schema_name = ${schema}`.execute(db);
      return rows.length > 0;
    },

    async tableExists(db, { schema, tablePrefix }, table) {
      const database = schema === undefined ? sql`DATABASE()` : sql`${schema}`;
      const { rows } = await sql`
        SELECT 1 FROM information_schema.tables WHERE table_schema = ${database} AND table_name = ${tablePrefix + table}
      `.execute(db);
      return rows.length > 0;
    },

    exclusively: (db, lock, use) =>
      db.connection().execute(async (connection) => {
        // Such a lock belongs to the server, not to a database, and its name is short.
        const key = sql`SHA1(CONCAT(DATABASE(), '/', ${lock}))`;
        await acquire(
          connection,
          sql<{ acquired: number | null }>`SELECT GET_LOCK(${key}, ${LOCK_PATIENCE_SECONDS}) AS acquired`,
        );
        try {
          return await use(connection);
        } finally {
          await sql`SELECT RELEASE_LOCK(${key})`.execute(connection);
        }
      }),
  };
}

async function acquire(
  db: QueryExecutorProvider,
  query: ReturnType<typeof sql<{ acquired: number | null }>>,
): Promise<void> {
  const { rows } = await query.execute(db);
  if (Number(rows[0]?.acquired) === 1) return;
  throw new ConfigurationError(
    `Another node has held the lock for migrations for more than ${LOCK_PATIENCE_SECONDS} s; see SHOW PROCESSLIST`,
  );
}

/* Collations that compare by code point, and see a space at the end. */
export const mariadbDialect = mysqlFamily('mariadb', 'utf8mb4_nopad_bin');
export const mysqlDialect = mysqlFamily('mysql', 'utf8mb4_0900_bin');

/**
 * Whether a column holds one of these keys, where each key is written into the statement. MariaDB and MySQL look rows up by
 * such a list; a subquery over rows that come with the statement they go through again for each row of the table.
 */
function amongWritten(column: RawBuilder<unknown>, keys: readonly string[]): RawBuilder<unknown> {
  return keys.length === 0 ? sql`1 = 0` : sql`${column} IN (${sql.join(keys)})`;
}
