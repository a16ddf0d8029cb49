import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  LocalExecutor,
  SchedulerNotRunningError,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START, type EngineWorld } from '../../support/engine.js';

const nothing = (): undefined => undefined;

interface CatchingUp extends EngineWorld {
  readonly runs: number[];
  readonly letGo: () => void;
}

/** A job that makes five missed minutes up one by one, its first run still under way. */
async function catchingUp(executor = 'default'): Promise<CatchingUp> {
  const world = engineWorld({ executors: { second: new LocalExecutor() } });
  const { promise, open } = gate();
  const runs: number[] = [];
  const task = ({ scheduledTime }: { scheduledTime: number }): Promise<void> => {
    runs.push((scheduledTime - START) / MINUTE);
    return promise;
  };
  await world.scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1, coalesce: false, executor });
  await world.scheduler.start({ paused: true });
  await world.clock.advance(5 * MINUTE);
  await world.scheduler.resume();
  await world.clock.advance(0);
  expect(runs).toEqual([1]);
  return { ...world, runs, letGo: open };
}

describe('Runs that are still to be made up', () => {
  it('are not begun after a shutdown, and are made up after the next start', async () => {
    const { scheduler, clock, runs, letGo, happened } = await catchingUp();
    await scheduler.shutdown({ wait: false });
    letGo();
    await clock.advance(0);
    expect(runs).toEqual([1]);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject(
      [2, 3, 4, 5].map((minute) => ({ reason: 'shutdown', scheduledRunTime: START + minute * MINUTE })),
    );
    await scheduler.start();
    await clock.advance(0);
    expect(runs).toEqual([1, 2, 3, 4, 5]);
  });

  it('are not begun while the scheduler is paused, and are when it goes on', async () => {
    const { scheduler, clock, runs, letGo } = await catchingUp();
    await scheduler.pause();
    letGo();
    await clock.advance(10 * SECOND);
    expect(runs).toEqual([1]);
    await scheduler.resume();
    await clock.advance(0);
    expect(runs).toEqual([1, 2, 3, 4, 5]);
  });

  it.each(['paused', 'removed'] as const)('are told and not begun when their job is %s', async (what) => {
    const { scheduler, clock, runs, letGo, happened } = await catchingUp();
    if (what === 'paused') await scheduler.pauseJob('a');
    else await scheduler.removeJob('a');
    letGo();
    await clock.advance(0);
    expect(runs).toEqual([1]);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject(
      [2, 3, 4, 5].map((minute) => ({ reason: what, scheduledRunTime: START + minute * MINUTE })),
    );
    expect((await scheduler.getJob('a'))?.paused).toBe(what === 'paused' ? true : undefined);
  });

  it('wait with their job for an executor that has been removed', async () => {
    const { scheduler, clock, runs, letGo, happened } = await catchingUp('second');
    await scheduler.removeExecutor('second');
    letGo();
    await clock.advance(0);
    expect(runs).toEqual([1]);
    expect(happened(EVENT_JOB_MISSED).map(({ reason }) => reason)).toEqual(Array(4).fill('executor removed'));
    scheduler.addExecutor(new LocalExecutor(), 'second');
    await clock.advance(0);
    expect(runs).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('Runs that are still to be made up, while a later time has run beside them', () => {
  it('are made up once, and the later one is not made again', async () => {
    const { scheduler, clock } = engineWorld();
    const begun: number[] = [];
    const task = ({ scheduledTime, signal }: RunContext): Promise<void> => {
      begun.push((scheduledTime - START) / MINUTE);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    };
    const catchUp = { coalesce: 'all', overlap: 'allow' } as const;
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1, ...catchUp });
    await scheduler.start({ paused: true });
    await clock.advance(2 * MINUTE);
    await scheduler.resume();
    await clock.advance(MINUTE);
    expect(begun).toEqual([1, 3]);
    await scheduler.shutdown({ wait: false });
    await scheduler.start();
    await clock.advance(0);
    expect(begun).toEqual([1, 3, 2]);
    await scheduler.shutdown({ wait: false });
  });
});

describe('Runs that wait for a place in their executor', () => {
  async function queued(): Promise<EngineWorld & { ran: string[]; letGo: () => void }> {
    const world = engineWorld({ executors: { default: new LocalExecutor({ concurrency: 1 }) } });
    const { promise, open } = gate();
    const ran: string[] = [];
    await world.scheduler.addJob({ id: 'first', task: () => promise, trigger: 'date', runDate: START + SECOND });
    for (const id of ['b', 'c']) {
      await world.scheduler.addJob({ id, task: () => ran.push(id), trigger: 'date', runDate: START + 2 * SECOND });
    }
    await world.scheduler.start();
    await world.clock.advance(2 * SECOND);
    return { ...world, ran, letGo: open };
  }

  it('do not begin once a shutdown has been asked for, though it waits', async () => {
    const { scheduler, clock, ran, letGo } = await queued();
    const down = scheduler.shutdown();
    await clock.advance(0);
    letGo();
    await down;
    expect(ran).toEqual([]);
    expect((await scheduler.getJobs()).map(({ id }) => id).sort()).toEqual(['b', 'c']);
    await scheduler.start();
    await clock.advance(0);
    expect(ran.sort()).toEqual(['b', 'c']);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('do not begin during a pause', async () => {
    const { scheduler, clock, ran, letGo } = await queued();
    await scheduler.pause();
    letGo();
    await clock.advance(MINUTE);
    expect(ran).toEqual([]);
    await scheduler.resume();
    await clock.advance(0);
    expect(ran.sort()).toEqual(['b', 'c']);
  });

  it('do not begin when their executor is removed, by hand or not', async () => {
    const { scheduler, clock, ran, letGo } = await queued();
    await scheduler.addJob({ id: 'd', task: nothing, trigger: 'interval', days: 1 });
    const byHand = scheduler.runJob('d').catch((error: unknown) => error);
    await clock.advance(0);
    await scheduler.removeExecutor('default');
    expect(await byHand).toMatchObject({
      message: expect.stringContaining('executor "default" was removed before the run began') as string,
    });
    letGo();
    await clock.advance(MINUTE);
    expect(ran).toEqual([]);
    scheduler.addExecutor(new LocalExecutor());
    await clock.advance(0);
    expect(ran.sort()).toEqual(['b', 'c']);
  });
});

describe('A run that could not start', () => {
  async function missedOnce(misfireGraceTime: number | null): Promise<EngineWorld & { attempts: number[] }> {
    const world = engineWorld({ executors: { default: new LocalExecutor({ concurrency: 1 }) } });
    const { promise, open } = gate();
    const attempts: number[] = [];
    await world.scheduler.addJob({ id: 'first', task: () => promise, trigger: 'date', runDate: START + SECOND });
    const task = ({ attempt }: RunContext): unknown => attempts.push(attempt);
    await world.scheduler.addJob({ id: 'b', task, trigger: 'date', runDate: START + 2 * SECOND, misfireGraceTime });
    await world.scheduler.start();
    await world.clock.advance(2 * SECOND);
    await world.scheduler.pause();
    open();
    await world.clock.advance(MINUTE);
    expect(attempts).toEqual([]);
    await world.scheduler.resume();
    await world.clock.advance(0);
    return { ...world, attempts };
  }

  it('is tried again as the same attempt', async () => {
    const { scheduler, attempts } = await missedOnce(61);
    expect(attempts).toEqual([1]);
    const { runs } = await scheduler.getRuns({ jobId: 'b' });
    expect(runs.map(({ state, reason, attempt }) => [state, reason, attempt])).toEqual([
      ['succeeded', null, 1],
      ['missed', 'paused', 1],
    ]);
  });

  it('is not made when its misfire grace time is over by then, counted from when it was due first', async () => {
    const { scheduler, attempts } = await missedOnce(59);
    expect(attempts).toEqual([]);
    const { runs } = await scheduler.getRuns({ jobId: 'b' });
    expect(runs.map(({ state, reason, retryAt }) => [state, reason, retryAt])).toEqual([
      ['missed', 'misfire', null],
      ['missed', 'paused', null],
    ]);
    expect(await scheduler.getJob('b')).toBeUndefined();
  });
});

describe('Who waits for a run by hand', () => {
  it('is told when the scheduler stops before the run is over; the run keeps its place until it ends', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'interval', days: 1 });
    await scheduler.start();
    const told = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    await scheduler.shutdown({ wait: false });
    expect(await told).toMatchObject({ code: 'NOT_RUNNING' });
    await scheduler.start();
    await expect(scheduler.runJob('a')).rejects.toThrow(/maximum of 1 running/);
    open();
    await clock.advance(0);
    await expect(scheduler.runJob('a')).resolves.toBeUndefined();
  });

  it('is refused while the scheduler is stopping', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'interval', seconds: 1, maxInstances: 2 });
    await scheduler.start();
    await clock.advance(SECOND);
    const down = scheduler.shutdown();
    await clock.advance(0);
    await expect(scheduler.runJob('a')).rejects.toThrow(SchedulerNotRunningError);
    open();
    await down;
    await expect(scheduler.runJob('a')).resolves.toBeUndefined();
  });
});

