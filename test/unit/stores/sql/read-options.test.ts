import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import type { SqlStoreOptions } from '../../../../lib/stores/sql/options/sql-store-options.js';

const dialect = new SqliteDialect({ database: new Database(':memory:') });
const kysely = new Kysely<object>({ dialect });
const url = 'postgres://db/jobs';

describe("A SQL store's options", () => {
  it('need no more than a URL', () => {
    expect(readOptions({ url })).toEqual({
      connector: {
        by: 'url',
        url: { kind: 'postgres', target: url, shown: url },
        poolSize: 10,
        queryTimeoutMs: 15_000,
      },
      layout: { schema: undefined, tablePrefix: 'scheduler_' },
      namespace: 'default',
      autoMigrate: true,
      pollMs: 1000,
      recoveryAttempts: 3,
      time: 'database',
    });
  });

  it('may bring connections, and say whose tables they are', () => {
    const nodes = { pollInterval: Infinity, recoveryAttempts: 5, time: 'node' } as const;
    const tables = { schema: 'jobs', tablePrefix: '', namespace: 'billing ✓', autoMigrate: false, ...nodes };
    const read = {
      layout: { schema: 'jobs', tablePrefix: '' },
      namespace: 'billing ✓',
      autoMigrate: false,
      pollMs: Infinity,
      recoveryAttempts: 5,
      time: 'node',
    };
    expect(readOptions({ dialect, ...tables })).toEqual({ connector: { by: 'dialect', dialect }, ...read });
    expect(readOptions({ kysely, ...tables })).toEqual({ connector: { by: 'kysely', kysely }, ...read });
  });

  it.each<[object, string]>([
    [{}, 'url or dialect or kysely must be given, one of them, got none'],
    [{ url, kysely }, 'url or dialect or kysely must be given, one of them, got url and kysely'],
    [{ url: 'mongodb://db/jobs' }, 'url must be postgres://, mysql://, mariadb://, or sqlite: and a path'],
    [{ url, table_prefix: 'x' }, 'table_prefix is not known here; known are url, poolSize,'],
    [{ url, poolSize: 0 }, 'poolSize must be a whole number of at least 1, got 0'],
    [{ url, pollInterval: 0 }, 'pollInterval must be a positive number of seconds, at most 86400, or Infinity, got 0'],
    [{ url, recoveryAttempts: 0 }, 'recoveryAttempts must be a whole number of at least 1, got 0'],
    [{ url, time: 'utc' }, 'time must be "database" or "node", got "utc"'],
    [{ url, queryTimeout: '5s' }, 'queryTimeout must be a positive number of seconds, at most 86400, got "5s"'],
    [{ url, queryTimeout: Infinity }, 'queryTimeout must be a positive number of seconds, at most 86400, got Infinity'],
    [
      { url: 'jobs.db', poolSize: 2, schema: 'a' },
      'poolSize has no meaning for SQLite; schema has no meaning for SQLite',
    ],
    [{ dialect, queryTimeout: 5 }, 'queryTimeout goes with url only'],
    [{ dialect: {} }, 'dialect must be a Kysely dialect, got object'],
    [{ kysely: {} }, 'kysely must be a Kysely instance, not a transaction, got object'],
    [{ url, schema: 'a.b' }, 'schema must be up to 63 letters, digits and underscores, no digit first, got "a.b"'],
    [{ url, tablePrefix: 'a"b' }, 'tablePrefix must be up to 30 letters, digits and underscores, no digit first'],
    [{ url, tablePrefix: 'x'.repeat(31) }, 'tablePrefix must be up to 30'],
    [{ url, namespace: '' }, 'namespace must be text of 1 to 64 characters, without NUL, got ""'],
    [{ url, namespace: 'x'.repeat(65) }, 'namespace must be text of 1 to 64'],
    [{ url, namespace: 'a\0' }, 'namespace must be text of 1 to 64'],
    [{ url, autoMigrate: 'no' }, 'autoMigrate must be true or false, got "no"'],
  ])('are refused: %o', (options, problem) => {
    expect(() => readOptions(options as SqlStoreOptions)).toThrow(`Invalid SQL store options: ${problem}`);
  });

  it.each([undefined, null, 'postgres://db/jobs'])('are refused when they are no object: %o', (options) => {
    expect(() => readOptions(options as unknown as SqlStoreOptions)).toThrow('options must be an object');
  });

  it('refuse a transaction, which ends before the store does', async () => {
    await kysely.transaction().execute((transaction) => {
      expect(() => readOptions({ kysely: transaction })).toThrow('not a transaction');
      return Promise.resolve();
    });
  });
});
