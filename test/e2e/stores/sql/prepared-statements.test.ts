import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const postgres = (await testDatabases()).filter(({ name, available }) => name === 'postgres' && available);

describe.each(postgres)('A pool of $title', { timeout: 30_000 }, ({ fresh }) => {
  let url: string;
  const open: SqlDatabase[] = [];

  beforeAll(async () => {
    url = await fresh();
  });

  afterAll(() => Promise.all(open.map((database) => database.close())));

  /** With one connection: what it has prepared is what there is. */
  async function session(): Promise<{ readonly session: SqlSession; prepared(): Promise<readonly string[]> }> {
    const options = readOptions({ url, poolSize: 1 });
    const database = await openDatabase(options);
    open.push(database);
    const prepared = async (): Promise<readonly string[]> => {
      const { rows } = await sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(
        database.kysely,
      );
      return rows.map(({ statement }) => statement);
    };
    return { session: new SqlSession(database, options.layout, 'default'), prepared };
  }

  const twice = (n: number): ReturnType<typeof sql<{ doubled: number }>> =>
    sql<{ doubled: number }>`SELECT ${n}::int * 2 AS doubled`;
  const TWICE = 'SELECT $1::int * 2 AS doubled';
  const forget = sql.raw('DEALLOCATE ALL');

  it('prepares what comes again and again, and nothing else', async () => {
    const { session: own, prepared } = await session();
    await own.read(twice(1));
    expect(await prepared()).not.toContain(TWICE);
    for (let n = 2; n <= 5; n++) expect(await own.read(twice(n))).toEqual([{ doubled: n * 2 }]);
    expect(await prepared()).toContain(TWICE);
    expect((await prepared()).filter((statement) => statement.includes('CREATE TABLE'))).toEqual([]);
  });

  it('goes on without, where what stands between forgets them', async () => {
    const { session: own, prepared } = await session();
    for (let n = 1; n <= 4; n++) await own.read(twice(n));
    await own.read(forget);
    for (let n = 1; n <= 4; n++) expect(await own.read(twice(n))).toEqual([{ doubled: n * 2 }]);
    expect(await prepared()).toEqual([]);
  });

  it('makes a transaction anew in which one was forgotten, once', async () => {
    const { session: own } = await session();
    for (let n = 1; n <= 4; n++) await own.read(twice(n));
    let tries = 0;
    const doubled = await own.transaction(async (db) => {
      tries++;
      await sql`INSERT INTO ${own.meta} (namespace, name, value) VALUES ('default', 'made', ${tries})`.execute(db);
      if (tries === 1) await forget.execute(db);
      return (await twice(21).execute(db)).rows;
    });
    expect(doubled).toEqual([{ doubled: 42 }]);
    expect(await own.read(sql`SELECT value FROM ${own.meta} WHERE name = 'made'`)).toEqual([{ value: '2' }]);
  });

  it('makes nothing of a transaction that fails with its first statement, and goes on', async () => {
    const { session: own } = await session();
    const failing = own.transaction(async (db) => {
      await sql.raw('SELECT 1 / 0').execute(db);
    });
    await expect(failing).rejects.toThrow('division by zero');
    const given = own.transaction(async (db) => {
      await sql`INSERT INTO ${own.meta} (namespace, name, value) VALUES ('default', 'lost', '')`.execute(db);
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    await expect(own.transaction(() => Promise.reject(new Error('at once')))).rejects.toThrow('at once');
    expect(await own.read(sql`SELECT value FROM ${own.meta} WHERE name = 'lost'`)).toEqual([]);
  });
});
