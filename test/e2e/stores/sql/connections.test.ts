import Database from 'better-sqlite3';
import { CamelCasePlugin, Kysely, MysqlDialect, PostgresDialect, sql, SqliteDialect } from 'kysely';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from 'mysql2';
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import type { SqlStoreOptions } from '../../../../lib/stores/sql/options/sql-store-options.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { gate } from '../../../support/engine.js';
import { freePort } from '../../../support/servers/free-port.js';
import { TcpProxy } from '../../../support/servers/tcp-proxy.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases, type TestDatabase } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();
const [sqlite, postgres, mariadb] = databases;
const servers = databases.filter(({ name, available }) => name !== 'sqlite' && available);
const folder = mkdtempSync(join(tmpdir(), 'connections-'));
const closing: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true });
});

async function open(options: SqlStoreOptions): Promise<SqlDatabase> {
  const database = await openDatabase(readOptions(options));
  closing.push(() => database.close());
  return database;
}

const one = ({ kysely }: SqlDatabase): Promise<unknown> =>
  sql`SELECT 1 AS one`.execute(kysely).then(({ rows }) => rows);

describe('A SQL store', { timeout: 30_000 }, () => {
  it("keeps its tables by a dialect of the application's own, and leaves its file open", async () => {
    const file = new Database(':memory:');
    const database = await openDatabase(readOptions({ dialect: new SqliteDialect({ database: file }) }));
    expect(database.dialect.name).toBe('sqlite');
    expect(file.prepare('SELECT name FROM scheduler_meta').all()).toEqual([{ name: 'schema_version' }]);
    await database.close();
    expect(file.open).toBe(true);
    file.close();
  });

  it("keeps its tables on the application's own Kysely instance, whatever its plugins, and leaves it open", async () => {
    const file = new Database(':memory:');
    interface Theirs {
      users: { id: number };
    }
    const kysely = new Kysely<Theirs>({
      dialect: new SqliteDialect({ database: file }),
      plugins: [new CamelCasePlugin({ upperCase: true })],
    });
    const database = await openDatabase(readOptions({ kysely }));
    await database.close();
    expect(file.prepare('SELECT name FROM scheduler_meta').all()).toEqual([{ name: 'schema_version' }]);
    await kysely.destroy();
  });

  it('waits while another connection of its process writes to its file, and lets it go on', async () => {
    const url = (await sqlite?.fresh()) ?? '';
    const other = new Database(url.slice('sqlite:'.length));
    other.exec('BEGIN IMMEDIATE; CREATE TABLE theirs (id INTEGER)');
    const opening = open({ url });
    // What is asked of the event loop meanwhile is done.
    await vi.waitFor(() => expect(other.prepare('SELECT count(*) AS rows FROM theirs').get()).toEqual({ rows: 0 }));
    other.exec('COMMIT');
    expect(await one(await opening)).toEqual([{ one: 1 }]);
    other.close();
  });

  it('writes to its file so that readers need not wait, and what was answered is on the disk', async () => {
    const { kysely } = await open({ url: (await sqlite?.fresh()) ?? '' });
    expect((await sql`PRAGMA journal_mode`.execute(kysely)).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await sql`PRAGMA synchronous`.execute(kysely)).rows).toEqual([{ synchronous: 2 }]);
  });

  it('says which file cannot be opened, and why', async () => {
    const text = join(folder, 'notes.db');
    writeFileSync(
      text,
      'This is no database, but it is longer than the header of one, which has a hundred bytes. '.repeat(9),
    );
    await expect(open({ url: text })).rejects.toThrow(
      `The SQLite file "${text}" cannot be opened: file is not a database`,
    );
    const lost = join(folder, 'no/such/jobs.db');
    await expect(open({ url: lost })).rejects.toThrow(
      `The SQLite file "${lost}" cannot be opened: Cannot open database because the directory does not exist`,
    );
  });

  it.each(['postgres', 'mysql'])('says so when nobody listens at its URL: %s', async (scheme) => {
    const port = await freePort();
    // A name may have two addresses, which fail one after the other, without a word.
    for (const host of ['localhost', '127.0.0.1']) {
      const opened = open({ url: `${scheme}://me:secret@${host}:${port}/jobs` });
      // Not CONFIGURATION: the server may still be starting.
      await expect(opened).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(opened).rejects.toThrow(
        new RegExp(
          `^Cannot use the database ${scheme}://${host}:${port}/jobs: connect ECONNREFUSED [^ ]+:${port}(, connect .*)?$`,
        ),
      );
    }
  });

  it('refuses a schema where the database has none', async () => {
    const dialect = new SqliteDialect({ database: new Database(':memory:') });
    await expect(open({ dialect, schema: 'jobs' })).rejects.toThrow('SQLite has no schemas');
  });
});

