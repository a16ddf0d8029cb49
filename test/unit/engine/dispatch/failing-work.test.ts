import {
  EVENT_JOB_EXECUTED,
  LocalExecutor,
  MemoryJobStore,
  type JobRecord,
  type RecordResult,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;
const never = (): Promise<never> => new Promise(() => undefined);

/** Fails, or does not answer, as the test says. */
class Unsteady extends MemoryJobStore {
  failing: 'record' | 'update' | 'lastRuns' | null = null;
  /** What it has been told of runs, in order: `1 succeeded`. */
  readonly told: string[] = [];
  readonly tries: number[] = [];
  now: () => number = () => 0;

  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    this.tries.push(this.now());
    this.fail('record');
    for (const run of args[0]) this.told.push(`${(run.nominalTime - START) / SECOND} ${run.state}`);
    return super.record(...args);
  }

  override async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    this.fail('update');
    return super.update(id, change);
  }

  override async lastRuns(...args: Parameters<MemoryJobStore['lastRuns']>): ReturnType<MemoryJobStore['lastRuns']> {
    this.fail('lastRuns');
    return super.lastRuns(...args);
  }

  private fail(method: typeof this.failing): void {
    if (this.failing === method) throw new Error('connection lost');
  }
}

function unsteady(): EngineWorld & { store: Unsteady; errors: () => string[] } {
  const store = new Unsteady();
  const world = engineWorld({ jobStores: { default: store } });
  store.now = () => world.clock.now();
  return { ...world, store, errors: () => world.logger.lines.filter((line) => line.startsWith('error:')) };
}

