import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
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

describe('Schedulers on SQLite lose no time and double none, and say how they are, when', () => {
  let world: OutageWorld | undefined;
  let files = 0;
  const databases: InstanceType<typeof Database>[] = [];

  async function begin(): Promise<OutageWorld> {
    const file = join(folder, `${++files}.db`);
    databases.length = 0;
    world = await OutageWorld.start(() => {
      const database = new Database(file, { timeout: 25 });
      database.pragma('journal_mode = WAL');
      databases.push(database);
      return new SqlJobStore({ dialect: new SqliteDialect({ database }) });
    }, result);
    return world;
  }

  const setAll = (pragma: string): void => {
    for (const database of databases) database.pragma(pragma);
  };

  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  it('the file may not grow, and may again', { timeout: 60_000 }, async () => {
    const outage = await begin();
    // As many pages as there are: the next one that is needed does not fit.
    setAll('max_page_count = 1');
    expect(await outage.isDown()).toBe('database or disk is full');
    outage.endLong();
    expect(await outage.answer('POST /scheduler/jobs', largeJob())).toMatch(/^503 .*disk is full/);
    setAll('max_page_count = 1000000');
    expect(await outage.damage()).toEqual(NO_DAMAGE);
  });

  it('the file may not be written to, and may again', { timeout: 60_000 }, async () => {
    const outage = await begin();
    setAll('query_only = on');
    expect(await outage.isDown()).toBe('attempt to write a readonly database');
    outage.endLong();
    expect(await outage.unrefused({ reads: false })).toEqual([]);
    setAll('query_only = off');
    expect(await outage.damage()).toEqual(NO_DAMAGE);
  });

  it('another writer keeps the lock for longer than five seconds', { timeout: 60_000 }, async () => {
    const outage = await begin();
    const writer = new Database(join(folder, `${files}.db`));
    writer.exec('BEGIN IMMEDIATE');
    // Long before the writes give up, which takes 30 s.
    expect(await outage.isDown()).toBe('It does not answer');
    outage.endLong();
    writer.exec('COMMIT');
    writer.close();
    expect(await outage.damage()).toEqual(NO_DAMAGE);
  });
});

const title = SmallDisk.isAllowed ? '' : ' (not tested: file systems may not be mounted here)';

describe.runIf(SmallDisk.isAllowed)(`When the disk of a SQLite file is full${title}`, () => {
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
