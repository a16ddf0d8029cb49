import {
  currentRun,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_SUBMITTED,
  MaxInstancesReachedError,
  TaskFailedError,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const yearly = { trigger: 'interval', weeks: 52 } as const;

/** A job `a` with args and kwargs of its own, and what its task was called with. */
async function listening(): Promise<EngineWorld & { calls: unknown[][] }> {
  const world = engineWorld();
  const calls: unknown[][] = [];
  const task = (...given: unknown[]): number => calls.push(given.slice(0, -1));
  await world.scheduler.addJob({ id: 'a', task, ...yearly, args: [1, 2], kwargs: { key: 'own' } });
  return { ...world, calls };
}

describe('A run by hand', () => {
  it('answers what the task returned, and goes through events and history', async () => {
    const { scheduler, happened } = await listening();
    await scheduler.start();
    await expect(scheduler.runJob('a')).resolves.toBe(1);
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([{ jobId: 'a', scheduledRunTimes: [START] }]);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ jobId: 'a', returnValue: 1, scheduledRunTime: START }]);
    const [run] = (await scheduler.getRuns()).runs;
    expect(run).toMatchObject({ jobId: 'a', cause: 'manual', state: 'succeeded', result: 1, nominalTime: START });
    expect((await scheduler.getJob('a'))?.lastRun?.id).toBe(run?.id);
    await scheduler.shutdown();
  });

  it('takes args and kwargs for this run only, empty ones as well', async () => {
    const { scheduler, calls } = await listening();
    await scheduler.start();
    await scheduler.runJob('a', { args: ['x'] });
    await scheduler.runJob('a', { kwargs: { other: true } });
    await scheduler.runJob('a', { args: [], kwargs: {} });
    await scheduler.runJob('a');
    expect(calls).toEqual([['x', { key: 'own' }], [1, 2, { other: true }], [], [1, 2, { key: 'own' }]]);
    expect(await scheduler.getJob('a')).toMatchObject({ args: [1, 2], kwargs: { key: 'own' } });
    await scheduler.shutdown();
  });

  it('answers the run at once when nobody waits, and the run is recorded by then', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, ...yearly });
    await scheduler.start();
    const run = await scheduler.runJob('a', { wait: false });
    expect(run).toMatchObject({ jobId: 'a', jobStore: 'default', cause: 'manual', state: 'running' });
    expect(await scheduler.getRun(run.id)).toMatchObject({ state: 'running' });
    open();
    await clock.advance(0);
    expect(await scheduler.getRun(run.id)).toMatchObject({ state: 'succeeded' });
    await scheduler.shutdown();
  });

  it('leaves the schedule as it is', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => undefined, trigger: 'interval', hours: 1 });
    await scheduler.start();
    await clock.advance(20 * MINUTE);
    await scheduler.runJob('a');
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: START + HOUR });
    await scheduler.shutdown();
  });

  it.each(['stopped', 'paused', 'with its job paused'])('is made on a scheduler that is %s', async (state) => {
    const { scheduler, calls } = await listening();
    if (state !== 'stopped') await scheduler.start({ paused: state === 'paused' });
    if (state === 'with its job paused') await scheduler.pauseJob('a');
    await scheduler.runJob('a');
    const run = await scheduler.runJob('a', { wait: false });
    expect(calls).toHaveLength(2);
    expect(run.cause).toBe('manual');
  });

  it('is refused beyond maxInstances, and leaves no record', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, ...yearly });
    await scheduler.start();
    const first = scheduler.runJob('a');
    await clock.advance(0);
    for (const wait of [true, false]) {
      await expect(scheduler.runJob('a', { wait })).rejects.toThrow(MaxInstancesReachedError);
    }
    expect((await scheduler.getRuns()).runs).toHaveLength(1);
    open();
    await first;
    await scheduler.shutdown();
  });

  it('is tried again when nobody waits for it, and not when somebody does', async () => {
    const { scheduler, clock } = engineWorld();
    const attempts: number[] = [];
    const task = ({ attempt }: RunContext): void => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('not yet');
    };
    await scheduler.addJob({ id: 'a', task, ...yearly, retry: { attempts: 3, delay: 1, backoff: 'fixed' } });
    await scheduler.start();
    await expect(scheduler.runJob('a')).rejects.toThrow(TaskFailedError);
    await clock.advance(MINUTE);
    expect(attempts).toEqual([1]);
    const run = await scheduler.runJob('a', { wait: false });
    await clock.advance(2 * SECOND);
    expect(attempts).toEqual([1, 1, 2, 3]);
    const [third, second] = (await scheduler.getRuns()).runs;
    expect([third, second]).toMatchObject([
      { attempt: 3, cause: 'retry', retryOf: run.id, state: 'succeeded' },
      { attempt: 2, cause: 'retry', retryOf: run.id, state: 'failed' },
    ]);
    await scheduler.shutdown();
  });

  it('is tried again with the args that it was given', async () => {
    const { scheduler, clock } = engineWorld();
    const seen: unknown[][] = [];
    const task = (...given: unknown[]): void => {
      seen.push(given.slice(0, -1));
      throw new Error('no');
    };
    const job = {
      id: 'a',
      task,
      ...yearly,
      args: ['own'],
      retry: { attempts: 3, delay: 1, backoff: 'fixed' },
    } as const;
    await scheduler.addJob(job);
    await scheduler.start();
    await scheduler.runJob('a', { wait: false, args: ['given'], kwargs: { once: true } });
    await clock.advance(2 * SECOND);
    expect(seen).toEqual([1, 2, 3].map(() => ['given', { once: true }]));
    await scheduler.shutdown();
  });

  it('of a failing task tells the task’s own error, in an event as well', async () => {
    const { scheduler, happened } = engineWorld();
    const error = new Error('disk full');
    await scheduler.addJob({ id: 'a', task: () => Promise.reject(error), ...yearly });
    await scheduler.start();
    await expect(scheduler.runJob('a')).rejects.toMatchObject({ message: 'disk full', cause: error, jobId: 'a' });
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ exception: error, retryAt: null }]);
    await scheduler.shutdown();
  });

  it('that waits in the queue outlives a pause of its job, and not its removal', async () => {
    const { scheduler, clock } = engineWorld();
    const first = gate();
    const ran: unknown[] = [];
    const task = (n: number): Promise<void> | undefined => {
      ran.push(n);
      return n === 1 ? first.promise : undefined;
    };
    await scheduler.addJob({ id: 'a', task, ...yearly, overlap: 'queue' });
    await scheduler.start();
    const runs = [1, 2].map((n) => scheduler.runJob('a', { args: [n] }));
    await clock.advance(0);
    await scheduler.pauseJob('a');
    first.open();
    await Promise.all(runs);
    expect(ran).toEqual([1, 2]);

    const again = gate();
    await scheduler.addJob({ id: 'b', task: () => again.promise, ...yearly, overlap: 'queue' });
    const [under, waiting] = [scheduler.runJob('b'), scheduler.runJob('b').catch((error: unknown) => error)];
    await clock.advance(0);
    await scheduler.removeJob('b');
    expect(await waiting).toMatchObject({ code: 'JOB_NOT_FOUND' });
    again.open();
    await under;
    await scheduler.shutdown();
  });

  it.each([
    [{ args: 'x' }, /args must be an array/],
    [{ kwargs: [] }, /kwargs must be a plain object/],
    [{ wait: 1 }, /wait must be true or false/],
    [{ arg: [] }, /arg is not known here/],
  ])('is refused with %j', async (options, message) => {
    const { scheduler } = await listening();
    await expect(scheduler.runJob('a', options as never)).rejects.toThrow(message);
  });
});

