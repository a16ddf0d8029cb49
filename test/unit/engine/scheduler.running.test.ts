import {
  CronTrigger,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_REMOVED,
  EVENT_JOB_SUBMITTED,
  ExceptTrigger,
  LocalExecutor,
  MemoryJobStore,
  type Scheduler,
  type Execution,
  type RunContext,
  type ClaimRequest,
  type ClaimResult,
  type Trigger,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../support/engine.js';

const nothing = (): undefined => undefined;

describe('A job that is claimed together with others', () => {
  /** A scheduler whose handing over of claimed jobs is interrupted by what else the event loop has to do. */
  async function claimedTogether(
    change: (scheduler: Scheduler) => Promise<unknown>,
  ): Promise<EngineWorld & { readonly ran: string[] }> {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const ran: string[] = [];
    const first = async (): Promise<void> => {
      await change(scheduler);
      ran.push('changed');
    };
    // Work that takes 3 ms: the next job is handed over in another turn.
    const slow = (): void => void clock.set(clock.now() + 3);
    const tasks = { first, 'slow-1': slow, 'slow-2': slow, 'slow-3': slow, last: () => ran.push('last') };
    for (const [n, [id, task]] of Object.entries(tasks).entries()) {
      await scheduler.addJob({ id, task, trigger: 'interval', hours: 1, startDate: START + n });
    }
    await scheduler.start({ paused: true });
    await clock.advance(SECOND);
    await scheduler.resume();
    await clock.advance(SECOND);
    return { ...world, ran };
  }

  it.each(['removeJob', 'removeAllJobs'] as const)('does not run any more after %s has resolved', async (method) => {
    const { ran, happened } = await claimedTogether((scheduler) =>
      method === 'removeJob' ? scheduler.removeJob('last') : scheduler.removeAllJobs(),
    );
    expect(ran).toEqual(['changed']);
    const missed = happened(EVENT_JOB_MISSED).filter(({ jobId }) => jobId === 'last');
    expect(missed.map(({ reason }) => reason)).toEqual(['removed']);
  });

  it('waits once pauseJob has resolved, and runs after the pause', async () => {
    const { scheduler, clock, ran } = await claimedTogether((scheduler) => scheduler.pauseJob('last'));
    expect(ran).toEqual(['changed']);
    await scheduler.resumeJob('last');
    await clock.advance(SECOND);
    expect(ran).toEqual(['changed', 'last']);
  });
});

describe('A running scheduler', () => {
  it('runs an interval job at each of its times', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => clock.now(), trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await clock.advance(35 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.returnValue)).toEqual([
      START + 10 * SECOND,
      START + 20 * SECOND,
      START + 30 * SECOND,
    ]);
  });

  it('runs a job that is added while it sleeps, at its time', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'far', task: nothing, trigger: 'interval', days: 1 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    await scheduler.addJob({ id: 'near', task: () => clock.now(), trigger: 'interval', seconds: 2 });
    await clock.advance(2 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ jobId: 'near', returnValue: START + 7 * SECOND }]);
  });

  it('gives a task its args, its kwargs if it has any, and the context of the run', async () => {
    const { scheduler, clock } = engineWorld();
    const calls: unknown[][] = [];
    const task = (...args: unknown[]): void => void calls.push(args);
    await scheduler.addJob({ id: 'a', task, args: ['x', 1], kwargs: { key: 'v' }, trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'b', task, args: ['y'], trigger: 'interval', seconds: 2 });
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect(calls[0]?.slice(0, 3)).toEqual(['x', 1, { key: 'v' }]);
    const context = calls[0]?.[3] as RunContext;
    expect(context).toMatchObject({ jobId: 'a', scheduledTime: START + SECOND, attempt: 1 });
    expect(context.signal.aborted).toBe(false);
    const ids = calls.map((args) => (args.at(-1) as RunContext).runId);
    expect(new Set(ids).size).toBe(calls.length);
    expect(calls.find(([first]) => first === 'y')).toHaveLength(2);
  });

  it('keeps a task from changing the kwargs of the next run', async () => {
    const { scheduler, clock } = engineWorld();
    const seen: unknown[] = [];
    const task = (kwargs: Record<string, unknown>): void => {
      seen.push({ ...kwargs });
      kwargs['n'] = 99;
    };
    await scheduler.addJob({ task, kwargs: { n: 1 }, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect(seen).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it('logs in a task’s name', async () => {
    const { scheduler, clock, logger } = engineWorld();
    const task = (context: RunContext): void => context.logger.info('tidied');
    await scheduler.addJob({ id: 'tidy', task, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(logger.lines).toContain('info: [tidy] tidied');
  });

  it('tells of a run: submitted, executed with its value', async () => {
    const { scheduler, clock, events } = engineWorld();
    await scheduler.addJob({ id: 'a', task: async () => 42, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    const about = { jobId: 'a', jobStore: 'default' };
    expect(events.slice(-2)).toMatchObject([
      { code: EVENT_JOB_SUBMITTED, ...about, scheduledRunTimes: [START + SECOND], coalescedFrom: null },
      { code: EVENT_JOB_EXECUTED, ...about, scheduledRunTime: START + SECOND, returnValue: 42 },
    ]);
  });

  it('tells of a failed run, with the error and its stack, and goes on', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const error = new Error('broken');
    await scheduler.addJob({
      id: 'sync',
      task: () => {
        throw error;
      },
      trigger: 'interval',
      seconds: 1,
    });
    await scheduler.addJob({ id: 'async', task: () => Promise.reject(error), trigger: 'interval', seconds: 1 });
    await scheduler.addJob({
      id: 'odd',
      task: () => {
        throw 'text';
      },
      trigger: 'interval',
      seconds: 1,
    });
    await scheduler.addJob({ id: 'good', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(2 * SECOND);
    const failed = happened(EVENT_JOB_ERROR);
    expect(failed.filter(({ jobId }) => jobId === 'sync')).toHaveLength(2);
    expect(failed.find(({ jobId }) => jobId === 'async')).toMatchObject({ exception: error, traceback: error.stack });
    expect(failed.find(({ jobId }) => jobId === 'odd')).toMatchObject({ exception: 'text', traceback: null });
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['good', 'good']);
    expect(logger.lines.filter((line) => line.includes('Job "sync" failed'))).toHaveLength(2);
  });

  it('removes a one-shot job when its run has an outcome, and not before', async () => {
    const { scheduler, clock, events } = engineWorld();
    const { promise, fail } = gate();
    await scheduler.addJob({ id: 'once', task: () => promise, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(HOUR);
    expect(await scheduler.getJob('once')).toMatchObject({ nextRunTime: null, paused: false });
    fail(new Error('at last'));
    await clock.advance(0);
    expect(await scheduler.getJob('once')).toBeUndefined();
    expect(events.slice(-2).map(({ code }) => code)).toEqual([EVENT_JOB_ERROR, EVENT_JOB_REMOVED]);
  });

  it('keeps a one-shot job that is given a new trigger while its run is under way', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'once', task: () => promise, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(SECOND);
    await scheduler.modifyJob('once', { trigger: 'interval', hours: 1 });
    open();
    await clock.advance(0);
    expect(await scheduler.getJob('once')).toMatchObject({ nextRunTime: START + HOUR + SECOND });
  });

  it('removes a repeating job after the last time before its end', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const endDate = START + 2.5 * HOUR;
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1, endDate });
    await scheduler.start();
    await clock.advance(DAY);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2);
    expect(await scheduler.getJob('a')).toBeUndefined();
  });

  it('runs a job whose time was past when it was added, once', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'date', runDate: START - DAY });
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ scheduledRunTime: START - DAY }]);
  });

  it('runs a million-second-late interval job once, for its latest time, and keeps its phase', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1, startDate: START + 1 });
    await scheduler.start({ paused: true });
    await clock.advance(1_000_000 * SECOND);
    await scheduler.resume();
    await clock.advance(0);
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([
      { scheduledRunTimes: [START + 1 + 999_999 * SECOND], coalescedFrom: START + 1 },
    ]);
    expect((await scheduler.getJob('a'))?.nextRunTime).toBe(START + 1 + 1_000_000 * SECOND);
  });

  it('makes every missed time up, in order, when the job does not coalesce', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: async () => undefined, trigger: 'interval', minutes: 1, coalesce: false });
    await scheduler.start({ paused: true });
    await clock.advance(4 * MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    const times = [1, 2, 3, 4].map((n) => START + n * MINUTE);
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([{ scheduledRunTimes: times }]);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual(times);
  });

  it('makes the latest thousand missed times up and tells of the older ones in one event', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1, coalesce: false });
    await scheduler.start({ paused: true });
    await clock.advance(DAY);
    await scheduler.resume();
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(1000);
    expect(happened(EVENT_JOB_EXECUTED)[0]?.scheduledRunTime).toBe(START + DAY - 999 * SECOND);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([
      { reason: 'catch-up limit', scheduledRunTime: START + SECOND, lastScheduledRunTime: START + DAY - 1000 * SECOND },
    ]);
  });

  it('runs late jobs however late they are, unless their grace says otherwise', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const at = { trigger: 'date', runDate: START + SECOND } as const;
    await scheduler.addJob({ id: 'patient', task: nothing, ...at });
    await scheduler.addJob({ id: 'within', task: nothing, ...at, misfireGraceTime: 59 });
    await scheduler.addJob({ id: 'strict', task: nothing, ...at, misfireGraceTime: 58 });
    await scheduler.start({ paused: true });
    await clock.advance(MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    expect(
      happened(EVENT_JOB_EXECUTED)
        .map(({ jobId }) => jobId)
        .sort(),
    ).toEqual(['patient', 'within']);
    const missed = { jobId: 'strict', reason: 'misfire', scheduledRunTime: START + SECOND };
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([missed]);
    expect(logger.lines.join()).toMatch(/Run of job "strict" for 2030-01-01T00:00:01.000Z was missed: misfire/);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('counts the wait for a free place in the executor against the grace', async () => {
    const { scheduler, clock, happened } = engineWorld({
      executors: { default: new LocalExecutor({ concurrency: 1 }) },
    });
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'slow', task: () => promise, trigger: 'date', runDate: START + SECOND });
    const at = { trigger: 'date', runDate: START + 2 * SECOND } as const;
    await scheduler.addJob({ id: 'strict', task: nothing, ...at, misfireGraceTime: 5 });
    await scheduler.start();
    await clock.advance(10 * SECOND);
    open();
    await clock.advance(0);
    expect(happened(EVENT_JOB_MISSED).map(({ jobId }) => jobId)).toEqual(['strict']);
  });

  it('skips a run while the job is running as often as it may, tells, and logs once an episode', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'interval', seconds: 1, maxInstances: 2 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    expect(happened(EVENT_JOB_SUBMITTED)).toHaveLength(2);
    expect(happened(EVENT_JOB_MAX_INSTANCES).map((event) => event.scheduledRunTimes)).toEqual([
      [START + 3 * SECOND],
      [START + 4 * SECOND],
      [START + 5 * SECOND],
    ]);
    expect(logger.lines.filter((line) => line.includes('skipped'))).toHaveLength(1);
    open();
    await clock.advance(SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
  });

  it('is not held up by a job that never ends', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'stuck', task: () => new Promise(() => undefined), trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(10 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(10);
  });

  it('hands each job to the executor that it names', async () => {
    const { scheduler, clock } = engineWorld();
    const seen: Execution[] = [];
    const mine = { submit: (execution: Execution) => void seen.push(execution), dropQueued: nothing };
    scheduler.addExecutor(mine, 'mine');
    await scheduler.addJob({ id: 'a', task: nothing, args: [1], executor: 'mine', trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(seen).toMatchObject([{ task: 'nothing', args: [1], context: { jobId: 'a' } }]);
  });

  it('contains an executor that throws, and one that reports twice', async () => {
    const { scheduler, clock, happened } = engineWorld();
    scheduler.addExecutor(
      {
        submit: () => {
          throw new Error('full');
        },
        dropQueued: nothing,
      },
      'throwing',
    );
    const twice = (execution: Execution): void => {
      if (!execution.begin()) return;
      execution.settle({ state: 'succeeded', returnValue: 1 });
      execution.settle({ state: 'failed', error: new Error('again') });
    };
    scheduler.addExecutor({ submit: twice, dropQueued: nothing }, 'twice');
    await scheduler.addJob({ id: 'a', task: nothing, executor: 'throwing', trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'b', task: nothing, executor: 'twice', trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect(happened(EVENT_JOB_ERROR).map(({ jobId }) => jobId)).toEqual(['a', 'a']);
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['b', 'b']);
  });

  it('adds jitter to each run and never to the sequence', async () => {
    const draws = [0.9, 0.5, 0.1, 0];
    const { scheduler, clock } = engineWorld({ random: () => draws.shift() ?? 0 });
    const started: number[] = [];
    const nominal: number[] = [];
    const task = (context: RunContext): void => {
      started.push(clock.now());
      nominal.push(context.scheduledTime);
    };
    await scheduler.start();
    await scheduler.addJob({ task, trigger: 'interval', seconds: 60, jitter: 30 });
    await clock.advance(4 * MINUTE);
    const minutes = [1, 2, 3, 4].map((n) => START + n * MINUTE);
    expect(nominal).toEqual(minutes);
    expect(started).toEqual(minutes.map((time, n) => time + [27, 15, 3, 0][n]! * SECOND));
  });

  it('lets jobs wait whose task is not here yet, visibly, and runs them when it appears', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    await scheduler.addJob({ id: 'a', task: 'later:task', trigger: 'date', runDate: START + SECOND });
    await scheduler.addJob({ id: 'b', task: nothing, trigger: 'date', runDate: START + 2 * SECOND });
    await scheduler.start();
    await clock.advance(HOUR);
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['b']);
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: START + SECOND });
    expect(logger.lines.filter((line) => line.includes('later:task'))).toHaveLength(1);
    scheduler.registerTask('later:task', nothing);
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['b', 'a']);
  });

  it('lets jobs wait whose executor has been removed, and runs them when there is one again', async () => {
    const { scheduler, clock, happened } = engineWorld();
    scheduler.addExecutor(new LocalExecutor(), 'second');
    await scheduler.addJob({ id: 'a', task: nothing, executor: 'second', trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await scheduler.removeExecutor('second');
    await clock.advance(MINUTE);
    expect(await scheduler.getJob('a')).toBeDefined();
    scheduler.addExecutor(new LocalExecutor(), 'second');
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(1);
  });

  it('runs what is due of a job whose trigger then fails or stands still, pauses it, says so, and runs the others', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const trigger = (next: Trigger['next']): Trigger => ({
      type: 'mine',
      timezone: 'UTC',
      next: (previous, now) => (previous === null ? START + SECOND : next(previous, now)),
      previous: () => null,
      toJSON: () => ({ type: 'mine' }),
    });
    await scheduler.addJob({
      id: 'throws',
      task: nothing,
      trigger: trigger(() => {
        throw new Error('odd');
      }),
    });
    await scheduler.addJob({ id: 'stands', task: nothing, trigger: trigger((previous) => previous) });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    const ran = happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId);
    expect(ran.filter((id) => id === 'fine')).toHaveLength(5);
    expect(ran.filter((id) => id !== 'fine').sort()).toEqual(['stands', 'throws']);
    expect(logger.lines.filter((line) => line.includes('runs and is paused then'))).toHaveLength(2);
    for (const id of ['throws', 'stands']) expect(await scheduler.getJob(id)).toMatchObject({ paused: true });
  });

  it('leaves a job alone whose trigger cannot be asked what was missed, says so once, and runs the others', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const trigger: Trigger = {
      type: 'mine',
      timezone: 'UTC',
      next: () => START + SECOND,
      previous: () => {
        throw new Error('odd');
      },
      toJSON: () => ({ type: 'mine' }),
    };
    await scheduler.addJob({ id: 'throws', task: nothing, trigger });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(Array(5).fill('fine'));
    expect(logger.lines.filter((line) => line.includes('left alone'))).toHaveLength(1);
    expect(await scheduler.getJob('throws')).toBeDefined();
  });

  it('makes the last run of an except that leaves no further time that can be found', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const trigger = new ExceptTrigger(
      new CronTrigger({ hour: 9, timezone: 'UTC' }),
      new CronTrigger({ hour: '*', startDate: '2030-01-04', timezone: 'UTC' }),
    );
    await scheduler.addJob({ id: 'x', task: nothing, trigger });
    await scheduler.start();
    for (let hour = 0; hour < 24 * 6; hour++) await clock.advance(HOUR);
    const days = [0, 1, 2].map((day) => START + day * DAY + 9 * HOUR);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual(days);
    expect((await scheduler.preview({ trigger }, { from: START })).times.map(({ time }) => time)).toEqual(days);
  });

  it('notices a jump of the computer’s clock, forward or back, within its longest sleep', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'date', runDate: START + DAY });
    await scheduler.start();
    await clock.advance(SECOND);
    await clock.set(START + DAY);
    await clock.advance(30 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(1);
    await scheduler.addJob({ id: 'b', task: nothing, trigger: 'date', runDate: clock.now() + MINUTE });
    await clock.set(clock.now() - HOUR);
    await clock.advance(HOUR);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(1);
    await clock.advance(2 * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2);
  });

  it('gives the event loop its turn while a burst of due jobs is started', async () => {
    const { scheduler, clock, happened } = engineWorld();
    for (let n = 0; n < 2000; n++) await scheduler.addJob({ task: nothing, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(0);
    const counts: number[] = [];
    const look = (): void => {
      counts.push(happened(EVENT_JOB_EXECUTED).length);
      if (counts.length < 10) setImmediate(look);
    };
    setImmediate(look);
    await clock.advance(SECOND);
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2000);
    const steps = counts.map((count, index) => count - (counts[index - 1] ?? 0));
    expect(Math.max(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(200);
  });
});

describe('A job store that fails', () => {
  class Failing extends MemoryJobStore {
    asked = 0;
    broken = true;
    override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
      this.asked++;
      if (this.broken) throw new Error('connection lost');
      return super.claimDue(request);
    }
  }

  it('is asked again at growing distances, told once, and holds up no other store', async () => {
    const failing = new Failing();
    const { scheduler, clock, happened, logger } = engineWorld({ jobStores: { failing } });
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1, jobStore: 'failing' });
    await scheduler.addJob({ id: 'b', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(MINUTE);
    expect(happened(EVENT_JOB_EXECUTED).filter(({ jobId }) => jobId === 'b')).toHaveLength(60);
    expect(failing.asked).toBeGreaterThan(4);
    expect(failing.asked).toBeLessThan(10);
    expect(logger.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    failing.broken = false;
    await clock.advance(30 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED).some(({ jobId }) => jobId === 'a')).toBe(true);
    expect(logger.lines.join('\n')).toMatch(/info: Job store "failing" hands out due jobs again/);
  });
});

