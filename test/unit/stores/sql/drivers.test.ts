import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../lib/engine/errors.js';
import { loadDriver } from '../../../../lib/stores/sql/connection/load-driver.js';
import { checkSqliteRelease } from '../../../../lib/stores/sql/connection/sqlite-release.js';

const notFound = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /app/store.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

describe('A driver', () => {
  it('that is not installed is named, with what to do', async () => {
    const cause = notFound('pg');
    await expect(loadDriver('pg', 'pg', () => Promise.reject(cause))).rejects.toThrow(
      new ConfigurationError('The package "pg" is not installed: npm install pg', { cause }),
    );
  });

  it('that misses something of its own is not taken for missing', async () => {
    const cause = notFound('pg-pool');
    await expect(loadDriver('pg', 'pg', () => Promise.reject(cause))).rejects.toThrow(
      `The package "pg" cannot be loaded: Cannot find package 'pg-pool' imported from`,
    );
  });

  it('is told as missing in the words of this Node.js', async () => {
    const name = 'no-such-driver';
    await expect(loadDriver(name, `${name}@1`, () => import(/* @vite-ignore */ name))).rejects.toThrow(
      'The package "no-such-driver" is not installed: npm install no-such-driver@1',
    );
  });
});

describe('A release of better-sqlite3', () => {
  it.each([
    ['13.0.0', '20.19.0'],
    ['14.1.2', '20.20.2'],
    ['13.2.0', '21.7.3'],
  ])('is refused before it crashes: %s on Node %s', (release, node) => {
    expect(() => checkSqliteRelease(release, node)).toThrow(
      new ConfigurationError(
        `better-sqlite3 ${release} crashes on Node ${node}: npm install better-sqlite3@12, or use Node 22 or later`,
      ),
    );
  });

  it.each([
    ['12.11.1', '20.19.0'],
    ['13.2.0', '22.0.0'],
    ['13.2.0', '24.1.0'],
    [undefined, '20.19.0'],
  ])('is taken: %s on Node %s', (release, node) => {
    expect(() => checkSqliteRelease(release, node)).not.toThrow();
  });
});
