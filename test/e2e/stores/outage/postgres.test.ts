import { describe } from 'vitest';
import { testServer } from '../../../support/servers/test-server.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { describeFullDisk } from './full-disk.suite.js';
import { describeSqlOutages } from './sql-outage.suite.js';

const server = await testServer('postgres');

const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`;

describe.runIf(server.startable)('Outages', { concurrent: true }, () => {
  describeSqlOutages({
    title: 'PostgreSQL',
    start: () => server.start(),
    async makeDatabase({ url }, name) {
      await plainSql(
        url,
        `DO $$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
      );
      await plainSql(url, `CREATE DATABASE ${name} OWNER app`);
      const database = new URL(url);
      database.pathname = `/${name}`;
      database.username = 'app';
      database.password = 'secret';
      return database.href;
    },
    async makeReadOnly({ url }) {
      await plainSql(url, 'ALTER SYSTEM SET default_transaction_read_only = on');
      await plainSql(url, 'SELECT pg_reload_conf()');
      await plainSql(url, CUT);
    },
    async makeWritable({ url }) {
      const database = new URL(url);
      database.searchParams.set('options', '-c default_transaction_read_only=off');
      await plainSql(database.href, 'ALTER SYSTEM RESET default_transaction_read_only');
      await plainSql(database.href, 'SELECT pg_reload_conf()');
    },
    readOnlyReason: /read-only transaction/,
  });
});

describeFullDisk({
  title: 'PostgreSQL',
  startable: server.startable,
  start: () => server.start(),
  async makeDatabase({ url }, folder) {
    await plainSql(url, `CREATE TABLESPACE small LOCATION '${folder}'`);
    await plainSql(url, `CREATE DATABASE small TABLESPACE small`);
    const database = new URL(url);
    database.pathname = '/small';
    return database.href;
  },
  reason: /No space left on device/,
});
