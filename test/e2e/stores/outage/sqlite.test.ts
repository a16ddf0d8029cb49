import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import { SmallDisk } from '../../../support/small-disk.js';

const folder = mkdtempSync(join(tmpdir(), 'outage-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** What a run leaves behind: more than fits in what is free of a page. */
const result = (): string => randomBytes(3000).toString('hex');

const largeJob = (): object => {
  const args = [randomBytes(40_000).toString('hex')];
  return { id: 'new', func: 'tick', args, trigger: 'interval', hours: 1 };
};

describe(
  'Schedulers on SQLite lose no time and double none, and say how they are, when',
  { concurrent: true, timeout: 60_000 },
  () => {
    let files = 0;

    interface Begun {
      readonly outage: OutageWorld;
      readonly file: string;
      /** Sets it on every connection. */
      readonly setAll: (pragma: string) => void;
    }

    async function begin({ onTestFinished }: TestContext): Promise<Begun> {
      const file = join(folder, `${++files}.db`);
      const databases: InstanceType<typeof Database>[] = [];
      const outage = await OutageWorld.start(() => {
        const database = new Database(file, { timeout: 25 });
        database.pragma('journal_mode = WAL');
        databases.push(database);
        return new SqlJobStore({ dialect: new SqliteDialect({ database }) });
      }, result);
      onTestFinished(() => outage.close());
      const setAll = (pragma: string): void => {
        for (const database of databases) database.pragma(pragma);
      };
      return { outage, file, setAll };
    }

    it('the file may not grow, and may again', async (context) => {
      const { outage, setAll } = await begin(context);
      // As many pages as there are: the next one that is needed does not fit.
      setAll('max_page_count = 1');
      expect(await outage.isDown()).toBe('database or disk is full');
      outage.endLong();
      expect(await outage.answer('POST /scheduler/jobs', largeJob())).toMatch(/^503 .*disk is full/);
      setAll('max_page_count = 1000000');
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('the file may not be written to, and may again', async (context) => {
      const { outage, setAll } = await begin(context);
      setAll('query_only = on');
      expect(await outage.isDown()).toBe('attempt to write a readonly database');
      outage.endLong();
      expect(await outage.unrefused({ reads: false })).toEqual([]);
      setAll('query_only = off');
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('another writer keeps the lock for longer than five seconds', async (context) => {
      const { outage, file } = await begin(context);
      const writer = new Database(file);
      writer.exec('BEGIN IMMEDIATE');
      // Long before the writes give up, which takes 30 s.
      expect(await outage.isDown()).toBe('It does not answer');
      outage.endLong();
      writer.exec('COMMIT');
      writer.close();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });
  },
);

const title = SmallDisk.isAllowed ? '' : ' (not tested: file systems may not be mounted here)';

describe.runIf(SmallDisk.isAllowed)(`When the disk of a SQLite file is full${title}`, { concurrent: true }, () => {
  it('its schedulers wait until it has room, and lose and double no time', { timeout: 60_000 }, async () => {
    const disk = SmallDisk.mount(4);
    const store = (): SqlJobStore => new SqlJobStore({ url: `sqlite:${join(disk.folder, 'jobs.db')}` });
    let outage: OutageWorld | undefined;
    try {
      outage = await OutageWorld.start(store, result);
      disk.fill();
      expect(await outage.isDown()).toMatch(/full|I\/O error/);
      outage.endLong();
      expect(await outage.answer('POST /scheduler/jobs', largeJob())).toMatch(/^503 .*(full|I\/O error)/);
      disk.empty();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    } finally {
      disk.empty();
      await outage?.close();
      disk.remove();
    }
  });
});
