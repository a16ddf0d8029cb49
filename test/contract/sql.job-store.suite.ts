import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describeJobStore } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';
import { damageSql } from '../support/damage.js';
import { lossesInSql } from '../support/losses.js';
import { testDatabases, type TestDatabase } from '../support/sql/test-databases.js';

/** The tests that every job store must pass, for SQL on one kind of database. Each has a file: files run side by side. */
export async function describeSqlJobStore(kind: TestDatabase['name']): Promise<void> {
  const [database] = (await testDatabases()).filter(({ name }) => name === kind);
  describe.runIf(database?.available)(`On ${database?.title}`, () => {
    let namespaces = 0;
    let url: Promise<string> | undefined;

    describeJobStore(
      `SQL (${database?.title})`,
      async () => {
        url ??= (database as TestDatabase).fresh();
        const options = { url: await url, namespace: `n${++namespaces}`, time: 'node' } as const;
        const open = (): SqlJobStore => new SqlJobStore(options);
        const harm = { ...damageSql(options.url, options.namespace), ...lossesInSql(options.url, options.namespace) };
        return { store: open(), another: open, goesByNodes: true, ...harm };
      },
      { describe, it, walks: 15 },
    );
  });
}