describe.each(servers)('On $title, a SQL store', { timeout: 30_000 }, ({ name, fresh }) => {
  it('opens no more connections than its pool may have', async () => {
    const url = await fresh();
    const database = await open({ url, poolSize: 2 });
    const sleep = name === 'postgres' ? sql`SELECT pg_sleep(0.05)` : sql`SELECT SLEEP(0.05)`;
    await Promise.all(Array.from({ length: 5 }, () => sleep.execute(database.kysely)));
    const count =
      name === 'postgres'
        ? `SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name = 'nestjs-apscheduler' AND datname = current_database()`
        : 'SELECT count(*) AS connections FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
    expect((await plainSql(url, count)).map(({ connections }) => Number(connections))).toEqual([2]);
  });

  it('gives up a connection that has fallen silent, and goes on when the network is back', async () => {
    const proxy = await TcpProxy.to(await fresh());
    const database = await open({ url: proxy.url, queryTimeout: 0.2, poolSize: 1 });
    proxy.silence();
    await expect(one(database)).rejects.toThrow('The database left a query unanswered for 0.2 s');
    proxy.heal();
    expect(await one(database)).toEqual([{ one: 1 }]);
    await proxy.close();
  });

  it('gives up a transaction whose connection has fallen silent', async () => {
    const proxy = await TcpProxy.to(await fresh());
    const database = await open({ url: proxy.url, queryTimeout: 0.2 });
    const transaction = database.kysely.transaction().execute(async (connection) => {
      proxy.silence();
      await sql`SELECT 1`.execute(connection);
    });
    await expect(transaction).rejects.toThrow('The database left a query unanswered for 0.2 s');
    proxy.heal();
    expect(await one(database)).toEqual([{ one: 1 }]);
    await proxy.close();
  });

  it('does not hold others up by a transaction that stands still, as that of a stopped process does', async () => {
    const url = await fresh();
    const database = await open({ url });
    await plainSql(url, 'CREATE TABLE notes (id INT PRIMARY KEY); INSERT INTO notes VALUES (1)');
    const locked = gate();
    const goOn = gate();
    const transaction = database.kysely.transaction().execute(async (connection) => {
      await sql`SELECT id FROM notes WHERE id = 1 FOR UPDATE`.execute(connection);
      locked.open();
      await goOn.promise;
      await sql`SELECT 1`.execute(connection);
    });
    await locked.promise;
    await plainSql(url, 'DELETE FROM notes');
    goOn.open();
    await expect(transaction).rejects.toThrow(/connection|idle-in-transaction/i);
    expect(await one(database)).toEqual([{ one: 1 }]);
  });

  it('goes on by new connections when its old ones have been cut', async () => {
    const proxy = await TcpProxy.to(await fresh());
    const database = await open({ url: proxy.url });
    proxy.cut();
    await expect(one(database)).rejects.toThrow(/ECONNRESET|terminated|closed|lost/i);
    proxy.heal();
    expect(await one(database)).toEqual([{ one: 1 }]);
    await proxy.close();
  });

  it('looks for a server to write to by a new connection, when the one that it has is only to be read from', async () => {
    const database = await open({ url: await fresh(), poolSize: 1 });
    const session = name === 'postgres' ? sql`SELECT pg_backend_pid() AS id` : sql`SELECT CONNECTION_ID() AS id`;
    const [before] = (await session.execute(database.kysely)).rows;
    expect((await session.execute(database.kysely)).rows).toEqual([before]);
    const readOnly = name === 'postgres' ? sql`SET default_transaction_read_only = on` : null;
    const writes = database.kysely.connection().execute(async (connection) => {
      if (readOnly) {
        await readOnly.execute(connection);
        await sql`CREATE TABLE mine (id INTEGER)`.execute(connection);
      } else {
        // What a server says that has become read-only.
        await sql`SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290, MESSAGE_TEXT = '--read-only'`.execute(connection);
      }
    });
    await expect(writes).rejects.toThrow(/read-only/);
    expect((await session.execute(database.kysely)).rows).not.toEqual([before]);
  });

  it('lets a migration wait for that of another node for longer than a query may take', async () => {
    const url = await fresh();
    const first = await open({ url, tablePrefix: 'first_' });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding = first.dialect.exclusively(first.kysely, '.scheduler_migrations', () => held);
    const opening = open({ url, queryTimeout: 0.1 });
    const waiting =
      name === 'postgres'
        ? `SELECT count(*) AS waiting FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
           WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`
        : `SELECT count(*) AS waiting FROM information_schema.processlist
           WHERE state = 'User lock' AND time_ms > 200 AND db = DATABASE()`;
    await vi.waitFor(async () => {
      expect((await plainSql(url, waiting)).map((row) => Number(row['waiting']))).toEqual([1]);
    }, 10_000);
    release();
    await holding;
    expect(await one(await opening)).toEqual([{ one: 1 }]);
  });
});

