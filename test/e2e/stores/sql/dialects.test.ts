import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

/** The columns that migrations have added. */
const ADDED_LATER = Object.fromEntries(
  ['runs_left', 'name_key', 'search', 'trigger_type', 'declared', 'last_run'].map((name) => [name, null]),
);

describe.each(databases.filter(({ available }) => available))('The dialect of $title', ({ name, fresh }) => {
  let database: SqlDatabase;

  const works = async (statement: string): Promise<boolean> => {
    try {
      await database.kysely.transaction().execute((transaction) => sql.raw(statement).execute(transaction));
      return true;
    } catch {
      return false;
    }
  };

  beforeAll(async () => {
    database = await openDatabase(readOptions({ url: await fresh() }));
  }, 30_000);

  afterAll(() => database.close());

  it('is found out by what it talks to', () => {
    expect(database.dialect.name).toBe(name);
  });

  it('says what the database can do', async () => {
    const { skipLocked, notify, returning } = database.dialect;
    expect({
      skipLocked: await works('SELECT * FROM scheduler_jobs FOR UPDATE SKIP LOCKED'),
      notify: await works('LISTEN changes'),
      returning: await works('UPDATE scheduler_jobs SET paused = 1 RETURNING id'),
    }).toEqual({ skipLocked, notify: notify !== null, returning });
  });

  it("asks for the store's time in epoch milliseconds, whatever time zone the session has", async () => {
    const { kysely, dialect } = database;
    await kysely.connection().execute(async (connection) => {
      if (name === 'postgres') await sql`SET TIME ZONE 'Pacific/Apia'`.execute(connection);
      if (name === 'mariadb') await sql`SET time_zone = '+13:00'`.execute(connection);
      const before = Date.now();
      const { rows } = await sql<{ now: number }>`SELECT ${dialect.now} AS now`.execute(connection);
      const now = Number(rows[0]?.now);
      expect(Number.isInteger(now)).toBe(true);
      // The server is on this machine, and may cut a part of a millisecond off.
      expect(now).toBeGreaterThanOrEqual(before - 1);
      expect(now).toBeLessThanOrEqual(Date.now() + 1);
    });
  });

  it('keeps ids apart that are not the same to the last space, and finds each', async () => {
    const { kysely, dialect } = database;
    const ids = [
      'a',
      'A',
      'a ',
      ' a',
      'á',
      'a\u0301',
      'ａ',
      'ß',
      'ss',
      'İ',
      'i',
      '日本',
      '😀',
      '😁',
      '%',
      '_',
      "'",
      '\\',
      '"',
    ];
    ids.push('😀'.repeat(95), 'ü'.repeat(191));
    const meta = sql.table('scheduler_meta');
    for (const id of ids) await sql`INSERT INTO ${meta} VALUES ('ids', ${id}, ${id})`.execute(kysely);
    for (const id of ids) {
      const { rows } = await sql`SELECT value FROM ${meta} WHERE namespace = 'ids' AND name = ${id}`.execute(kysely);
      expect(rows).toEqual([{ value: id }]);
    }
    const onConflict = sql.raw(dialect.onConflictUpdate(['namespace', 'name'], ['value']));
    await sql`INSERT INTO ${meta} VALUES ('ids', 'a', 'other') ${onConflict}`.execute(kysely);
    const { rows } = await sql`SELECT value FROM ${meta} WHERE namespace = 'ids' AND name IN ('a', 'A')`.execute(
      kysely,
    );
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(expect.arrayContaining([{ value: 'other' }, { value: 'A' }]));
  });

  it('keeps text of any length, and whole numbers beyond 32 bits', async () => {
    const { kysely } = database;
    const text = '{"text":"\\u0000 😀 '.padEnd(1_000_000, 'x');
    const names = { namespace: 'long', id: '1', uid: '1', task: text, executor: 'default' };
    const job = { ...names, spec: text, spec_hash: '1', paused: 1 };
    const instants = {
      next_run_time: 8.64e15,
      next_nominal_time: null,
      created_at: -1,
      updated_at: 2 ** 45,
    };
    const values = { ...job, ...instants };
    const columns = sql.join(Object.keys(values).map((column) => sql.ref(column)));
    await sql`INSERT INTO scheduler_jobs (${columns}) VALUES (${sql.join(Object.values(values))})`.execute(kysely);
    const { rows } = await sql<Record<string, unknown>>`
      SELECT * FROM scheduler_jobs WHERE namespace = 'long'
    `.execute(kysely);
    // Some drivers give whole numbers of 64 bits as text.
    const numbers = ['next_run_time', 'created_at', 'updated_at'].map((column) => [column, Number(rows[0]?.[column])]);
    expect({ ...rows[0], ...Object.fromEntries(numbers) }).toEqual({ ...values, ...ADDED_LATER });
  });

  it('is given rows with a statement as they are, whatever their text holds', async () => {
    const texts = [
      '',
      ' ',
      '"',
      '\\',
      '\\"',
      '{',
      '}',
      '{a,b}',
      ',',
      'NULL',
      'null',
      "'",
      '`',
      '\n\t\r',
      '%_',
      '日本\u{1F600}',
    ];
    const rows = [
      ...texts.map((text, n) => ({ n, text, time: 1_893_456_000_000 + n, share: n / 7, other: 'not asked for' })),
      { n: 99, text: null, time: null, share: null },
    ];
    const columns = { n: 'integer', text: 'text?', time: 'bigint?', share: 'fraction?' } as const;
    const given = database.dialect.rows(rows, columns);
    const { rows: found } = await sql<Record<string, unknown>>`SELECT x.* FROM ${given} ORDER BY n`.execute(
      database.kysely,
    );
    const number = (value: unknown): number | null => (value === null ? null : Number(value));
    expect(found.map(({ text }) => text)).toEqual([...texts, null]);
    expect(found.map(({ time }) => number(time))).toEqual(rows.map(({ time }) => time));
    expect(found.map(({ share }) => number(share))).toEqual(rows.map(({ share }) => share));
    expect(Object.keys(found[0] ?? {}).sort()).toEqual(['n', 'share', 'text', 'time']);
  });

  it('lets one in at a time', async () => {
    const { kysely, dialect } = database;
    const seen: string[] = [];
    await Promise.all(
      ['one', 'two', 'three'].map((who) =>
        dialect.exclusively(kysely, 'test', async (connection) => {
          seen.push(`${who} in`);
          for (let query = 0; query < 3; query++) await sql`SELECT 1`.execute(connection);
          seen.push(`${who} out`);
        }),
      ),
    );
    for (const [index, step] of seen.entries()) {
      if (index % 2 === 1) expect(step).toBe(seen[index - 1]?.replace(' in', ' out'));
    }
    expect(seen).toHaveLength(6);
  });

  it('lets the next one in when one fails', async () => {
    const { kysely, dialect } = database;
    const fail = dialect.exclusively(kysely, 'test', () => Promise.reject(new Error('broken')));
    await expect(fail).rejects.toThrow('broken');
    expect(await dialect.exclusively(kysely, 'test', () => Promise.resolve('in'))).toBe('in');
  });
});
