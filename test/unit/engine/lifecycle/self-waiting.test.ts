import {
  LocalExecutor,
  MaxInstancesReachedError,
  RunDeadlockError,
  STATE_STOPPED,
  type Executor,
  type Scheduler,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, type EngineWorld } from '../../../support/engine.js';

const hourly = { trigger: 'interval', hours: 1 } as const;

/** The state of the last run of a job. */
async function outcome(scheduler: Scheduler, jobId: string): Promise<unknown> {
  return (await scheduler.getRuns({ jobId })).runs[0]?.state;
}

describe('A job that stops its own scheduler', () => {
  it.each<[string, (scheduler: Scheduler) => Promise<void>]>([
    ['at its default time-out', (s) => s.shutdown()],
    ['without a time-out', (s) => s.shutdown({ timeout: Infinity })],
    ['without waiting', (s) => s.shutdown({ wait: false })],
    ['twice at once', async (s) => void (await Promise.all([s.shutdown(), s.shutdown().catch(() => undefined)]))],
    ['from a run that it waits for', (s) => s.runJob('inner') as Promise<void>],
  ])('goes on at once and has succeeded: %s', async (_how, stop) => {
    const { scheduler, clock } = engineWorld();
    const states: number[] = [];
    scheduler.registerTask('inner', () => scheduler.shutdown());
    scheduler.registerTask('outer', async () => {
      await stop(scheduler);
      states.push(scheduler.state);
    });
    await scheduler.start();
    await scheduler.addJob({ ...hourly, id: 'inner', task: 'inner' });
    await scheduler.addJob({ id: 'outer', task: 'outer', ...hourly, seconds: 1, hours: 0 });
    await clock.advance(SECOND);
    expect(states).toEqual([STATE_STOPPED]);
    expect(await outcome(scheduler, 'outer')).toBe('succeeded');
    expect(clock.pendingTimers).toBe(0);
  });

  it('still waits for the runs of other jobs', async () => {
    const { scheduler, clock } = engineWorld();
    const other = gate<string>();
    let stopped = false;
    await scheduler.start();
    await scheduler.addJob({ ...hourly, id: 'other', task: () => other.promise });
    await scheduler.addJob({ ...hourly, id: 'stopper', task: () => scheduler.shutdown().then(() => (stopped = true)) });
    await scheduler.runJob('other', { wait: false });
    await scheduler.runJob('stopper', { wait: false });
    await clock.advance(5 * SECOND);
    expect(stopped).toBe(false);
    other.open('done');
    await clock.advance(0);
    expect(stopped).toBe(true);
    expect((await scheduler.getRuns({ jobId: 'other' })).runs).toMatchObject([{ state: 'succeeded', result: 'done' }]);
  });

  it('and returns without waiting is recorded as it ends', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.start();
    const stop = (): string => (void scheduler.shutdown(), 'bye');
    await scheduler.addJob({ id: 'a', task: stop });
    await clock.advance(0);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'succeeded', result: 'bye' }]);
  });

  it('and fails afterwards has succeeded, and the log has its error', async () => {
    const { scheduler, clock, logger } = engineWorld();
    await scheduler.start();
    const stop = (): Promise<void> => scheduler.shutdown().then(() => Promise.reject(new Error('too late')));
    await scheduler.addJob({ id: 'a', task: stop });
    await clock.advance(0);
    expect(await outcome(scheduler, 'a')).toBe('succeeded');
    expect(logger.lines).toContain('error: Job "a" failed after it had stopped the scheduler');
  });

  it('after somebody else has begun to, no longer holds that up', async () => {
    const { scheduler, clock } = engineWorld();
    const go = gate();
    await scheduler.start();
    await scheduler.addJob({ ...hourly, id: 'a', task: () => go.promise.then(() => scheduler.shutdown()) });
    await scheduler.runJob('a', { wait: false });
    const stopping = scheduler.shutdown({ timeout: Infinity });
    await clock.advance(SECOND);
    go.open();
    await stopping;
    expect(await outcome(scheduler, 'a')).toBe('succeeded');
  });

  it('is not waited for by drain() either, on a stopped scheduler', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    await scheduler.addJob({ ...hourly, id: 'a', task: () => scheduler.drain({ timeout: Infinity }) });
    await scheduler.shutdown();
    await scheduler.runJob('a');
    expect(await outcome(scheduler, 'a')).toBe('succeeded');
  });
});

describe('A job that pauses a scheduler which waits for the job', () => {
  it('is told at once that it stops', async () => {
    const { scheduler, clock } = engineWorld();
    const go = gate();
    await scheduler.start();
    await scheduler.addJob({ ...hourly, id: 'a', task: () => go.promise.then(() => scheduler.pause()) });
    const run = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    const stopping = scheduler.shutdown({ timeout: Infinity });
    await clock.advance(SECOND);
    go.open();
    await stopping;
    expect(await run).toMatchObject({ code: 'TASK_FAILED', message: 'Scheduler is not running' });
  });
});

