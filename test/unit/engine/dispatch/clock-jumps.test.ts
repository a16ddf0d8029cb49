import { EVENT_JOB_EXECUTED, type JobOptions, type Run, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const YEAR = 365 * DAY;

interface Jumping extends EngineWorld {
  /** Nominal times of the runs that were made, per job. */
  readonly ran: (jobId: string) => number[];
}

/** An interval, a cron and a date job, on a scheduler that has run for 100 seconds. */
async function jumping(options: JobOptions = {}): Promise<Jumping> {
  const world = engineWorld({ history: { maxAge: '4000d' } });
  const { scheduler, clock, happened } = world;
  const task = (): undefined => undefined;
  await scheduler.addJob({ id: 'interval', task, trigger: 'interval', minutes: 1, ...options });
  await scheduler.addJob({ id: 'cron', task, trigger: 'cron', minute: 30, ...options });
  await scheduler.addJob({ id: 'date', task, trigger: 'date', runDate: START + 2 * HOUR, ...options });
  await scheduler.start();
  await clock.advance(100 * SECOND);
  const ran = (id: string): number[] =>
    happened(EVENT_JOB_EXECUTED)
      .filter(({ jobId }) => jobId === id)
      .map(({ scheduledRunTime }) => scheduledRunTime - START);
  return { ...world, ran };
}

const leftOut = ({ nominalTime, lastNominalTime, reason }: Run): [number, number, unknown] => [
  nominalTime - START,
  lastNominalTime - START,
  reason,
];

async function leftOutOf({ scheduler }: Jumping, jobId: string): Promise<unknown[]> {
  const { runs } = await scheduler.getRuns({ jobId, state: ['missed', 'skipped'] });
  return runs.map(leftOut).toReversed();
}

describe('A clock that is set forward, or a process that was asleep', () => {
  it.each([
    ['three hours', 3 * HOUR],
    ['a day', DAY],
    ['a year', YEAR],
  ])('by %s: what fell due runs once, within 30 s; what was left out is one range', async (_what, jump) => {
    const world = await jumping();
    const { clock, scheduler, ran } = world;
    await clock.set(START + jump + 70 * SECOND);
    await clock.advance(29 * SECOND);
    const latest = START + jump + MINUTE;
    expect(ran('interval')).toEqual([MINUTE, latest - START]);
    expect(await leftOutOf(world, 'interval')).toEqual([[2 * MINUTE, jump, 'coalesced']]);
    expect(ran('cron')).toEqual([jump - 30 * MINUTE]);
    expect(ran('date')).toEqual([2 * HOUR]);
    expect(await scheduler.getJob('date')).toBeUndefined();
    // And in phase from there on.
    expect(await scheduler.getJob('interval')).toMatchObject({ nextRunTime: latest + MINUTE });
    await clock.advance(MINUTE);
    expect(ran('interval')).toEqual([MINUTE, jump + MINUTE, jump + 2 * MINUTE]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('by a day: a job that wants each of its times gets each', async () => {
    const world = await jumping({ coalesce: 'all', catchUpLimit: 5000 });
    await world.clock.set(START + DAY);
    await world.clock.advance(30 * SECOND);
    expect(world.ran('cron')).toEqual(Array.from({ length: 24 }, (_, hour) => hour * HOUR + 30 * MINUTE));
    expect(world.ran('interval')).toHaveLength(24 * 60);
    expect(await leftOutOf(world, 'cron')).toEqual([]);
    await world.scheduler.shutdown();
  });

  it('by a day: what is beyond its grace is missed, which is recorded', async () => {
    const world = await jumping({ misfireGraceTime: 600 });
    await world.clock.set(START + DAY);
    await world.clock.advance(30 * SECOND);
    expect([world.ran('cron'), world.ran('date')]).toEqual([[], []]);
    expect(await leftOutOf(world, 'cron')).toEqual([[30 * MINUTE, DAY - 30 * MINUTE, 'misfire']]);
    expect(await leftOutOf(world, 'date')).toEqual([[2 * HOUR, 2 * HOUR, 'misfire']]);
    expect(await world.scheduler.getJob('date')).toBeUndefined();
    await world.scheduler.shutdown();
  });
});

describe('A clock that is set back', () => {
  it.each([
    ['an hour', HOUR],
    ['a day', DAY],
    ['a year', YEAR],
  ])('by %s: interval and cron jobs go on from the new time, in phase, and a date is kept', async (_what, jump) => {
    const { clock, scheduler, ran } = await jumping();
    await clock.set(START + 100 * SECOND - jump);
    await clock.advance(30 * SECOND);
    await clock.advance(10 * MINUTE);
    const firstMinute = 2 * MINUTE - jump;
    expect(ran('interval')).toEqual([MINUTE, ...Array.from({ length: 11 }, (_, n) => firstMinute + n * MINUTE)]);
    await clock.advance(20 * MINUTE);
    expect(ran('cron')).toEqual([30 * MINUTE - jump]);
    expect(ran('date')).toEqual([]);
    expect(await scheduler.getJob('date')).toMatchObject({ nextRunTime: START + 2 * HOUR });
    await clock.set(START + 2 * HOUR);
    await clock.advance(MINUTE);
    expect(ran('date')).toEqual([2 * HOUR]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('by 73 years: jobs that were added in the wrong time do not wait for it, an explicit start does', async () => {
    const { clock, scheduler, happened } = engineWorld();
    const right = Date.UTC(1957, 0, 1, 0, 0, 30);
    const task = (): undefined => undefined;
    const startDate = new Date(START + HOUR);
    await scheduler.start();
    await scheduler.addJob({ id: 'interval', task, trigger: 'interval', minutes: 1 });
    await scheduler.addJob({ id: 'later', task, trigger: 'interval', minutes: 1, startDate });
    await scheduler.addJob({ id: 'calendar', task, trigger: 'calendarinterval', days: 1, hour: 12 });
    await clock.set(right);
    await clock.advance(30 * SECOND);
    expect(await scheduler.getJob('later')).toMatchObject({ nextRunTime: START + HOUR });
    expect(await scheduler.getJob('calendar')).toMatchObject({ nextRunTime: Date.UTC(1957, 0, 1, 12) });
    await clock.advance(5 * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED).length).toBeGreaterThanOrEqual(5);
    const nextRunTime = (await scheduler.getJob('interval'))?.nextRunTime ?? 0;
    expect(nextRunTime).toBe(right + 30 * SECOND + 6 * MINUTE);
    await scheduler.shutdown();
  });

  it.each([
    ['less than a minute', 50 * SECOND, 1],
    ['less than three hours', 2 * HOUR, 1],
    ['three hours or more', 4 * HOUR, 2],
  ])('by %s: a fixed cron time that has run is run %i time(s) in all', async (_what, jump, runs) => {
    const { clock, scheduler, happened } = engineWorld();
    await scheduler.addJob({ id: 'daily', task: () => undefined, trigger: 'cron', hour: 9, minute: 0 });
    await scheduler.start();
    await clock.advance(9 * HOUR + 30 * SECOND);
    await clock.set(clock.now() - jump);
    await clock.advance(5 * HOUR);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(runs);
    await scheduler.shutdown();
  });

  it('by less than a minute changes no next time', async () => {
    const { clock, scheduler, ran } = await jumping();
    await clock.set(clock.now() - 50 * SECOND);
    await clock.advance(65 * SECOND);
    expect(ran('interval')).toEqual([MINUTE]);
    await clock.advance(5 * SECOND);
    expect(ran('interval')).toEqual([MINUTE, 2 * MINUTE]);
    await scheduler.shutdown();
  });

  it('is noticed although a job that is added moves the timer', async () => {
    const { clock, scheduler, ran } = await jumping();
    await clock.set(clock.now() - DAY);
    await scheduler.addJob({ id: 'new', task: () => undefined, trigger: 'interval', seconds: 1 });
    await clock.advance(2 * MINUTE);
    expect(ran('interval').length).toBeGreaterThanOrEqual(2);
    await scheduler.shutdown();
  });

  it('is told, once for each time that it is', async () => {
    const { clock, logger, scheduler } = await jumping();
    const told = (): string[] => logger.lines.filter((line) => line.includes('clock'));
    await clock.advance(HOUR);
    expect(told()).toEqual([]);
    await clock.set(clock.now() - 2 * HOUR);
    await clock.advance(10 * MINUTE);
    expect(told()).toEqual([
      expect.stringMatching(
        /warn: The clock of this computer has been set back by 7200 s; jobs in memory go on from the new time/,
      ),
    ]);
    await clock.set(clock.now() - DAY);
    await clock.advance(MINUTE);
    expect(told()).toHaveLength(2);
    await scheduler.shutdown();
  });
});

describe('A time-out', () => {
  it.each([
    ['forward', DAY],
    ['back', -DAY],
  ])('counts the time that passes, and not how the clock is set (%s)', async (_what, jump) => {
    const { scheduler, clock } = engineWorld();
    let aborted = false;
    const task = ({ signal }: RunContext): Promise<void> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve();
        });
      });
    await scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START, timeout: 10 });
    await scheduler.start();
    await clock.advance(SECOND);
    await clock.set(clock.now() + jump);
    await clock.advance(8 * SECOND);
    expect(aborted).toBe(false);
    await clock.advance(SECOND);
    expect(aborted).toBe(true);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'timed_out' }]);
    await scheduler.shutdown();
  });
});