describe('currentRun()', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('finds the run across awaits, timers and nested calls, and nothing outside of one', async () => {
    const { scheduler } = engineWorld();
    const seen: (RunContext | undefined)[] = [];
    const look = (): void => void seen.push(currentRun());
    const deep = async (): Promise<void> => {
      look();
      await turn();
      look();
      await Promise.all([turn().then(look), new Promise<void>((resolve) => process.nextTick(resolve)).then(look)]);
    };
    const task = async (context: RunContext): Promise<string> => {
      await deep();
      expect(new Set(seen)).toEqual(new Set([context]));
      return context.runId;
    };
    await scheduler.addJob({ id: 'a', task, ...yearly });
    await scheduler.start();
    expect(currentRun()).toBeUndefined();
    await scheduler.runJob('a');
    expect(currentRun()).toBeUndefined();
    expect(seen).toHaveLength(4);
    await scheduler.shutdown();
  });

  it('keeps runs apart that take turns', async () => {
    const { scheduler } = engineWorld();
    const seen: [string, string | undefined][] = [];
    const task = async (name: string, context: RunContext): Promise<void> => {
      for (let n = 0; n < 5; n++) {
        await turn();
        seen.push([name, currentRun() === context ? name : currentRun()?.jobId]);
      }
    };
    await scheduler.addJob({ id: 'a', task, ...yearly, overlap: 'allow' });
    await scheduler.start();
    await Promise.all(['x', 'y', 'z'].map((name) => scheduler.runJob('a', { args: [name] })));
    expect(seen).toHaveLength(15);
    for (const [name, found] of seen) expect(found).toBe(name);
    expect(new Set(seen.slice(0, 3).map(([name]) => name)).size).toBe(3);
    await scheduler.shutdown();
  });

  it('is not the run of a listener that is told of one, nor of a scheduler that a task starts a run on', async () => {
    const { scheduler, clock } = engineWorld();
    const seen: (string | undefined)[] = [];
    scheduler.addListener(() => void seen.push(currentRun()?.jobId), EVENT_JOB_EXECUTED);
    await scheduler.addJob({ id: 'inner', task: () => seen.push(currentRun()?.jobId), ...yearly });
    await scheduler.addJob({ id: 'outer', task: () => scheduler.runJob('inner'), ...yearly });
    await scheduler.start();
    await scheduler.runJob('outer');
    await clock.advance(0);
    expect(seen[0]).toBe('inner');
    await scheduler.shutdown();
  });

  it('logs and says how far it is, in the record', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    const task = async (): Promise<void> => {
      currentRun()?.log('half');
      currentRun()?.progress(0.5);
      await promise;
      currentRun()?.log('done');
      currentRun()?.progress(1);
    };
    await scheduler.addJob({ id: 'a', task, ...yearly });
    await scheduler.start();
    const { id } = await scheduler.runJob('a', { wait: false });
    expect(await scheduler.getRun(id)).toMatchObject({ progress: 0.5, log: [{ time: START, message: 'half' }] });
    await clock.advance(SECOND);
    open();
    await clock.advance(0);
    expect(await scheduler.getRun(id)).toMatchObject({
      progress: 1,
      log: [
        { time: START, message: 'half' },
        { time: START + SECOND, message: 'done' },
      ],
    });
    await scheduler.shutdown();
  });
});
