import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import {
  EVENT_JOB_MISSED,
  EVENT_JOB_REMOVED,
  ManualClock,
  Scheduler,
  silentLogger,
  type RunContext,
  type SchedulerEvent,
} from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { expect, it, onTestFinished, vi } from 'vitest';
import { NodeLease } from '../../../../lib/stores/sql/nodes/node-lease.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';

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

it.each(['cut off from the answer', 'cut off from the database', 'without its lease by then'])(
  'A node that leaves a run out, and is %s, tells of it once, and ends its job',
  async (how) => {
    const clock = new ManualClock();
    const file = new Database(':memory:');
    const store = new SqlJobStore({
      dialect: new SqliteDialect({ database: file }),
      time: 'node',
      pollInterval: Infinity,
    });
    const scheduler = new Scheduler({ clock, jobStores: { default: store }, logger: silentLogger });
    const events: SchedulerEvent[] = [];
    scheduler.addListener((event) => events.push(event), EVENT_JOB_MISSED | EVENT_JOB_REMOVED);
    scheduler.registerTask('work', () => undefined);
    const starting = vi.spyOn(NodeLease.prototype, 'start');
    await scheduler.start();
    const lease = starting.mock.contexts.at(-1) as NodeLease;
    await scheduler.pause();
    const runDate = clock.now() + 1000;
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate, misfireGraceTime: 1 });
    await clock.advance('5s');
    const { transaction } = SqlSession.prototype;
    let isDone = false;
    const mock = vi.spyOn(SqlSession.prototype, 'transaction').mockImplementation(async function (
      this: SqlSession,
      use,
    ) {
      const isCut = !isDone && how === 'cut off from the database';
      const answer = await transaction.call(this, async (db) => {
        const given = await use(db);
        if (!isTaking(given)) return given;
        isDone = true;
        if (isCut) throw new Error('the connection is gone');
        return given;
      });
      if (!isTaking(answer)) return answer;
      if (how === 'cut off from the answer' && events.length === 0) throw new Error('the connection is gone');
      if (how === 'without its lease by then' && events.length === 0) {
        file.exec('DELETE FROM scheduler_nodes');
        await lease.beat();
      }
      return answer;
    });
    onTestFinished(() => {
      mock.mockRestore();
      starting.mockRestore();
    });
    await scheduler.resume();
    await clock.advance('1m');
    expect(isDone).toBe(true);
    expect(events.map(({ code }) => code)).toEqual([EVENT_JOB_MISSED, EVENT_JOB_REMOVED]);
    expect(await scheduler.getJobs()).toEqual([]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ jobId: 'once', state: 'missed', reason: 'misfire' }]);
    await scheduler.shutdown();
  },
);

/** Whether it is what came of taking due work, with some. */
function isTaking(answer: unknown): boolean {
  return ((answer as { taken?: readonly unknown[] } | undefined)?.taken?.length ?? 0) > 0;
}