describe('A run that heeds no signal', () => {
  it('is waited for once: a scheduler that has given it up is drained at once', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => new Promise(() => undefined), trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    await scheduler.shutdown({ wait: false });
    await scheduler.drain();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('A job with the id of one that was removed', () => {
  it.each(['removeJob', 'removeAllJobs'] as const)('has nothing to do with its runs (%s)', async (remove) => {
    const { scheduler, clock, happened } = engineWorld();
    const { promise, open } = gate();
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: () => promise });
    await clock.advance(0);
    await (remove === 'removeJob' ? scheduler.removeJob('a') : scheduler.removeAllJobs());
    await scheduler.addJob({ id: 'a', task: () => 'new' });
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ jobId: 'a', returnValue: 'new' }]);
    open();
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2);
    expect(await scheduler.getJobs()).toEqual([]);
  });
});

describe('The last run of a job', () => {
  it('is not skipped when all places are taken: it waits for one', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    const byHand = scheduler.runJob('a');
    await clock.advance(MINUTE);
    expect(happened(EVENT_JOB_SUBMITTED)).toHaveLength(1);
    expect(await scheduler.getJob('a')).toBeDefined();
    open();
    await byHand;
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual([START, START + SECOND]);
    expect(await scheduler.getJob('a')).toBeUndefined();
  });

  it('is missed when the scheduler stops while it waits, and made after the next start', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    const byHand = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(MINUTE);
    await scheduler.shutdown({ wait: false });
    expect(await byHand).toMatchObject({ code: 'NOT_RUNNING' });
    open();
    await clock.advance(0);
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: null });
    await scheduler.start();
    await clock.advance(0);
    const { runs } = await scheduler.getRuns({ state: 'succeeded' });
    expect(runs.map(({ nominalTime, attempt }) => [nominalTime, attempt])).toContainEqual([START + SECOND, 1]);
    expect(await scheduler.getJob('a')).toBeUndefined();
  });
});