describe('A job that removes the executor that it runs on', () => {
  it('does not wait until the executor has stopped', async () => {
    class Waiting extends LocalExecutor implements Executor {
      readonly over = gate();
      stop(): Promise<void> {
        return this.over.promise;
      }
    }
    const executor = new Waiting();
    const { scheduler } = engineWorld({ executors: { other: executor } });
    await scheduler.start();
    const task = (): Promise<void> => scheduler.removeExecutor('other').then(() => executor.over.open());
    await scheduler.addJob({ ...hourly, id: 'a', task, executor: 'other' });
    await scheduler.runJob('a');
    expect(await outcome(scheduler, 'a')).toBe('succeeded');
    await scheduler.shutdown();
  });
});

describe('A run that would wait for itself', () => {
  async function started(jobs: (world: EngineWorld) => Promise<unknown>, world = engineWorld()): Promise<EngineWorld> {
    await world.scheduler.start();
    await jobs(world);
    return world;
  }

  it.each(['queue', 'replace'] as const)('is refused when a job runs itself, with overlap %s', async (overlap) => {
    const { scheduler } = await started(({ scheduler: s }) =>
      s.addJob({ ...hourly, id: 'a', task: () => s.runJob('a'), overlap }),
    );
    const error = await scheduler.runJob('a').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: expect.any(RunDeadlockError) });
    expect((error as Error).message).toBe(
      'A run of job "a" cannot wait for a run of job "a": it could not start before that run has ended; pass wait: false',
    );
    await scheduler.shutdown();
  });

  it('is refused as one too many with overlap skip', async () => {
    const { scheduler } = await started(({ scheduler: s }) =>
      s.addJob({ ...hourly, id: 'a', task: () => s.runJob('a') }),
    );
    await expect(scheduler.runJob('a')).rejects.toMatchObject({ cause: expect.any(MaxInstancesReachedError) });
    await scheduler.shutdown();
  });

  it.each([2, 3])('is refused in a ring of jobs, each running the next: %i of them', async (count) => {
    const { scheduler } = await started(async ({ scheduler: s }) => {
      for (let n = 0; n < count; n++) {
        await s.addJob({ ...hourly, id: `${n}`, task: () => s.runJob(`${(n + 1) % count}`), overlap: 'queue' });
      }
    });
    await expect(scheduler.runJob('0')).rejects.toThrow('cannot wait for a run of job "0"');
    await scheduler.shutdown();
  });

  it('is refused when all places are taken by runs that wait for a place', async () => {
    const { scheduler, clock } = await started(({ scheduler: s }) => {
      const task = (): Promise<unknown> => s.runJob('a', { args: [] });
      return s.addJob({ ...hourly, id: 'a', task, overlap: 'queue', maxInstances: 2 });
    });
    const both = [scheduler.runJob('a'), scheduler.runJob('a')].map((run) => run.catch((error: unknown) => error));
    await clock.advance(0);
    for (const error of await Promise.all(both)) expect(error).toBeInstanceOf(Error);
    expect((await scheduler.getRuns({ state: 'running' })).runs).toEqual([]);
    await scheduler.shutdown();
  });

  it('is refused when its executor is full of runs that wait for it', async () => {
    const { scheduler } = await started(
      async ({ scheduler: s }) => {
        await s.addJob({ ...hourly, id: 'b', task: () => 'b' });
        await s.addJob({ ...hourly, id: 'a', task: () => s.runJob('b') });
      },
      engineWorld({ executors: { default: new LocalExecutor({ concurrency: 1 }) } }),
    );
    await expect(scheduler.runJob('a')).rejects.toThrow('cannot wait for a run of job "b"');
    await scheduler.shutdown();
  });

  it('is carried out where nobody waits for it, and where another run leaves a place', async () => {
    const first = gate();
    let calls = 0;
    const { scheduler, clock } = await started(({ scheduler: s }) => {
      const task = async (what: string): Promise<unknown> => {
        calls++;
        if (what === 'hold') return first.promise;
        if (what === 'wait') return s.runJob('a', { args: ['end'] });
        if (what === 'ask') return s.runJob('a', { args: ['end'], wait: false });
        return what;
      };
      return s.addJob({ ...hourly, id: 'a', task, args: ['end'], overlap: 'queue', maxInstances: 2 });
    });
    const held = scheduler.runJob('a', { args: ['hold'] });
    const waits = scheduler.runJob('a', { args: ['wait'] });
    await clock.advance(0);
    expect(calls).toBe(2);
    first.open();
    await held;
    expect(await waits).toBe('end');
    await scheduler.runJob('a', { args: ['ask'] });
    await clock.advance(0);
    expect(calls).toBe(5);
    await scheduler.shutdown();
  });
});
