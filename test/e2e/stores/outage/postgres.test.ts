import { randomBytes } from 'node:crypto';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import { testServer } from '../../../support/servers/test-server.js';
import { SmallDisk } from '../../../support/small-disk.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { describeSqlOutages } from './sql-outage.suite.js';

const server = await testServer('postgres');

const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`;

describe.runIf(server.startable)('Outages', () => {
  describeSqlOutages({
    title: 'PostgreSQL',
    start: () => server.start(),
    async makeDatabase({ url }, name) {
      await plainSql(url, `DO $$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
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

const title = SmallDisk.isAllowed ? '' : ' (not tested: file systems may not be mounted here)';

describe.runIf(server.startable && SmallDisk.isAllowed)(`When the disk of PostgreSQL is full${title}`, () => {
  it('schedulers wait until it has room, and lose and double no time', { timeout: 60_000 }, async () => {
    const { url } = await server.start();
    const disk = SmallDisk.mount(16, true);
    let outage: OutageWorld | undefined;
    try {
      await plainSql(url, `CREATE TABLESPACE small LOCATION '${disk.folder}'`);
      await plainSql(url, `CREATE DATABASE small TABLESPACE small`);
      const database = new URL(url);
      database.pathname = '/small';
      const result = (): string => randomBytes(3000).toString('hex');
      outage = await OutageWorld.start(() => new SqlJobStore({ url: database.href }), result);
      disk.fill();
      expect(await outage.isDown()).toMatch(/No space left on device/);
      outage.endLong();
      disk.empty();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    } finally {
      disk.empty();
      await outage?.close();
      disk.remove();
    }
  });
});
