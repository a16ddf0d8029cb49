import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe } from 'vitest';
import { testDatabases } from '../support/sql/test-databases.js';
import { describeClusterState } from './cluster-state.suite.js';
import { describeJobStore } from './job-store.suite.js';
import { describeRunHistory } from './run-history.suite.js';

const databases = await testDatabases();

describe.each(databases.filter(({ available }) => available))('On $title', { timeout: 60_000 }, ({ title, fresh }) => {
  let namespaces = 0;
  let url: Promise<string> | undefined;

  // On the suite's times, and with nobody else at its tables.
  const makePlace = async (): Promise<() => SqlJobStore> => {
    const options = { url: await (url ??= fresh()), namespace: `n${++namespaces}` };
    return () => new SqlJobStore({ ...options, time: 'node', pollInterval: Infinity });
  };
  const make = async (): Promise<SqlJobStore> => (await makePlace())();

  describeJobStore(`SQL (${title})`, make);
  describeRunHistory(`SQL (${title})`, make);
  describeClusterState(`SQL (${title})`, makePlace);
});