describe('A listener', () => {
  it('that throws or rejects harms nobody, and is logged once in each episode', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    let broken = true;
    const fail = (): void => {
      if (broken) throw new Error('bad listener');
    };
    scheduler.addListener(fail, EVENT_JOB_EXECUTED);
    scheduler.addListener(async () => fail(), EVENT_JOB_EXECUTED);
    await scheduler.addJob({ task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    const told = (): number[] =>
      ['error: A listener failed on event 4096', 'info: A listener that failed on event 4096 works again'].map(
        (start) => logger.lines.filter((line) => line.startsWith(start)).length,
      );
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
    expect(told()).toEqual([2, 0]);
    broken = false;
    await clock.advance(3 * SECOND);
    expect(told()).toEqual([2, 2]);
    broken = true;
    await clock.advance(3 * SECOND);
    expect(told()).toEqual([4, 2]);
  });

  it('that fails on one kind of event only is one episode, whatever else it is told', async () => {
    const { scheduler, clock, logger } = engineWorld();
    scheduler.addListener(({ code }) => {
      if (code === EVENT_JOB_EXECUTED) throw new Error('bad listener');
    });
    await scheduler.addJob({ task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(logger.lines.filter((line) => /listener/.test(line) && !line.startsWith('debug'))).toHaveLength(1);
  });

  it('hears only what its mask lets through, until it is removed', async () => {
    const { scheduler, clock } = engineWorld();
    const heard: number[] = [];
    const listener = ({ code }: { code: number }): void => void heard.push(code);
    scheduler.addListener(listener, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR);
    await scheduler.addJob({ task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    scheduler.removeListener(listener);
    await clock.advance(SECOND);
    expect(heard).toEqual([EVENT_JOB_EXECUTED]);
  });
});