describe.runIf(postgres?.available)('On PostgreSQL, a SQL store', () => {
  it("keeps its tables by the application's own pool, and leaves it open", async () => {
    const pool = new pg.Pool({ connectionString: (await postgres?.fresh()) ?? '' });
    const database = await openDatabase(readOptions({ dialect: new PostgresDialect({ pool }) }));
    expect(await one(database)).toEqual([{ one: 1 }]);
    await database.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('says what the server says of a database that is not there', async () => {
    const url = new URL((await postgres?.fresh()) ?? '');
    url.pathname = '/nowhere';
    await expect(open({ url: url.href })).rejects.toThrow('/nowhere: database "nowhere" does not exist');
  });
});

describe.runIf(mariadb?.available)('A MariaDB server that has autocommit off', { timeout: 30_000 }, () => {
  const user = "'manual'@'%'";

  afterAll(async () => {
    if (mariadb) await plainSql(await mariadb.fresh(), `SET GLOBAL init_connect = ''; DROP USER IF EXISTS ${user}`);
  });

  it('is told to commit by the store, and refused where the application makes the connections', async () => {
    const root = await (mariadb as TestDatabase).fresh();
    const url = new URL(root);
    // Only for this user: others use the server at the same time.
    await plainSql(
      root,
      `CREATE USER ${user} IDENTIFIED BY 'x'; GRANT ALL ON \`${url.pathname.slice(1)}\`.* TO ${user};
       SET GLOBAL init_connect = 'SET autocommit = IF(CURRENT_USER() LIKE "manual@%", 0, 1)'`,
    );
    [url.username, url.password] = ['manual', 'x'];
    const { kysely } = await open({ url: url.href });
    const { rows } = await sql`SELECT @@autocommit AS autocommit`.execute(kysely);
    expect(rows).toEqual([{ autocommit: 1 }]);
    const pool = createPool({ uri: url.href.replace('mariadb:', 'mysql:') });
    await expect(open({ dialect: new MysqlDialect({ pool }) })).rejects.toThrow('autocommit');
  });
});
