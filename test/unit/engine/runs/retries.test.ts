import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_REMOVED,
  InvalidInputError,
  ManualClock,
  Scheduler,
  type JobDefinition,
  type RetryOptions,
  type Run,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const failing = (): never => {
  throw new Error('no');
};

async function runsOf({ scheduler }: EngineWorld, jobId = 'a'): Promise<readonly Run[]> {
  return (await scheduler.getRuns({ jobId, limit: 1000 })).runs.toReversed();
}

/** When the attempts of a one-shot job that is due at the start began, in milliseconds from then. */
async function attemptsOf(retry: RetryOptions | number | null, random = 0): Promise<readonly number[]> {
  const world = engineWorld({ random: () => random });
  const begun: number[] = [];
  const task = (): never => {
    begun.push(world.clock.now() - START);
    return failing();
  };
  await world.scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START, retry });
  await world.scheduler.start();
  await world.clock.advance('1d');
  await world.scheduler.shutdown();
  return begun;
}

/** A started world with one job. */
async function worldWith(definition: JobDefinition): Promise<EngineWorld> {
  const world = engineWorld();
  await world.scheduler.addJob(definition);
  await world.scheduler.start();
  return world;
}

describe('A failed run', () => {
  it.each<[string, RetryOptions | number | null, readonly number[]]>([
    ['not at all', null, [0]],
    ['not at all with one attempt', 1, [0]],
    ['after a second, then after twice as long each time', 4, [0, 1000, 3000, 7000]],
    ['at fixed distances', { attempts: 3, delay: '10s', backoff: 'fixed' }, [0, 10_000, 20_000]],
    ['at growing distances up to the longest', { attempts: 5, delay: 2, maxDelay: 5 }, [0, 2000, 6000, 11_000, 16_000]],
    ['no later than the longest, from the first on', { attempts: 2, delay: '1h', maxDelay: '1m' }, [0, 60_000]],
    ['at once', { attempts: 3, delay: 0 }, [0, 0, 0]],
    ['with distances of less than a second', { attempts: 3, delay: '50ms' }, [0, 50, 150]],
  ])('is tried again %s', async (_, retry, begun) => {
    expect(await attemptsOf(retry)).toEqual(begun);
  });

  it('is tried again up to the jitter later, which does not add up', async () => {
    const retry = { attempts: 3, delay: 10, backoff: 'fixed', jitter: 4 } as const;
    expect(await attemptsOf(retry, 0.5)).toEqual([0, 12_000, 24_000]);
    expect(await attemptsOf({ ...retry, backoff: 'exponential' }, 0.5)).toEqual([0, 12_000, 34_000]);
  });

  it('is tried again thousands of times without a wait that is no number', async () => {
    expect(await attemptsOf({ attempts: 1100, delay: 0 })).toHaveLength(1100);
  });

  it('is linked with the attempts that follow it, and says when the next one comes', async () => {
    const world = await worldWith({
      id: 'a',
      task: ({ attempt }: RunContext) => (attempt < 3 ? failing() : 'done'),
      trigger: 'date',
      runDate: START + SECOND,
      retry: { attempts: 5, delay: 10, backoff: 'fixed' },
    });
    await world.clock.advance('1s');
    const [first] = await runsOf(world);
    expect(first).toMatchObject({ state: 'failed', attempt: 1, retryOf: null, retryAt: START + 11 * SECOND });
    await world.clock.advance('10s');
    expect(await runsOf(world)).toMatchObject([
      { id: first?.id, retryAt: null },
      { state: 'failed', cause: 'retry', attempt: 2, retryOf: first?.id, retryAt: START + 21 * SECOND },
    ]);
    await world.clock.advance('10s');
    const runs = await runsOf(world);
    expect(runs).toMatchObject([
      { id: first?.id, cause: 'schedule' },
      { attempt: 2, retryAt: null },
      { state: 'succeeded', cause: 'retry', attempt: 3, retryOf: first?.id, retryAt: null, result: 'done' },
    ]);
    expect(runs.map(({ nominalTime, fireTime }) => [nominalTime - START, fireTime - START])).toEqual([
      [1000, 1000],
      [1000, 11_000],
      [1000, 21_000],
    ]);
    expect(world.happened(EVENT_JOB_ERROR)).toMatchObject([
      { state: 'failed', attempt: 1, retryAt: START + 11 * SECOND, runId: runs[0]?.id },
      { state: 'failed', attempt: 2, retryAt: START + 21 * SECOND, runId: runs[1]?.id },
    ]);
    expect(world.happened(EVENT_JOB_EXECUTED)).toMatchObject([{ attempt: 3, runId: runs[2]?.id }]);
    await world.scheduler.shutdown();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('keeps its one-shot job until the last attempt has an outcome', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'date', runDate: START, retry: 2 });
    await world.clock.advance('500ms');
    expect(await world.scheduler.getJob('a')).toMatchObject({ nextRunTime: null });
    expect(world.happened(EVENT_JOB_REMOVED)).toEqual([]);
    await world.clock.advance('500ms');
    expect(await world.scheduler.getJob('a')).toBeUndefined();
    expect(world.happened(EVENT_JOB_REMOVED)).toHaveLength(1);
  });

  it('is logged once with all its details for all attempts in a row', async () => {
    const { logger, clock } = await worldWith({ id: 'a', task: failing, trigger: 'interval', minutes: 1, retry: 3 });
    await clock.advance('5m');
    expect(logger.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([
      'error: Job "a" failed; it is tried again at 2030-01-01T00:01:01.000Z',
    ]);
  });
});

