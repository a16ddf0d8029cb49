import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describeJobStore } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';
import { damageSql } from '../support/damage.js';
import { lossesInSql } from '../support/losses.js';
import { testDatabases } from '../support/sql/test-databases.js';

const databases = await testDatabases();

describe.each(databases.filter(({ available }) => available))('On $title', ({ title, fresh }) => {
  let namespaces = 0;
  let url: Promise<string> | undefined;

  describeJobStore(
    `SQL (${title})`,
    async () => {
      url ??= fresh();
      const options = { url: await url, namespace: `n${++namespaces}`, time: 'node' } as const;
      const open = (): SqlJobStore => new SqlJobStore(options);
      const harm = { ...damageSql(options.url, options.namespace), ...lossesInSql(options.url, options.namespace) };
      return { store: open(), another: open, goesByNodes: true, ...harm };
    },
    { describe, it, walks: 15 },
  );
});
