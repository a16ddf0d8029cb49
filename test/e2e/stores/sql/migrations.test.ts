import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../lib/engine/errors.js';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import type { SqlUrlOptions } from '../../../../lib/stores/sql/options/sql-store-options.js';
import { exportDdl } from '../../../../lib/stores/sql/schema/export-ddl.js';
import { SCHEMA_VERSION } from '../../../../lib/stores/sql/schema/migrations.js';
import { openDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { dumpTables } from '../../../support/sql/table-dump.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();
const startingNode = fileURLToPath(new URL('../../../support/sql/starting-node.ts', import.meta.url));

async function openAndClose(options: SqlUrlOptions): Promise<void> {
  const database = await openDatabase(readOptions(options));
  await database.close();
}

const versionIn = async (url: string): Promise<unknown> =>
  (await plainSql(url, `SELECT value FROM scheduler_meta WHERE name = 'schema_version'`)).map(({ value }) => value);

/** A process that has loaded everything, and opens the database when it is told to. */
async function startNode(url: string): Promise<() => Promise<unknown>> {
  const node = spawn(process.execPath, ['--import', 'tsx', startingNode, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(node.stdout);
  expect(await once(lines, 'line')).toEqual(['ready']);
  return async () => {
    node.stdin.write('go\n');
    return (await once(node, 'exit'))[0];
  };
}

describe.each(databases)('On $title', { timeout: 30_000 }, ({ name, available, fresh }) => {
  describe.runIf(available)('a store', () => {
    it('makes its tables, and leaves those of its own release alone', async () => {
      const url = await fresh();
      await openAndClose({ url });
      const tables = await dumpTables(url);
      expect(JSON.stringify(tables)).toMatch(/scheduler_jobs.*scheduler_meta.*scheduler_nodes.*scheduler_runs/s);
      await plainSql(url, `INSERT INTO scheduler_meta VALUES ('mine', 'note', 'kept')`);
      await openAndClose({ url });
      expect(await dumpTables(url)).toEqual(tables);
      expect(await plainSql(url, `SELECT value FROM scheduler_meta WHERE namespace = 'mine'`)).toEqual([
        { value: 'kept' },
      ]);
      expect(await versionIn(url)).toEqual([String(SCHEMA_VERSION)]);
    });

    it('starts after somebody has emptied all of its tables', async () => {
      const url = await fresh();
      await openAndClose({ url });
      const tables = await dumpTables(url);
      await plainSql(
        url,
        ['jobs', 'runs', 'nodes', 'meta', 'completed'].map((table) => `DELETE FROM scheduler_${table}`).join('; '),
      );
      await openAndClose({ url });
      expect(await dumpTables(url)).toEqual(tables);
      expect(await versionIn(url)).toEqual([String(SCHEMA_VERSION)]);
    });

    it('makes them once when eight start at once', async () => {
      const [alone, together] = await Promise.all([fresh(), fresh()]);
      await openAndClose({ url: alone });
      await Promise.all(Array.from({ length: 8 }, () => openAndClose({ url: together })));
      expect(await dumpTables(together)).toEqual(await dumpTables(alone));
      expect(await versionIn(together)).toEqual([String(SCHEMA_VERSION)]);
    });

    it('refuses the tables of a later release, and leaves them alone', async () => {
      const url = await fresh();
      await openAndClose({ url });
      await plainSql(url, `UPDATE scheduler_meta SET value = '99' WHERE name = 'schema_version'`);
      for (const autoMigrate of [true, false]) {
        await expect(openAndClose({ url, autoMigrate })).rejects.toThrow(
          new ConfigurationError(
            'The tables "scheduler_*" have version 99, made by a later release of nestjs-apscheduler; this one knows ' +
              `versions up to ${SCHEMA_VERSION}: upgrade it, or give it tables of its own with tablePrefix`,
          ),
        );
      }
      expect(await versionIn(url)).toEqual(['99']);
    });

    it('has the same tables when an application makes them from the exported statements', async () => {
      const [migrated, applied] = await Promise.all([fresh(), fresh()]);
      await openAndClose({ url: migrated });
      await plainSql(applied, exportDdl({ database: name }));
      expect(await dumpTables(applied)).toEqual(await dumpTables(migrated));
      expect(await versionIn(applied)).toEqual(await versionIn(migrated));
    });

    it('says how to make the tables that it must not make itself, and works with them', async () => {
      const url = await fresh();
      await expect(openAndClose({ url, autoMigrate: false })).rejects.toThrow(
        `are missing or older than this release: apply what exportDdl({ database: '${name}' }) writes, or set autoMigrate`,
      );
      expect(await dumpTables(url)).toEqual([]);
      await plainSql(url, exportDdl({ database: name }));
      await expect(openAndClose({ url, autoMigrate: false })).resolves.toBeUndefined();
    });

    it('has tables of its own under a prefix of its own', async () => {
      const url = await fresh();
      await openAndClose({ url });
      const tables = await dumpTables(url);
      await openAndClose({ url, tablePrefix: 'Billing_' });
      await plainSql(url, exportDdl({ database: name, tablePrefix: '' }));
      await openAndClose({ url, tablePrefix: '', autoMigrate: false });
      expect(await dumpTables(url)).toHaveLength(tables.length * 3);
    });

    it('takes a migration up again that broke off', async () => {
      const [whole, broken] = await Promise.all([fresh(), fresh()]);
      await openAndClose({ url: whole });
      if (name === 'mariadb') {
        // Each of its statements is final: this is what a node leaves that dies after the second.
        await plainSql(broken, exportDdl({ database: name }).split(';\n').slice(0, 2).join(';\n'));
      } else {
        await plainSql(broken, 'CREATE TABLE scheduler_runs (mine INTEGER)');
        await expect(openAndClose({ url: broken })).rejects.toThrow(/job_id/);
        await plainSql(broken, 'DROP TABLE scheduler_runs');
        expect(await dumpTables(broken)).toEqual([]);
      }
      await openAndClose({ url: broken });
      expect(await dumpTables(broken)).toEqual(await dumpTables(whole));
    });
  });
});

describe('On SQLite', { timeout: 30_000 }, () => {
  it('a store makes its tables once when four processes start at once', async () => {
    const url = (await databases[0]?.fresh()) ?? '';
    const nodes = await Promise.all(Array.from({ length: 4 }, () => startNode(url)));
    expect(await Promise.all(nodes.map((go) => go()))).toEqual([0, 0, 0, 0]);
    expect(await versionIn(url)).toEqual([String(SCHEMA_VERSION)]);
  });
});

describe.runIf(databases[1]?.available)('On PostgreSQL', () => {
  it('a store has its tables in a schema of its own, which is made where it is missing', async () => {
    const url = (await databases[1]?.fresh()) ?? '';
    await plainSql(url, exportDdl({ database: 'postgres', schema: 'Applied' }));
    await openAndClose({ url, schema: 'Applied', autoMigrate: false });
    await openAndClose({ url, schema: 'Migrated' });
    const tables = await dumpTables(url);
    const inSchema = (schema: string): string[] =>
      tables.map((table) => JSON.stringify(table)).filter((table) => table.includes(schema));
    expect(inSchema('Applied')).not.toEqual([]);
    expect(inSchema('Applied').map((table) => table.replaceAll('Applied', 'Migrated'))).toEqual(inSchema('Migrated'));
    expect(inSchema('public')).toEqual([]);
  });

  it('a store needs no right to make schemas where its schema is there', async () => {
    const url = (await databases[1]?.fresh()) ?? '';
    const role = `role_${new URL(url).pathname.slice(1, 20)}`;
    await plainSql(url, `CREATE ROLE ${role} LOGIN; CREATE SCHEMA jobs AUTHORIZATION ${role}`);
    const theirs = new URL(url);
    theirs.username = role;
    await expect(openAndClose({ url: theirs.href, schema: 'jobs' })).resolves.toBeUndefined();
    await expect(openAndClose({ url: theirs.href, schema: 'others' })).rejects.toThrow(
      /permission denied for database/,
    );
    await plainSql(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});

describe.runIf(databases[2]?.available)('On MariaDB', () => {
  it('a store has its tables in another database when that is its schema', async () => {
    const [here = '', there = ''] = [await databases[2]?.fresh(), await databases[2]?.fresh()];
    await openAndClose({ url: here, schema: new URL(there).pathname.slice(1) });
    expect(await dumpTables(here)).toEqual([]);
    expect(await versionIn(there)).toEqual([String(SCHEMA_VERSION)]);
    await expect(openAndClose({ url: here, schema: 'nowhere' })).rejects.toThrow('There is no schema "nowhere"');
  });
});