describe('A retry', () => {
  it('is made when its job says so by default, and not when the job switches it off', async () => {
    const world = engineWorld({ jobDefaults: { retry: { attempts: 2, delay: 1 } } });
    await world.scheduler.addJob({ id: 'a', task: failing, trigger: 'date', runDate: START });
    await world.scheduler.addJob({ id: 'off', task: failing, trigger: 'date', runDate: START, retry: null });
    await world.scheduler.start();
    await world.clock.advance('1m');
    expect(await runsOf(world)).toHaveLength(2);
    expect(await runsOf(world, 'off')).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['a text', 'often', 'retry must be options'],
    ['no number of attempts', {}, 'retry.attempts must be a whole number'],
    ['no attempts', 0, 'retry.attempts must be a whole number of at least 1'],
    ['half an attempt', { attempts: 1.5 }, 'retry.attempts'],
    ['endless attempts', { attempts: Infinity }, 'retry.attempts'],
    ['a negative delay', { attempts: 2, delay: -1 }, 'retry.delay must be'],
    ['a delay that is no duration', { attempts: 2, delay: 'soon' }, 'retry.delay must be'],
    ['an unknown backoff', { attempts: 2, backoff: 'linear' }, 'retry.backoff must be "fixed" or "exponential"'],
    ['a longest delay that is no number', { attempts: 2, maxDelay: NaN }, 'retry.maxDelay must be'],
    ['an endless delay', { attempts: 2, delay: Infinity }, 'retry.delay must be'],
    ['a negative jitter', { attempts: 2, jitter: '-5s' }, 'retry.jitter must be'],
    ['no predicate', { attempts: 2, retryIf: 5 }, 'retry.retryIf must be a function or the name of one'],
    ['a predicate that cannot answer at once', { attempts: 2, retryIf: async () => true }, 'retry.retryIf must answer'],
    ['an unknown option', { attempts: 2, limit: 3 }, 'retry.limit is not known here'],
    ['delays beyond the end of time', { attempts: 2, delay: 1e300, maxDelay: 1e300 }, 'retry.maxDelay must'],
  ])('is refused with its fault named: %s', async (_, retry, message) => {
    const { scheduler } = engineWorld();
    const added = scheduler.addJob({ id: 'a', task: failing, retry: retry as RetryOptions });
    await expect(added).rejects.toThrow(InvalidInputError);
    await expect(added).rejects.toThrow(message);
    expect(() => new Scheduler({ jobDefaults: { retry: retry as RetryOptions } })).toThrow(message);
  });

  it('names every fault at once', async () => {
    const { scheduler } = engineWorld();
    const retry = { attempts: 0, delay: -1, jitter: 'x', backoff: 'y' } as unknown as RetryOptions;
    const error = await scheduler.addJob({ id: 'a', task: failing, retry }).catch((caught: unknown) => caught);
    expect((error as InvalidInputError).faults.map(({ field }) => field).toSorted()).toEqual([
      'retry.attempts',
      'retry.backoff',
      'retry.delay',
      'retry.jitter',
    ]);
  });

  it('is made only of errors that its predicate finds worth it', async () => {
    const asked: unknown[][] = [];
    const retryIf = (error: unknown, attempt: number): boolean => {
      asked.push([(error as Error).message, attempt]);
      return attempt < 2;
    };
    const world = await worldWith({
      id: 'a',
      task: failing,
      trigger: 'date',
      runDate: START,
      retry: { attempts: 9, retryIf },
    });
    await world.clock.advance('1m');
    expect(asked).toEqual([
      ['no', 1],
      ['no', 2],
    ]);
    expect(await runsOf(world)).toMatchObject([{ attempt: 1 }, { attempt: 2, retryAt: null }]);
  });

  it('asks a predicate by the name that it is registered by', async () => {
    const world = engineWorld();
    world.scheduler.registerPredicate('isTransient', (error) => (error as Error).message === 'yes');
    const job = { trigger: 'date', runDate: START, retry: { attempts: 2, retryIf: 'isTransient' } } as const;
    await world.scheduler.addJob({ id: 'a', task: failing, ...job });
    await world.scheduler.addJob({ id: 'b', task: () => Promise.reject(new Error('yes')), ...job });
    await world.scheduler.start();
    await world.clock.advance('1m');
    expect(await runsOf(world, 'a')).toHaveLength(1);
    expect(await runsOf(world, 'b')).toHaveLength(2);
  });

  it('never calls a task in place of a predicate, whatever a stored job says', async () => {
    const retry = { attempts: 2, retryIf: 'task' };
    const world = engineWorld();
    let calls = 0;
    world.scheduler.registerTask('task', () => ++calls);
    await world.scheduler.addJob({ id: 'a', task: failing, trigger: 'date', runDate: START, retry });
    await world.scheduler.start();
    await world.clock.advance('1m');
    expect(await runsOf(world, 'a')).toHaveLength(2);
    expect(calls).toBe(0);
  });

  it('is made, and told of once, when its predicate is not registered', async () => {
    const retry = { attempts: 3, retryIf: 'gone' };
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', minutes: 1, retry });
    await world.clock.advance('150s');
    expect(await runsOf(world)).toHaveLength(6);
    expect(world.logger.lines.filter((line) => line.includes('"gone" is not registered'))).toHaveLength(1);
  });

  it.each<[string, () => unknown]>([
    ['throws', failing],
    ['answers with a promise', () => Promise.resolve(false)],
    ['answers with a promise that fails', () => Promise.reject(new Error('later'))],
  ])('is made, and told of once, when its predicate %s', async (_, retryIf) => {
    const retry = { attempts: 3, retryIf: retryIf as () => boolean };
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', minutes: 1, retry });
    await world.clock.advance('150s');
    expect(await runsOf(world)).toHaveLength(6);
    expect(world.logger.lines.filter((line) => line.startsWith('error: The retryIf'))).toEqual([
      'error: The retryIf of job "a" failed; the run is tried again',
    ]);
  });

  it('never begins before the attempt before it is over, though that has timed out', async () => {
    const first = gate();
    const world = await worldWith({
      id: 'a',
      task: ({ attempt }: RunContext) => (attempt === 1 ? first.promise : 'done'),
      trigger: 'date',
      runDate: START,
      timeout: 10,
      retry: { attempts: 2, delay: 5 },
    });
    await world.clock.advance('10m');
    expect(await runsOf(world)).toMatchObject([{ state: 'timed_out', settled: false, retryAt: null }]);
    first.open();
    await world.clock.advance('4s');
    expect(await runsOf(world)).toMatchObject([
      { state: 'timed_out', settled: true, retryAt: START + 10 * MINUTE + 5 * SECOND },
    ]);
    await world.clock.advance('1s');
    expect(await runsOf(world)).toMatchObject([{}, { state: 'succeeded', attempt: 2 }]);
  });

  it('is not made of a run that was cancelled', async () => {
    const task = ({ signal }: RunContext): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const world = await worldWith({ id: 'a', task, trigger: 'interval', minutes: 1, retry: 3 });
    await world.clock.advance('1m');
    const [run] = await runsOf(world);
    await world.scheduler.cancelRun(run?.id ?? '');
    await world.clock.advance('30s');
    expect(await runsOf(world)).toMatchObject([{ state: 'cancelled', retryAt: null }]);
    await world.scheduler.shutdown({ wait: false });
  });

  it('waits while its job is paused, and is made when the job goes on', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', hours: 1, retry: 2 });
    await world.clock.advance('1h');
    await world.scheduler.pauseJob('a');
    await world.clock.advance('10m');
    expect(await runsOf(world)).toHaveLength(1);
    await world.scheduler.resumeJob('a');
    await world.clock.advance(0);
    expect(await runsOf(world)).toMatchObject([{ retryAt: null }, { attempt: 2, state: 'failed' }]);
  });

  it('waits while the scheduler is paused', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'date', runDate: START, retry: 2 });
    await world.clock.advance(0);
    await world.scheduler.pause();
    await world.clock.advance('10m');
    expect(await runsOf(world)).toHaveLength(1);
    await world.scheduler.resume();
    await world.clock.advance(0);
    expect(await runsOf(world)).toHaveLength(2);
  });

  it('outlives a stop of the scheduler', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'date', runDate: START, retry: 2 });
    await world.clock.advance(0);
    await world.scheduler.shutdown();
    await world.clock.advance('10m');
    expect(world.clock.pendingTimers).toBe(0);
    await world.scheduler.start();
    await world.clock.advance(0);
    expect(await runsOf(world)).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
    expect(await world.scheduler.getJob('a')).toBeUndefined();
  });

  it('is made no more once its job is removed, and the failed run says so', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', hours: 1, retry: 5 });
    await world.clock.advance('1h');
    expect(await runsOf(world)).toMatchObject([{ retryAt: START + 60 * MINUTE + SECOND }]);
    await world.scheduler.removeJob('a');
    await world.clock.advance('1h');
    expect(await runsOf(world)).toMatchObject([{ state: 'failed', retryAt: null }]);
  });

  it('is made no more once all jobs are removed, and the failed run says so', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', hours: 1, retry: 5 });
    await world.clock.advance('1h');
    await world.scheduler.removeAllJobs();
    await world.clock.advance('1h');
    expect(await runsOf(world)).toMatchObject([{ state: 'failed', retryAt: null }]);
  });

  it('is not made for another job that has taken the id of its own', async () => {
    const world = await worldWith({ id: 'a', task: failing, trigger: 'interval', hours: 1, retry: 5 });
    await world.clock.advance('1h');
    await world.scheduler.removeJob('a');
    await world.scheduler.addJob({ id: 'a', task: failing, trigger: 'interval', hours: 12 });
    await world.clock.advance('1h');
    expect(await runsOf(world)).toHaveLength(1);
  });

  it('is not made of a run whose job was removed while it was under way', async () => {
    const work = gate();
    const task = (): Promise<void> => work.promise;
    const world = await worldWith({ id: 'a', task, trigger: 'interval', hours: 1, retry: 5 });
    await world.clock.advance('1h');
    await world.scheduler.removeJob('a');
    work.fail(new Error('no'));
    await world.clock.advance('1h');
    expect(await runsOf(world)).toMatchObject([{ state: 'failed', retryAt: null }]);
  });

  it('runs its job as that is by then', async () => {
    const calls: unknown[] = [];
    const task = (value: unknown): never => {
      calls.push(value);
      return failing();
    };
    const retry = { attempts: 3, delay: 60 };
    const world = await worldWith({ id: 'a', task, args: ['old'], trigger: 'interval', hours: 1, retry });
    await world.clock.advance('1h');
    await world.scheduler.modifyJob('a', { args: ['new'], retry: null });
    await world.clock.advance('30m');
    // The second attempt was promised before; a third would go by what the job says now.
    expect(calls).toEqual(['old', 'new']);
  });

  it('waits for a place while its job runs as often as it may', async () => {
    const work = gate();
    const world = await worldWith({
      id: 'a',
      task: ({ attempt, scheduledTime }: RunContext) =>
        attempt === 1 && scheduledTime === START + MINUTE ? failing() : work.promise,
      trigger: 'interval',
      minutes: 1,
      retry: { attempts: 2, delay: 90 },
    });
    await world.clock.advance('2m');
    await world.clock.advance('45s');
    expect(await runsOf(world)).toMatchObject([
      { state: 'failed', retryAt: null },
      { state: 'running', startedAt: START + 2 * MINUTE },
      { state: 'running', cause: 'retry', startedAt: null },
    ]);
    work.open();
    await world.clock.advance(0);
    expect(await runsOf(world)).toMatchObject([
      {},
      { state: 'succeeded' },
      { state: 'succeeded', attempt: 2, startedAt: START + 165 * SECOND },
    ]);
    await world.scheduler.shutdown();
  });

  it('does not take the place of a newer run', async () => {
    const work = gate();
    const world = await worldWith({
      id: 'a',
      task: ({ attempt, scheduledTime }: RunContext) =>
        attempt === 1 && scheduledTime === START + MINUTE ? failing() : work.promise,
      trigger: 'interval',
      minutes: 1,
      endDate: START + 2 * MINUTE,
      overlap: 'replace',
      retry: { attempts: 2, delay: 90 },
    });
    await world.clock.advance('3m');
    expect(await runsOf(world)).toMatchObject([
      { state: 'failed' },
      { state: 'running', cause: 'schedule' },
      { state: 'skipped', reason: 'replaced', cause: 'retry', startedAt: null },
    ]);
    work.open();
    await world.clock.advance(0);
    expect((await runsOf(world)).map(({ state }) => state)).toEqual(['failed', 'succeeded', 'skipped']);
    await world.scheduler.shutdown();
  });

  it('counts no attempt for one that could not begin', async () => {
    const work = gate();
    const world = await worldWith({
      id: 'a',
      task: ({ attempt, scheduledTime }: RunContext) =>
        attempt === 1 && scheduledTime === START + MINUTE ? failing() : work.promise,
      trigger: 'interval',
      minutes: 1,
      retry: { attempts: 2, delay: 90 },
    });
    await world.clock.advance('150s');
    // It waits for a place when the job is paused.
    await world.scheduler.pauseJob('a');
    await world.clock.advance(0);
    expect(await runsOf(world)).toMatchObject([
      {},
      { state: 'running' },
      { state: 'missed', reason: 'paused', attempt: 2, retryAt: START + 150 * SECOND },
    ]);
    work.open();
    await world.clock.advance('1m');
    await world.scheduler.resumeJob('a');
    await world.clock.advance(0);
    const runs = await runsOf(world);
    expect(runs).toMatchObject([
      {},
      { state: 'succeeded' },
      { state: 'missed', retryAt: null },
      { state: 'succeeded', attempt: 2, retryOf: runs[0]?.id },
    ]);
  });

  it('is made of runs that make up for missed ones, one after the other', async () => {
    const world = engineWorld();
    await world.scheduler.addJob({
      id: 'a',
      task: ({ attempt }: RunContext) => (attempt === 1 ? failing() : 'done'),
      trigger: 'interval',
      seconds: 10,
      endDate: START + 20 * SECOND,
      coalesce: 'all',
      retry: { attempts: 2, delay: 5 },
    });
    await world.scheduler.start({ paused: true });
    await world.clock.advance('1m');
    await world.scheduler.resume();
    await world.clock.advance('5s');
    expect((await runsOf(world)).map(({ state, attempt, nominalTime }) => [state, attempt, nominalTime])).toEqual([
      ['failed', 1, START + 10 * SECOND],
      ['failed', 1, START + 20 * SECOND],
      ['succeeded', 2, START + 10 * SECOND],
      ['succeeded', 2, START + 20 * SECOND],
    ]);
    expect(await world.scheduler.getJob('a')).toBeUndefined();
  });

  it('is too late by no misfire grace', async () => {
    const world = await worldWith({
      id: 'a',
      task: failing,
      trigger: 'date',
      runDate: START,
      misfireGraceTime: 5,
      retry: { attempts: 2, delay: 60 },
    });
    await world.clock.advance(0);
    await world.scheduler.pause();
    await world.clock.advance('1h');
    await world.scheduler.resume();
    await world.clock.advance(0);
    expect((await runsOf(world)).map(({ state }) => state)).toEqual(['failed', 'failed']);
  });

  it('of a run by hand has the arguments that this one was given', async () => {
    const calls: unknown[] = [];
    const task = (value: unknown): never => {
      calls.push(value);
      return failing();
    };
    const world = await worldWith({ id: 'a', task, args: ['own'], trigger: 'interval', hours: 1, retry: 2 });
    await world.scheduler.runJob('a', { wait: false, args: ['given'] });
    await world.clock.advance('1m');
    expect(calls).toEqual(['given', 'given']);
    await world.scheduler.runJob('a', { wait: false });
    await world.clock.advance('1m');
    expect(calls).toEqual(['given', 'given', 'own', 'own']);
  });
});

it('A wait for a retry may take a year', async () => {
  const clock = new ManualClock(START);
  const { scheduler, happened } = engineWorld({ clock });
  const retry = { attempts: 2, delay: '365d', maxDelay: '365d' };
  await scheduler.addJob({ id: 'a', task: failing, trigger: 'date', runDate: START, retry });
  await scheduler.start();
  await clock.advance(0);
  expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ retryAt: START + 365 * 24 * 3600 * SECOND }]);
  await scheduler.shutdown();
});
