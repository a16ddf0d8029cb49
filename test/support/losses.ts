import { Redis } from 'ioredis';
import type { StoreUnderTest } from 'nestjs-apscheduler/testing';
import { plainSql } from './sql/plain-sql.js';

type Losses = Required<Pick<StoreUnderTest, 'empty' | 'backUp'>>;

let backups = 0;

/** Ways in which a SQL store loses what it has in a namespace. */
export function lossesInSql(url: string, namespace: string): Losses {
  const rows = `namespace = '${namespace}' OR (namespace = '' AND id = '${namespace}')`;
  const partsOf = (part: string): readonly (readonly [table: string, where: string])[] => [
    ['jobs', rows],
    ...(part === 'jobs' ? [] : (['runs', 'nodes', 'meta', 'completed'] as const).map((table) => [table, own] as const)),
  ];
  const own = `namespace = '${namespace}'`;
  const all = (statements: readonly string[]): Promise<unknown> =>
    plainSql(url, ['BEGIN', ...statements, 'COMMIT'].join('; '));
  return {
    async empty(part) {
      await all(partsOf(part).map(([table, where]) => `DELETE FROM scheduler_${table} WHERE ${where}`));
    },
    async backUp(part) {
      const prefix = `backup_${++backups}_`;
      const copies = partsOf(part).map(
        ([table, where]) => `CREATE TABLE ${prefix}${table} AS SELECT * FROM scheduler_${table} WHERE ${where}`,
      );
      await plainSql(url, copies.join('; '));
      return async () => {
        await all(
          partsOf(part).flatMap(([table, where]) => [
            `DELETE FROM scheduler_${table} WHERE ${where}`,
            `INSERT INTO scheduler_${table} SELECT * FROM ${prefix}${table}`,
          ]),
        );
      };
    },
  };
}

/** Ways in which a Redis store loses what it has under a prefix. */
export function lossesOnRedis(url: string, prefix: string): Losses {
  const using = async <T>(use: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(url);
    try {
      return await use(client);
    } finally {
      client.disconnect();
    }
  };
  const keysOf = async (client: Redis, part: string): Promise<string[]> => {
    const keys = await client.keys(`${prefix}*`);
    return part === 'all' ? keys : keys.filter((key) => /:(jobs|state|due)$/.test(key));
  };
  const empty = async (client: Redis, part: string): Promise<void> => {
    const keys = await keysOf(client, part);
    if (keys.length > 0) await client.del(...keys);
  };
  return {
    empty: (part) => using((client) => empty(client, part)),
    backUp: (part) =>
      using(async (client) => {
        const keys = await keysOf(client, part);
        const copies = await Promise.all(keys.map(async (key) => [key, await client.dumpBuffer(key)] as const));
        return () =>
          using(async (again) => {
            await empty(again, part);
            for (const [key, copy] of copies) await again.restore(key, 0, copy);
          });
      }),
  };
}
