import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { ManualClock, Scheduler, silentLogger } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { expect, it } from 'vitest';

it('A node gives its lease back when it stops, though it could not renew it the last time', async () => {
  const file = new Database(':memory:');
  let failures = 0;
  const database = {
    prepare: (text: string) => {
      if (failures === 0 && text.includes('SET seen_at')) {
        failures++;
        throw new Error('the disk is gone');
      }
      return file.prepare(text);
    },
    close: () => undefined,
  };
  const kysely = new Kysely({ dialect: new SqliteDialect({ database }) });
  const nodes = (): unknown => file.prepare('SELECT count(*) AS count FROM scheduler_nodes').get();
  const clock = new ManualClock();
  const store = new SqlJobStore({ kysely, time: 'node', pollInterval: Infinity });
  const scheduler = new Scheduler({ clock, logger: silentLogger, jobStores: { default: store } });
  await scheduler.start();
  await clock.advance('6s');
  expect(failures).toBe(1);
  expect(nodes()).toEqual({ count: 1 });
  await scheduler.shutdown();
  expect(nodes()).toEqual({ count: 0 });
  await kysely.destroy();
  file.close();
});
