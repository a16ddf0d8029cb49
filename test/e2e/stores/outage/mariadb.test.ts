import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { testServer } from '../../../support/servers/test-server.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { describeFullDisk } from './full-disk.suite.js';
import { describeSqlOutages } from './sql-outage.suite.js';

const server = await testServer('mariadb');

describe.runIf(server.startable)('Outages', { concurrent: true }, () => {
  describeSqlOutages({
    title: 'MariaDB',
    start: () => server.start(),
    async makeDatabase({ url }, name) {
      // Whoever administrates a server may write to one that is read-only.
      await plainSql(
        url,
        `CREATE DATABASE ${name}; CREATE USER IF NOT EXISTS app IDENTIFIED BY 'secret'; GRANT ALL ON ${name}.* TO app`,
      );
      const database = new URL(url);
      database.pathname = `/${name}`;
      database.username = 'app';
      database.password = 'secret';
      return database.href;
    },
    async makeReadOnly({ url }) {
      await plainSql(url, 'SET GLOBAL read_only = 1');
    },
    async makeWritable({ url }) {
      await plainSql(url, 'SET GLOBAL read_only = 0');
    },
    readOnlyReason: /read-only/,
  });
});

describeFullDisk({
  title: 'MariaDB',
  startable: server.startable,
  start: () => server.start(),
  makeDatabase({ url, folder: site }, folder) {
    // A folder beside the others is a database, wherever it lies.
    symlinkSync(folder, join(site, 'data', 'small'));
    const database = new URL(url);
    database.pathname = '/small';
    return Promise.resolve(database.href);
  },
  reason: /is full/,
});
