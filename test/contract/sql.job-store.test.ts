import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describeJobStore } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';
import { damageSql } from '../support/damage.js';
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
      const damage = damageSql(options.url, options.namespace);
      return { store: new SqlJobStore(options), another: () => new SqlJobStore(options), goesByNodes: true, ...damage };
    },
    { describe, it, walks: 15 },
  );
});
