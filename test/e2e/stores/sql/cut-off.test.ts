import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import { ManualClock, Scheduler } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { expect, it } from 'vitest';

/** A database that is gone for the first question after due work was taken. */
function goneAfterTake(): { readonly dialect: SqliteDialect; arm: () => void; readonly failures: () => number } {
  const file = new Database(':memory:');
  let [isArmed, hasTaken, failures] = [false, false, 0];
  const database = {
    prepare: (text: string) => {
      if (isArmed && text.includes('min(next_run_time)') && hasTaken) {
        isArmed = false;
        failures++;
        throw new Error('the connection is gone');
      }
      if (isArmed && /INSERT INTO "scheduler_runs"/.test(text)) hasTaken = true;
      return file.prepare(text);
    },
    close: () => void file.close(),
  };
  const dialect = new SqliteDialect({ database: database as unknown as Database.Database });
  return { dialect, arm: () => void (isArmed = true), failures: () => failures };
}

it('What a SQL store has handed out is run, when its database goes away just after it was taken', async () => {
  const { dialect, arm, failures } = goneAfterTake();
  const clock = new ManualClock();
  const store = new SqlJobStore({ dialect, time: 'node', pollInterval: Infinity });
  const scheduler = new Scheduler({ clock, jobStores: { default: store } });
  const ran: number[] = [];
  scheduler.registerTask('work', () => void ran.push(clock.now()));
  await scheduler.start();
  const runDate = clock.now() + 1000;
  await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate });
  arm();
  await clock.advance('1m');
  await scheduler.shutdown();
  expect(failures()).toBe(1);
  expect(ran).toEqual([runDate]);
});