describe('While a job store fails to record', () => {
  it('jobs run on; it is tried at growing distances and told once; then all records come, in order', async () => {
    const { scheduler, clock, store, errors, happened, logger } = unsteady();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    store.failing = 'record';
    await clock.advance(MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(60);
    expect(store.told).toEqual([]);
    // A try that fails goes on with parts of the batch, to find a run that the store refuses.
    const tries = [...new Set(store.tries)];
    const waits = tries.slice(1).map((time, n) => (time - tries[n]!) / SECOND);
    expect(waits).toEqual([0.5, 1, 2, 4, 8, 16]);
    expect(errors()).toEqual([
      'error: Job store "default" fails to record runs; it is tried again, at growing distances',
    ]);
    store.failing = null;
    await clock.advance(30 * SECOND);
    expect(store.told).toEqual(Array.from({ length: 90 }, (_, n) => `${n + 1} succeeded`));
    expect(logger.lines.at(-1)).toMatch(/^info: Job store "default" records runs again/);
    expect((await scheduler.getRuns({ state: 'running' })).runs).toEqual([]);
    await scheduler.shutdown();
  });

  it('a retry is not made before its failed attempt is recorded, and is then', async () => {
    const { scheduler, clock, store } = unsteady();
    const attempts: number[] = [];
    const task = ({ attempt }: RunContext): void => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('no');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START, retry: { attempts: 2, delay: 1 } });
    await scheduler.start();
    store.failing = 'record';
    await clock.advance(10 * SECOND);
    expect(attempts).toEqual([1]);
    store.failing = null;
    await clock.advance(30 * SECOND);
    expect(attempts).toEqual([1, 2]);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it('a run by hand is refused with its error, and nothing is left of it', async () => {
    const { scheduler, store, clock } = unsteady();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    await scheduler.start();
    store.failing = 'record';
    await expect(scheduler.runJob('a')).rejects.toThrow('connection lost');
    store.failing = null;
    await expect(scheduler.runJob('a')).resolves.toBeUndefined();
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('and does not answer, that is told once, and jobs run on', async () => {
    const { scheduler, clock, store, errors, happened, logger } = unsteady();
    const { promise, open } = gate();
    const { record } = MemoryJobStore.prototype;
    store.record = async (...args) => {
      await promise;
      return record.apply(store, args);
    };
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(2 * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(120);
    expect(errors()).toEqual([
      'error: Job store "default" has for 30 s not recorded how runs went; they are kept here',
    ]);
    open();
    await clock.advance(0);
    expect(logger.lines.at(-1)).toBe('info: Job store "default" answers again');
    expect((await scheduler.getRuns({ state: 'succeeded', limit: 1000 })).runs).toHaveLength(100);
    await scheduler.shutdown();
  });
});

describe('While a job store fails', () => {
  it('to change or show a job, who asked is told, and the jobs run on', async () => {
    const { scheduler, clock, store, happened } = unsteady();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    store.failing = 'update';
    await expect(scheduler.pauseJob('a')).rejects.toThrow('connection lost');
    store.failing = 'lastRuns';
    await expect(scheduler.getJobs()).rejects.toThrow('connection lost');
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
    store.failing = null;
    expect(await scheduler.getJob('a')).toMatchObject({ paused: false });
    await scheduler.shutdown();
  });
});

describe('A failing task', () => {
  it('is told with its error once, then at level debug, and when it succeeds again', async () => {
    const { scheduler, clock, logger } = engineWorld();
    let broken = true;
    const task = (): void => {
      if (broken) throw new Error('no');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    broken = false;
    await clock.advance(5 * SECOND);
    const levels = logger.lines.map((line) => line.slice(0, line.indexOf(':')));
    expect(levels).toEqual(['error', 'debug', 'debug', 'debug', 'debug', 'info']);
    expect(logger.lines.at(-1)).toBe('info: Job "a" succeeds again, after 5 failure(s)');
    await scheduler.shutdown();
  });
});

describe('An executor that throws', () => {
  it('makes its runs fail, which is told once, and others go on', async () => {
    const { scheduler, clock, logger, happened } = engineWorld();
    const submit = (): never => {
      throw new Error('no connection to the workers');
    };
    scheduler.addExecutor({ submit, dropQueued: nothing }, 'broken');
    await scheduler.addJob({ id: 'a', task: nothing, executor: 'broken', trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'b', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
    expect(logger.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect((await scheduler.getRuns({ jobId: 'a' })).runs[0]).toMatchObject({
      state: 'failed',
      error: { message: 'Executor "broken" did not take the run: no connection to the workers' },
    });
    await scheduler.shutdown();
  });
});

describe('A job that waits for what is not here', () => {
  it('says what for, and runs when its task appears, for the time it was due', async () => {
    const { scheduler, clock, logger } = engineWorld();
    await scheduler.addJob({ id: 'a', task: 'Reports:daily', trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(MINUTE);
    expect(await scheduler.getJob('a')).toMatchObject({
      waitingFor: 'task "Reports:daily"',
      nextRunTime: START + SECOND,
    });
    expect(logger.lines).toEqual(['warn: Jobs wait for what this node does not have: task "Reports:daily"']);
    const seen: number[] = [];
    scheduler.registerTask('Reports:daily', ({ scheduledTime }: RunContext) => seen.push(scheduledTime));
    await clock.advance(0);
    expect(seen).toEqual([START + SECOND]);
    expect(await scheduler.getJob('a')).toBeUndefined();
    await scheduler.shutdown();
  });

  it('says so for its executor, in each episode', async () => {
    const { scheduler, clock, logger, happened } = engineWorld({ executors: { second: new LocalExecutor() } });
    await scheduler.addJob({ id: 'a', task: nothing, executor: 'second', trigger: 'interval', seconds: 1 });
    await scheduler.start();
    for (const episode of [1, 2]) {
      await scheduler.removeExecutor('second');
      await clock.advance(5 * SECOND);
      expect(await scheduler.getJob('a')).toMatchObject({ waitingFor: 'executor "second"' });
      expect(logger.lines.filter((line) => line.includes('executor "second"'))).toHaveLength(episode);
      scheduler.addExecutor(new LocalExecutor(), 'second');
      await clock.advance(0);
      expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(episode);
      expect(await scheduler.getJob('a')).toMatchObject({ waitingFor: null });
    }
    await scheduler.shutdown();
  });

  it('waits with its retry as well', async () => {
    const { scheduler, clock } = engineWorld({ executors: { second: new LocalExecutor() } });
    const attempts: number[] = [];
    const task = ({ attempt }: RunContext): void => {
      attempts.push(attempt);
      throw new Error('no');
    };
    const retry = { attempts: 2, delay: 10 };
    await scheduler.addJob({ id: 'a', task, executor: 'second', trigger: 'date', runDate: START, retry });
    await scheduler.start();
    await clock.advance(SECOND);
    await scheduler.removeExecutor('second');
    await clock.advance(MINUTE);
    expect(attempts).toEqual([1]);
    scheduler.addExecutor(new LocalExecutor(), 'second');
    await clock.advance(0);
    expect(attempts).toEqual([1, 2]);
    await scheduler.shutdown();
  });
});

describe('A one-shot job', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('no')), {}],
    ['takes too long', never, { timeout: 1 }],
  ])('stays until its last attempt is over, when its task %s', async (_what, task, options) => {
    const { scheduler, clock } = engineWorld();
    const heedful = async ({ signal }: RunContext): Promise<unknown> =>
      Promise.race([task(), new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    const retry = { attempts: 2, delay: 60 };
    await scheduler.addJob({ id: 'a', task: heedful, trigger: 'date', runDate: START, retry, ...options });
    await scheduler.start();
    await clock.advance(30 * SECOND);
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: null });
    await clock.advance(MINUTE);
    expect(await scheduler.getJob('a')).toBeUndefined();
    expect((await scheduler.getRuns()).runs).toHaveLength(2);
    await scheduler.shutdown();
  });
});
