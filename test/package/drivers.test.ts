import { beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';
import { makeProject, nodeOf, NPM_WITHOUT_PEERS } from './project.js';
import { run } from './run.js';

const servers = await Promise.all([testServer('postgres'), testServer('mariadb'), testServer('redis')]);
const [postgres, mariadb, redis] = servers;
const areAvailable = servers.every(({ available }) => available);

async function databases(): Promise<Record<string, string>> {
  const [forPostgres, forMariadb, forRedis] = await Promise.all([postgres.room(), mariadb.room(), redis.room()]);
  return { sqlite: 'sqlite:jobs.db', postgres: forPostgres.url, mariadb: forMariadb.url, redis: forRedis.url };
}

interface Drivers {
  readonly end: string;
  readonly packages: readonly string[];
  readonly node: (path: string) => string;
}

const drivers: readonly Drivers[] = [
  {
    end: 'first',
    packages: ['kysely@0.28.0', 'better-sqlite3@12.0.0', 'pg@8.0.3', 'mysql2@3.0.0', 'ioredis@5.0.0'],
    node: () => process.execPath,
  },
  {
    end: 'last',
    // These need Node.js 22.
    packages: ['kysely@0.29', 'better-sqlite3@13', 'pg@8', 'mysql2@3', 'ioredis@6', 'node@22'],
    node: nodeOf,
  },
];
const owners = ['drizzle-orm@0.45', 'knex@3', 'typeorm@1', 'reflect-metadata@0.2'];

describe.runIf(areAvailable).each(drivers)('With the $end release of each driver', ({ end, packages, node }) => {
  let path = '';

  beforeAll(() => {
    path = makeProject({
      name: `drivers-${end}`,
      type: 'module',
      packages: [...packages, ...owners],
      install: NPM_WITHOUT_PEERS,
    });
  });

  it('jobs run on SQLite, PostgreSQL, MariaDB and Redis', async () => {
    const urls = await databases();
    const expected = Object.keys(urls).map((name) => [name, `Hello, ${name}!`]);
    expect(JSON.parse(run(path, node(path), 'drivers.mjs', JSON.stringify(urls)))).toEqual(
      Object.fromEntries(expected),
    );
  });

  it("jobs run on Drizzle's, TypeORM's and Knex's pools, in schemas of their own, and leave the pools open", async () => {
    const { url } = await postgres.room();
    const tables = 8;
    const expected = { drizzle: tables, typeorm: tables, knex: tables };
    expect(JSON.parse(run(path, node(path), 'pools.mjs', url))).toEqual(expected);
  });
});
