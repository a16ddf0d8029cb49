import {
  EVENT_JOB_ERROR,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  LocalExecutor,
  RunCancelledError,
  RunLookupError,
  RunOverError,
  type Run,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const heeding = ({ signal }: RunContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

/** A job's runs, the oldest first. */
async function runsOf({ scheduler }: EngineWorld, jobId = 'a'): Promise<readonly Run[]> {
  return (await scheduler.getRuns({ jobId })).runs.toReversed();
}

/** The nth run of a job: negative from the end. */
async function idOf(world: EngineWorld, n: number, jobId = 'a'): Promise<string> {
  return (await runsOf(world, jobId)).at(n)?.id ?? '';
}

describe('Cancelling a run', () => {
  it('aborts its signal with the reason, and answers the run as it is then', async () => {
    const world = engineWorld();
    const { scheduler, clock, happened, logger } = world;
    let reason: unknown;
    const task = (context: RunContext): Promise<never> => {
      context.signal.addEventListener('abort', () => (reason = context.signal.reason));
      return heeding(context);
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('70s');
    const cancelled = await scheduler.cancelRun(await idOf(world, 0));
    expect(reason).toBeInstanceOf(RunCancelledError);
    expect(reason).toMatchObject({ code: 'RUN_CANCELLED', jobId: 'a', reason: 'cancelled' });
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      reason: 'cancelled',
      settled: true,
      finishedAt: START + 70 * SECOND,
      error: { name: 'RunCancelledError', message: 'Run of job "a" was cancelled' },
    });
    expect(await runsOf(world)).toEqual([cancelled]);
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ state: 'cancelled', retryAt: null, runId: cancelled.id }]);
    expect(logger.lines).toContain('warn: Job "a" was cancelled: cancelled');
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves a task that ignores it in its place, and its late outcome changes nothing', async () => {
    const world = engineWorld();
    const { scheduler, clock, happened } = world;
    const work = gate<string>();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('1m');
    const run = await scheduler.cancelRun(await idOf(world, 0));
    expect(run).toMatchObject({ state: 'cancelled', settled: false, finishedAt: START + MINUTE });
    await clock.advance('1m');
    expect((await runsOf(world)).at(-1)).toMatchObject({ state: 'skipped', reason: 'overlap' });
    work.open('too late');
    await clock.advance(0);
    expect(await scheduler.getRun(run.id)).toEqual({ ...run, settled: true });
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(1);
    await scheduler.shutdown();
  });

  it('leaves a task that was done before it noticed what it is: done', async () => {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const task = ({ signal }: RunContext): Promise<string> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve('done')));
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('1m');
    expect(await scheduler.cancelRun(await idOf(world, 0))).toMatchObject({ state: 'succeeded', result: 'done' });
    await scheduler.shutdown();
  });

  it('rejects for who waits for it by hand', async () => {
    const world = engineWorld();
    await world.scheduler.addJob({ id: 'a', task: heeding, trigger: 'interval', hours: 1 });
    await world.scheduler.start();
    const waiting = world.scheduler.runJob('a').catch((error: unknown) => error);
    await world.clock.advance(0);
    await world.scheduler.cancelRun(await idOf(world, 0));
    expect(await waiting).toMatchObject({ name: 'RunCancelledError', reason: 'cancelled' });
    await world.scheduler.shutdown();
  });

  it('takes a run out that waits for its executor, and tells of it', async () => {
    const world = engineWorld({ executors: { one: new LocalExecutor({ concurrency: 1 }) } });
    const { scheduler, clock, happened } = world;
    const work = gate();
    await scheduler.addJob({ id: 'busy', task: () => work.promise, trigger: 'interval', minutes: 1, executor: 'one' });
    let calls = 0;
    await scheduler.addJob({ id: 'a', task: () => calls++, trigger: 'interval', minutes: 1, executor: 'one' });
    await scheduler.start();
    await clock.advance('1m');
    const run = await scheduler.cancelRun(await idOf(world, 0));
    expect(run).toMatchObject({ state: 'cancelled', settled: true, startedAt: null, finishedAt: START + MINUTE });
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ jobId: 'a', state: 'cancelled', runId: run.id }]);
    work.open();
    await clock.advance(0);
    expect(calls).toBe(0);
    await clock.advance('1m');
    expect(calls).toBe(1);
    await scheduler.shutdown();
  });

  it('takes a run out that waits for a place, which another may have then', async () => {
    const world = engineWorld();
    const { scheduler, clock, happened } = world;
    const work = gate();
    const options = { overlap: 'queue', maxQueued: 1 } as const;
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, ...options });
    await scheduler.start();
    await clock.advance('2m');
    const run = await scheduler.cancelRun(await idOf(world, 1));
    expect(run).toMatchObject({ state: 'cancelled', settled: true, startedAt: null });
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ state: 'cancelled', runId: run.id }]);
    await clock.advance('1m');
    expect((await runsOf(world)).map(({ state }) => state)).toEqual(['running', 'cancelled', 'running']);
    work.open();
    await clock.advance(0);
    expect((await runsOf(world)).map(({ state }) => state)).toEqual(['succeeded', 'cancelled', 'succeeded']);
    await scheduler.shutdown();
  });

  it('rejects for who waits by hand for a run that waits for a place', async () => {
    const world = engineWorld();
    const work = gate();
    await world.scheduler.addJob({
      id: 'a',
      task: () => work.promise,
      trigger: 'interval',
      hours: 1,
      overlap: 'queue',
    });
    await world.scheduler.start();
    await world.clock.advance('1h');
    const waiting = world.scheduler.runJob('a').catch((error: unknown) => error);
    await world.clock.advance(0);
    await world.scheduler.cancelRun(await idOf(world, 1));
    expect(await waiting).toBeInstanceOf(RunCancelledError);
    work.open();
    await world.scheduler.shutdown();
  });

  it('ends one of several runs that make up for missed ones; the others are made', async () => {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const gates = [gate(), gate(), gate()];
    let calls = 0;
    await scheduler.addJob({
      id: 'a',
      task: (context: RunContext) => Promise.race([gates[calls++]?.promise, heeding(context)]),
      trigger: 'interval',
      seconds: 10,
      endDate: START + 40 * SECOND,
      coalesce: 'all',
    });
    await scheduler.start({ paused: true });
    await clock.advance('1m');
    await scheduler.resume();
    await clock.advance(0);
    const runs = await runsOf(world);
    expect(runs.map(({ startedAt }) => startedAt === null)).toEqual([false, true, true, true]);
    // One that has not begun, and the one that is under way.
    expect(await scheduler.cancelRun(runs[2]?.id ?? '')).toMatchObject({ state: 'cancelled', startedAt: null });
    expect(await scheduler.cancelRun(runs[0]?.id ?? '')).toMatchObject({ state: 'cancelled' });
    gates[1]?.open();
    gates[2]?.open();
    await clock.advance(0);
    expect((await runsOf(world)).map(({ state }) => state)).toEqual([
      'cancelled',
      'succeeded',
      'cancelled',
      'succeeded',
    ]);
    expect(await scheduler.getJob('a')).toBeUndefined();
    await scheduler.shutdown();
  });

  it('leaves the runs that come after it on their way when it waits for its executor', async () => {
    const world = engineWorld({ executors: { one: new LocalExecutor({ concurrency: 1 }) } });
    const { scheduler, clock, happened } = world;
    const work = gate();
    await scheduler.addJob({ id: 'busy', task: () => work.promise, trigger: 'date', runDate: START, executor: 'one' });
    await scheduler.start();
    await clock.advance(0);
    const options = { coalesce: 'all', executor: 'one', endDate: START + 30 * SECOND } as const;
    await scheduler.pause();
    await scheduler.addJob({ id: 'a', task: () => 'done', trigger: 'interval', seconds: 10, ...options });
    await clock.advance('1m');
    await scheduler.resume();
    await clock.advance(0);
    await scheduler.cancelRun(await idOf(world, 0));
    work.open();
    await clock.advance(0);
    expect((await runsOf(world)).map(({ state }) => state)).toEqual(['cancelled', 'succeeded', 'succeeded']);
    expect(happened(EVENT_JOB_MISSED)).toEqual([]);
    expect(happened(EVENT_JOB_SUBMITTED)).toHaveLength(2);
    await scheduler.shutdown();
  });

  it('knows no run that is not there', async () => {
    const { scheduler } = engineWorld();
    const cancelled = scheduler.cancelRun('nobody');
    await expect(cancelled).rejects.toThrow(RunLookupError);
    await expect(cancelled).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', runId: 'nobody' });
  });

  it('is refused for a run that is over, or was left out', async () => {
    const world = engineWorld();
    const work = gate();
    await world.scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('2m');
    const skipped = world.scheduler.cancelRun(await idOf(world, 1));
    await expect(skipped).rejects.toMatchObject({ code: 'RUN_OVER', state: 'skipped' });
    work.open();
    await world.clock.advance(0);
    const over = world.scheduler.cancelRun(await idOf(world, 0));
    await expect(over).rejects.toThrow(RunOverError);
    await expect(over).rejects.toThrow(/cannot be cancelled: it is succeeded/);
    await world.scheduler.shutdown();
  });

  it('is refused the second time, also before its task has had time to notice the first', async () => {
    const world = engineWorld();
    const work = gate();
    await world.scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('1m');
    const id = await idOf(world, 0);
    const [first, second] = await Promise.allSettled([world.scheduler.cancelRun(id), world.scheduler.cancelRun(id)]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { state: 'cancelled', settled: false } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'RUN_OVER', state: 'cancelled' } });
    await expect(world.scheduler.cancelRun(id)).rejects.toThrow(/cannot be cancelled: it is cancelled/);
    work.open();
    await world.scheduler.shutdown();
  });

  it('is refused for a run that has timed out and goes on', async () => {
    const world = engineWorld();
    const work = gate();
    await world.scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, timeout: 5 });
    await world.scheduler.start();
    await world.clock.advance('70s');
    await expect(world.scheduler.cancelRun(await idOf(world, 0))).rejects.toMatchObject({ state: 'timed_out' });
    work.open();
    await world.scheduler.shutdown();
  });

  it('of a one-shot run that has not begun ends its job', async () => {
    const world = engineWorld({ executors: { one: new LocalExecutor({ concurrency: 1 }) } });
    const work = gate();
    const once = { trigger: 'date', runDate: START, executor: 'one' } as const;
    await world.scheduler.addJob({ id: 'busy', task: () => work.promise, ...once });
    await world.scheduler.addJob({ id: 'a', task: heeding, ...once });
    await world.scheduler.start();
    await world.clock.advance(0);
    await world.scheduler.cancelRun(await idOf(world, 0));
    expect(await world.scheduler.getJob('a')).toBeUndefined();
    work.open();
    await world.scheduler.shutdown();
  });

  it('in the midst of failures counts as no failure', async () => {
    const world = engineWorld();
    const { scheduler, clock, logger } = world;
    let calls = 0;
    const task = (context: RunContext): Promise<never> =>
      calls++ === 1 ? heeding(context) : Promise.reject(new Error('no'));
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('2m');
    await scheduler.cancelRun(await idOf(world, 1));
    await clock.advance('1m');
    expect(logger.lines).toEqual([
      'error: Job "a" failed',
      'warn: Job "a" was cancelled: cancelled',
      'debug: Job "a" failed, 2 times in a row',
    ]);
    await scheduler.shutdown();
  });
});

