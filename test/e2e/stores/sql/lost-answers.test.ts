import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import { ManualClock, RunLostError, Scheduler, silentLogger, type RunContext } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NodeLease } from '../../../../lib/stores/sql/nodes/node-lease.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';

const { transaction } = SqlSession.prototype;

const hasSome = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
/** Whether a transaction has claimed due work. */
const isClaim = (answer: unknown): boolean => hasSome((answer as { claimed?: unknown } | undefined)?.claimed);
/** Whether a transaction has recorded runs. */
const isRecord = (answer: unknown): boolean => hasSome((answer as { written?: unknown } | undefined)?.written);

describe('Where the answer to a COMMIT is lost', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function world() {
    const clock = new ManualClock();
    const file = new Database(':memory:');
    const dialect = new SqliteDialect({ database: file });
    const store = new SqlJobStore({ dialect, time: 'node', pollInterval: Infinity });
    const scheduler = new Scheduler({ clock, jobStores: { default: store }, logger: silentLogger });
    const starting = vi.spyOn(NodeLease.prototype, 'start');
    const attempts: number[] = [];
    scheduler.registerTask('work', ({ attempt }: RunContext) => attempts.push(attempt));
    await scheduler.start();
    const lease = starting.mock.contexts.at(-1) as NodeLease;
    const loseLease = (): Promise<void> => {
      file.exec('DELETE FROM scheduler_nodes');
      return lease.beat();
    };
    return { clock, file, scheduler, attempts, loseLease };
  }

  /** Calls a hook with what the first transaction that fits comes to, after its commit and before its answer. */
  function onFirst(fits: (answer: unknown) => boolean, hook: () => Promise<void> | never): () => number {
    let times = 0;
    vi.spyOn(SqlSession.prototype, 'transaction').mockImplementation(async function (this: SqlSession, use) {
      const answer = await transaction.call(this, use);
      if (fits(answer) && times++ === 0) await hook();
      return answer;
    });
    return () => times;
  }

  const cutOff = (): never => {
    throw new Error('the connection is gone');
  };

  it('of a claim, its runs are lost after three heartbeats, and made again', async () => {
    const { clock, scheduler, attempts } = await world();
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: 1000 });
    onFirst(isClaim, cutOff);
    await clock.advance('14s');
    expect(attempts).toEqual([]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'running' }]);
    await clock.advance('6s');
    expect(attempts).toEqual([2]);
    const { runs } = await scheduler.getRuns();
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'lost']);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it('of a claim that leaves the last time of a job out, the miss is recorded once and the job is gone', async () => {
    const { clock, scheduler, attempts } = await world();
    await scheduler.pause();
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: 1000, misfireGraceTime: 1 });
    await clock.advance('5s');
    const times = onFirst(isClaim, cutOff);
    await scheduler.resume();
    await clock.advance('1m');
    expect(times()).toBe(1);
    expect(attempts).toEqual([]);
    expect(await scheduler.getJobs()).toEqual([]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ jobId: 'once', state: 'missed', reason: 'misfire' }]);
    await scheduler.shutdown();
  });

  it('of an outcome, it is recorded once and the job is gone', async () => {
    const { clock, scheduler, attempts } = await world();
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: 1000 });
    onFirst(isRecord, cutOff);
    await clock.advance('1m');
    expect(attempts).toEqual([1]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'succeeded', attempt: 1 }]);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it('of a run by hand, who asked is told that it failed, and it is made as a second attempt', async () => {
    const { clock, scheduler, attempts } = await world();
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', hours: 1 });
    onFirst(isRecord, cutOff);
    await expect(scheduler.runJob('a')).rejects.toThrow('the connection is gone');
    await clock.advance('20s');
    expect(attempts).toEqual([2]);
    await scheduler.shutdown();
  });

  it('and its outcome with it, a run is lost after three heartbeats, and its job goes on', async () => {
    const { clock, file, scheduler, attempts } = await world();
    await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate: 1000 });
    onFirst(isClaim, () => {
      file.exec('CREATE TABLE kept_runs AS SELECT * FROM scheduler_runs');
      file.exec('CREATE TABLE kept_jobs AS SELECT * FROM scheduler_jobs');
      return Promise.resolve();
    });
    await clock.advance('2s');
    expect(attempts).toEqual([1]);
    // The server comes back as it was before the outcome was committed.
    file.exec('DELETE FROM scheduler_runs; INSERT INTO scheduler_runs SELECT * FROM kept_runs');
    file.exec('INSERT INTO scheduler_jobs SELECT * FROM kept_jobs');
    await clock.advance('20s');
    expect(attempts).toEqual([1, 2]);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it.each(['claimed', 'run by hand'])(
    'though the lease was lost before it, a %s run is made once, by whoever rescues it',
    async (how) => {
      const { clock, scheduler, attempts, loseLease } = await world();
      await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', hours: 1 });
      onFirst(how === 'claimed' ? isClaim : isRecord, loseLease);
      if (how === 'claimed') await clock.advance('1h');
      else await expect(scheduler.runJob('a')).rejects.toThrow(RunLostError);
      await clock.advance('10s');
      expect(attempts).toEqual([2]);
      const { runs } = await scheduler.getRuns();
      expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'lost']);
      await scheduler.shutdown();
    },
  );
});