describe('A retry', () => {
  async function failing(): Promise<EngineWorld & { attempts: number[] }> {
    const world = engineWorld();
    const attempts: number[] = [];
    const task = ({ attempt }: RunContext): void => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('no');
    };
    const retry = { attempts: 2, delay: '10m' };
    await world.scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START, retry });
    await world.scheduler.start();
    await world.clock.advance(SECOND);
    return { ...world, attempts };
  }

  it('whose time a jump of the clock has passed is made once', async () => {
    const { scheduler, clock, attempts } = await failing();
    await clock.set(START + DAY);
    await clock.advance(30 * SECOND);
    expect(attempts).toEqual([1, 2]);
    await clock.advance(HOUR);
    expect(attempts).toEqual([1, 2]);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it('is made at its time when the clock is set back, and its job stays until then', async () => {
    const { scheduler, clock, attempts } = await failing();
    await clock.set(START - HOUR);
    await clock.advance(HOUR + 9 * MINUTE);
    expect(attempts).toEqual([1]);
    expect(await scheduler.getJob('a')).toBeDefined();
    await clock.advance(MINUTE);
    expect(attempts).toEqual([1, 2]);
    await scheduler.shutdown();
  });
});

describe('An event loop that was blocked for ten seconds', () => {
  it.each([
    ['once for the latest time', {}, [10], [[1, 9, 'coalesced']]],
    ['for each time', { coalesce: 'all' }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []],
    ['for the times within their grace', { coalesce: 'all', misfireGraceTime: 3 }, [8, 9, 10], [[1, 7, 'misfire']]],
  ] as [string, JobOptions, number[], unknown[]][])(
    'runs a job of each second %s',
    async (_what, options, made, left) => {
      const world = engineWorld();
      const { scheduler, clock, happened } = world;
      const ran: number[] = [];
      const task = ({ scheduledTime }: RunContext): void => void ran.push((scheduledTime - START) / SECOND);
      await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, ...options });
      await scheduler.start();
      await clock.advance(0.5 * SECOND);
      // Nothing gets its turn meanwhile: the timer for the first second fires when ten have passed.
      await clock.set(START + 10.25 * SECOND);
      await clock.advance(0.5 * SECOND);
      expect(ran).toEqual(made);
      const { runs } = await scheduler.getRuns({ state: ['missed', 'skipped'] });
      const seconds = runs.map(leftOut).map(([from, to, reason]) => [from / SECOND, to / SECOND, reason]);
      expect(seconds).toEqual(left);
      await clock.advance(0.25 * SECOND);
      expect(ran.at(-1)).toBe(11);
      expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(made.length + 1);
      await scheduler.shutdown();
    },
  );
});
