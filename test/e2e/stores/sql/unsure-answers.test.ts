import Database from 'better-sqlite3';
import { SqliteDialect } from 'kysely';
import {
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_REMOVED,
  ManualClock,
  RunLostError,
  Scheduler,
  silentLogger,
  type RunContext,
  type SchedulerEvent,
} from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NodeLease } from '../../../../lib/stores/sql/nodes/node-lease.js';
import { UnsureDecisions } from '../../../../lib/stores/sql/due/unsure-decisions.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { gate } from '../../../support/engine.js';

const GONE = new Error('the connection is gone');
const { transaction } = SqlSession.prototype;

/** Whether it is what came of taking due work, with some. */
const isTaking = (answer: unknown): boolean =>
  hasSome((answer as { claimed?: readonly unknown[] } | undefined)?.claimed);
/** Whether it is what came of recording runs, with some. */
const isRecording = (answer: unknown): boolean =>
  hasSome((answer as { written?: readonly unknown[] } | undefined)?.written);
const hasSome = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0;

describe('Where the database does not answer, or answers too late', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function world() {
    const clock = new ManualClock();
    const file = new Database(':memory:');
    const dialect = new SqliteDialect({ database: file });
    const store = new SqlJobStore({ dialect, time: 'node', pollInterval: Infinity });
    const scheduler = new Scheduler({ clock, jobStores: { default: store }, logger: silentLogger });
    const events: SchedulerEvent[] = [];
    scheduler.addListener((event) => events.push(event));
    const starting = vi.spyOn(NodeLease.prototype, 'start');
    await scheduler.start();
    const lease = starting.mock.contexts.at(-1) as NodeLease;
    const loseLease = (): Promise<void> => {
      file.exec('DELETE FROM scheduler_nodes');
      return lease.beat();
    };
    const missOne = async (): Promise<void> => {
      scheduler.registerTask('work', () => undefined);
      await scheduler.pause();
      const runDate = clock.now() + 1000;
      await scheduler.addJob({ id: 'once', task: 'work', trigger: 'date', runDate, misfireGraceTime: 1 });
      await clock.advance('5s');
      await scheduler.resume();
    };
    const isToldOnce = async (): Promise<void> => {
      const told = events.filter(({ code }) => code === EVENT_JOB_MISSED || code === EVENT_JOB_REMOVED);
      expect(told.map(({ code }) => code)).toEqual([EVENT_JOB_MISSED, EVENT_JOB_REMOVED]);
      expect(await scheduler.getJobs()).toEqual([]);
      expect((await scheduler.getRuns()).runs).toMatchObject([{ jobId: 'once', state: 'missed', reason: 'misfire' }]);
    };
    /** A job that is due every second, and never done: from 2 s on it is left out, and until 11 s that is looked at. */
    const skipEachSecond = async () => {
      const stuck = gate();
      scheduler.registerTask('work', () => stuck.promise);
      await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', seconds: 1 });
      await clock.advance('1s');
      const isEachToldOnce = async (): Promise<void> => {
        const told = events.flatMap((event) => (event.code === EVENT_JOB_MAX_INSTANCES ? event.scheduledRunTimes : []));
        expect(told).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((seconds) => seconds * 1000));
        const { runs } = await scheduler.getRuns({ state: 'skipped' });
        expect(runs).toMatchObject([{ nominalTime: 2000, lastNominalTime: 11_000 }]);
      };
      return { stuck, isEachToldOnce };
    };
    return { clock, scheduler, loseLease, missOne, isToldOnce, skipEachSecond };
  }

  /** What becomes of transactions: a hook is called with what each comes to, before that is answered. */
  function onCommit(hook: (answer: unknown) => Promise<void> | void): void {
    vi.spyOn(SqlSession.prototype, 'transaction').mockImplementation(async function (this: SqlSession, use) {
      const answer = await transaction.call(this, use);
      await hook(answer);
      return answer;
    });
  }

  /** The same, while they may still come to nothing. */
  function beforeCommit(hook: (answer: unknown) => void): void {
    vi.spyOn(SqlSession.prototype, 'transaction').mockImplementation(function (this: SqlSession, use) {
      return transaction.call(this, async (db) => {
        const answer = await use(db);
        hook(answer);
        return answer;
      });
    });
  }

  const cutOff = (): never => {
    throw GONE;
  };

  it.each([
    { how: 'cut off from the answer', hookUp: onCommit, takes: 1 },
    { how: 'without its lease by then', hookUp: onCommit, takes: 1 },
    { how: 'cut off before that is noted', hookUp: beforeCommit, takes: 2 },
    { how: 'cut off while it is on its way still when it is looked for', hookUp: onCommit, takes: 1 },
  ])(
    'a node that leaves a run out, and is $how, tells of it once, and ends its job',
    async ({ how, hookUp, takes }) => {
      const { clock, scheduler, loseLease, missOne, isToldOnce } = await world();
      let times = 0;
      hookUp((answer) => {
        if (!isTaking(answer) || times++ > 0) return undefined;
        return how === 'without its lease by then' ? loseLease() : cutOff();
      });
      const looking = vi.spyOn(UnsureDecisions.prototype, 'settle');
      const isLate = how.includes('on its way');
      if (isLate) looking.mockResolvedValueOnce([]);
      await missOne();
      await clock.advance('1m');
      expect(times).toBe(takes);
      if (isLate) expect(looking).toHaveBeenCalledTimes(2);
      await isToldOnce();
      await scheduler.shutdown();
    },
  );

  it.each([
    { when: 'after', hookUp: onCommit },
    { when: 'before', hookUp: beforeCommit },
  ])('a node that is cut off $when it has noted that it skips a time tells of each once', async ({ hookUp }) => {
    const { clock, scheduler, skipEachSecond } = await world();
    const { stuck, isEachToldOnce } = await skipEachSecond();
    let times = 0;
    // The first makes the record, and those after it let it grow.
    hookUp((answer) => {
      if (isTaking(answer) && [1, 2].includes(times++)) throw GONE;
    });
    await clock.advance('10s');
    expect(times).toBeGreaterThan(3);
    await isEachToldOnce();
    stuck.open();
    await scheduler.shutdown();
  });

  it.each(['and that is answered', 'and that is not answered either'])(
    'a node that skips a time, which is noted only after it was looked for, and then the next, %s, tells of both',
    async (then) => {
      const { clock, scheduler, skipEachSecond } = await world();
      const { stuck, isEachToldOnce } = await skipEachSecond();
      let times = 0;
      onCommit((answer) => {
        if (!isTaking(answer)) return;
        times++;
        if (times === 1 || (times === 2 && then === 'and that is not answered either')) throw GONE;
      });
      const { settle } = UnsureDecisions.prototype;
      vi.spyOn(UnsureDecisions.prototype, 'settle').mockImplementation(async function (this: UnsureDecisions) {
        return times < 2 ? [] : settle.call(this);
      });
      await clock.advance('10s');
      expect(times).toBeGreaterThan(2);
      await isEachToldOnce();
      stuck.open();
      await scheduler.shutdown();
    },
  );

  it('a run by hand whose lease is lost before it is answered is made once', async () => {
    const { clock, scheduler, loseLease } = await world();
    const attempts: number[] = [];
    scheduler.registerTask('work', ({ attempt }: RunContext) => attempts.push(attempt));
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', hours: 1 });
    let times = 0;
    onCommit(async (answer) => {
      if (isRecording(answer) && times++ === 0) await loseLease();
    });
    await expect(scheduler.runJob('a')).rejects.toThrow(RunLostError);
    await clock.advance('10s');
    expect(attempts).toEqual([2]);
    const { runs } = await scheduler.getRuns();
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'lost']);
    await scheduler.shutdown();
  });
});
