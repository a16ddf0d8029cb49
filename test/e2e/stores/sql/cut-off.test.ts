import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import { ManualClock, Scheduler, silentLogger, type RunContext } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { expect, it } from 'vitest';

/** A database that is gone for the first question after a retry was taken. */
function goneAfterTake(): { readonly dialect: SqliteDialect; readonly failures: () => number } {
  const file = new Database(':memory:');
  let [hasTaken, failures] = [false, 0];
  const database = {
    prepare: (text: string) => {
      if (hasTaken && failures === 0 && text.includes('min(next_run_time)')) {
        failures++;
        throw new Error('the connection is gone');
      }
      if (text.includes('SET retry_at = NULL')) hasTaken = true;
      return file.prepare(text);
    },
    close: () => void file.close(),
  };
  const dialect = new SqliteDialect({ database });
  return { dialect, failures: () => failures };
}

it('What a SQL store has handed out is run, when its database goes away just after it was taken', async () => {
  const { dialect, failures } = goneAfterTake();
  const clock = new ManualClock();
  const store = new SqlJobStore({ dialect, time: 'node', pollInterval: Infinity });
  const scheduler = new Scheduler({ clock, jobStores: { default: store }, logger: silentLogger });
  const attempts: number[] = [];
  scheduler.registerTask('work', ({ attempt }: RunContext) => {
    attempts.push(attempt);
    if (attempt === 1) throw new Error('not this time');
  });
  await scheduler.start();
  const retry = { attempts: 2, delay: 1 };
  await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: clock.now() + 1000, retry });
  await clock.advance('1m');
  await scheduler.shutdown();
  expect(failures()).toBe(1);
  expect(attempts).toEqual([1, 2]);
});
