import { sql, type RawBuilder } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { gate } from '../../../support/engine.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const postgres = (await testDatabases()).filter(({ name, available }) => name === 'postgres' && available);

describe.each(postgres)('A transaction of $title', ({ fresh }) => {
  let database: SqlDatabase;
  let session: SqlSession;

  beforeEach(async () => {
    // One connection: what a transaction leaves behind, the next one finds.
    const options = readOptions({ url: await fresh(), poolSize: 1 });
    database = await openDatabase(options);
    session = new SqlSession(database, options.layout, 'default');
    await session.read(sql`CREATE TABLE kept (value int PRIMARY KEY)`);
  });

  afterEach(() => database.close());

  const keep = (value: number): RawBuilder<unknown> => sql`INSERT INTO kept (value) VALUES (${value}::int)`;
  const kept = async (): Promise<readonly number[]> => {
    const rows = await session.read(sql<{ value: number }>`SELECT value FROM kept ORDER BY value`);
    return rows.map(({ value }) => value);
  };
  const seen = sql<{ count: number }>`SELECT count(*)::int AS count FROM kept`;

  it('keeps nothing when the last one fails, and says why', async () => {
    await session.transaction((db) => keep(1).execute(db));
    const failing = session.transaction(async (db) => {
      await keep(2).execute(db);
      await keep(1).execute(db);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    await session.transaction((db) => keep(3).execute(db));
    expect(await kept()).toEqual([1, 3]);
  });

  it('keeps nothing when one of several fails that are under way, nor what was sent after it', async () => {
    await session.transaction((db) => keep(1).execute(db));
    const failing = session.transaction((db) =>
      Promise.all([keep(2).execute(db), keep(1).execute(db), keep(3).execute(db)]),
    );
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await kept()).toEqual([1]);
  });

  it('says of all that fail why the first did', async () => {
    let ends: readonly PromiseSettledResult<unknown>[] = [];
    const failing = session.transaction(async (db) => {
      const sent = [sql`SELECT 1 / 0`.execute(db), keep(1).execute(db), seen.execute(db)];
      ends = await Promise.allSettled(sent);
    });
    await expect(failing).rejects.toThrow('rolled back');
    const reason = expect.objectContaining({ code: '22012' });
    expect(ends).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason })));
  });

  it('keeps nothing when it is given up while one is under way', async () => {
    const begun = gate();
    const failing = session.transaction(async (db) => {
      await keep(1).execute(db);
      const slow = sql`SELECT pg_sleep(0.05)`.execute(db);
      slow.finally(() => begun.open()).catch(() => undefined);
      throw new Error('given up');
    });
    await expect(failing).rejects.toThrow('given up');
    await begun.promise;
    expect(await kept()).toEqual([]);
  });

  it('is made anew when a pooler has forgotten its last one, which is done once then', async () => {
    for (let value = 1; value <= 4; value++) await session.transaction((db) => keep(value).execute(db));
    await session.read(sql.raw('DEALLOCATE ALL'));
    let tries = 0;
    await session.transaction(async (db) => {
      tries++;
      await seen.execute(db);
      await keep(5).execute(db);
    });
    expect(tries).toBe(2);
    expect(await kept()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is kept when a pooler has forgotten whatever has a name, and none of its own statements has one', async () => {
    const plain = (value: number): RawBuilder<unknown> => sql.raw(`INSERT INTO kept (value) VALUES (${value})`);
    for (let value = 1; value <= 4; value++) await session.transaction((db) => plain(value).execute(db));
    await session.read(sql.raw('DEALLOCATE ALL'));
    await session.transaction((db) => plain(5).execute(db));
    expect(await kept()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is not taken for kept when the server has rolled it back', async () => {
    const failing = session.transaction(async (db) => {
      await keep(1).execute(db);
      await sql`SELECT 1 / 0`.execute(db).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await kept()).toEqual([]);
  });
});