describe('A job that is removed or paused', () => {
  it.each(['removeJob', 'pauseJob'] as const)('leaves its running run alone: %s', async (how) => {
    const world = engineWorld();
    const work = gate<string>();
    await world.scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('1m');
    await world.scheduler[how]('a');
    await world.clock.advance('5m');
    expect(await runsOf(world)).toMatchObject([{ state: 'running' }]);
    work.open('done');
    await world.clock.advance(0);
    expect(await runsOf(world)).toMatchObject([{ state: 'succeeded', result: 'done' }]);
    await world.scheduler.shutdown();
  });

  it.each([
    ['removeJob', 'removed'],
    ['pauseJob', 'paused'],
  ] as const)('has its runs cancelled when told so: %s', async (how, reason) => {
    const world = engineWorld({ executors: { one: new LocalExecutor({ concurrency: 2 }) } });
    const { scheduler, clock } = world;
    const options = { maxInstances: 3, executor: 'one' };
    await scheduler.addJob({ id: 'a', task: heeding, trigger: 'interval', minutes: 1, ...options });
    await scheduler.start();
    await clock.advance('3m');
    const byHand = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    expect(await byHand).toMatchObject({ code: 'MAX_INSTANCES' });
    await scheduler[how]('a', { cancelRuns: true });
    await clock.advance(0);
    expect((await runsOf(world)).map((run) => [run.state, run.reason, run.settled, run.startedAt !== null])).toEqual([
      ['cancelled', reason, true, true],
      ['cancelled', reason, true, true],
      ['cancelled', reason, true, false],
    ]);
    await clock.advance(HOUR);
    expect(await runsOf(world)).toHaveLength(3);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not let runs begin that wait for a place, and makes them when it goes on', async () => {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, overlap: 'queue' });
    await scheduler.start();
    await clock.advance('2m');
    await scheduler.pauseJob('a');
    work.open();
    await clock.advance('150s');
    expect((await runsOf(world)).map(({ state, reason }) => [state, reason])).toEqual([
      ['succeeded', null],
      ['missed', 'paused'],
    ]);
    await scheduler.shutdown();
  });
});
