import { Inject, Injectable } from '@nestjs/common';
import {
  currentRun,
  ScheduledTask,
  schedulerOptionsFromConfig,
  SchedulerService,
  Task,
  type Run,
  type RunContext,
} from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { createApp, START, startApp, startFailure } from '../../support/nest-app.js';

const HOUR = 3_600_000;

async function runsOf(scheduler: SchedulerService, jobId: string): Promise<readonly Run[]> {
  const { runs } = await scheduler.getRuns({ jobId });
  return runs.toReversed();
}

describe('A declared job', () => {
  class Unavailable extends Error {}

  @Injectable()
  class Sync {
    failures = 0;

    @ScheduledTask('interval', {
      id: 'sync',
      hours: 1,
      coalesce: 'all',
      catchUpLimit: 5,
      misfireGraceTime: '10m',
      maxInstances: 2,
      overlap: 'queue',
      maxQueued: 3,
      timeout: '30s',
      retry: {
        attempts: 3,
        delay: '10s',
        backoff: 'exponential',
        maxDelay: '1m',
        jitter: 0,
        retryIf: (error) => error instanceof Unavailable,
      },
      runOnStart: true,
    })
    sync(): string {
      currentRun()?.log(`failed ${this.failures} time(s) before`);
      if (this.failures++ < 2) throw new Unavailable('not now');
      return 'in sync';
    }

    @ScheduledTask('date', { id: 'broken', retry: { attempts: 3, retryIf: (error) => error instanceof Unavailable } })
    broken(): never {
      throw new TypeError('for good');
    }
  }

  it('runs at the start and then on its schedule, and is tried again as it says', async () => {
    const { scheduler, clock } = await startApp({ providers: [Sync], options: { node: 'worker-1' } });
    await clock.advance('1m');
    const [first, second, third, ...more] = await runsOf(scheduler, 'sync');
    expect(more).toEqual([]);
    expect(first).toMatchObject({ cause: 'start', attempt: 1, state: 'failed', error: { message: 'not now' } });
    expect(second).toMatchObject({ cause: 'retry', attempt: 2, state: 'failed', startedAt: START + 10_000 });
    expect(third).toMatchObject({ cause: 'retry', attempt: 3, state: 'succeeded', startedAt: START + 30_000 });
    expect(third).toMatchObject({ retryOf: first?.id, result: 'in sync', node: 'worker-1' });
    expect(third?.log).toMatchObject([{ message: 'failed 2 time(s) before' }]);
    await clock.advance('1h');
    const [scheduled] = (await scheduler.getRuns({ jobId: 'sync', limit: 1 })).runs;
    expect(scheduled).toMatchObject({ cause: 'schedule', nominalTime: START + HOUR, state: 'succeeded' });
    expect((await scheduler.getJob('sync'))?.lastRun).toMatchObject({ id: scheduled?.id });
  });

  it('is not tried again for an error that is not worth it', async () => {
    const { scheduler, clock } = await startApp({ providers: [Sync] });
    await clock.advance('1h');
    expect(await runsOf(scheduler, 'broken')).toMatchObject([
      { attempt: 1, state: 'failed', retryAt: null, error: { name: 'TypeError', message: 'for good' } },
    ]);
  });

  it('has the options that it was given', async () => {
    const { scheduler } = await startApp({ providers: [Sync] });
    expect(await scheduler.getJob('sync')).toMatchObject({
      coalesce: false,
      catchUpLimit: 5,
      misfireGraceTime: 600,
      maxInstances: 2,
      overlap: 'queue',
      maxQueued: 3,
      timeout: 30,
      retry: { attempts: 3, delay: 10, backoff: 'exponential', maxDelay: 60, jitter: 0 },
      runOnStart: true,
    });
  });

  it('with options that cannot be keeps the application from starting, each named', async () => {
    @Injectable()
    class Broken {
      @ScheduledTask('interval', { seconds: 5, timeout: -1, retry: { attempts: 0, delay: 'soon' }, maxQueued: 0 })
      run(): void {}
    }
    const { message } = await startFailure({ providers: [Broken] });
    expect(message).toContain('Broken.run: ');
    for (const field of ['timeout', 'retry.attempts', 'retry.delay', 'maxQueued']) {
      expect(message).toContain(`${field} must be`);
    }
  });
});

describe('A retryIf that is given by name', () => {
  it('must be registered as a predicate', async () => {
    @Injectable()
    class Misspelled {
      constructor(@Inject(SchedulerService) scheduler: SchedulerService) {
        scheduler.registerPredicate('isTransient', () => true);
      }

      @ScheduledTask('interval', { seconds: 5, retry: { attempts: 2, retryIf: 'isTransent' } })
      run(): void {}
    }
    const { message } = await startFailure({ providers: [Misspelled] });
    expect(message).toContain(
      'Misspelled.run: retry.retryIf: predicate "isTransent" is not registered; did you mean "isTransient"?',
    );
  });
});

describe('An environment', () => {
  it('says how all jobs run, and how much of it is kept', async () => {
    @Injectable()
    class Flaky {
      @Task('flaky')
      fail(): never {
        throw new Error('always');
      }

      constructor(@Inject(SchedulerService) scheduler: SchedulerService) {
        scheduler.registerPredicate('isWorthIt', (_error, attempt) => attempt < 3);
      }
    }
    const options = schedulerOptionsFromConfig({
      SCHEDULER_NODE: 'worker-2',
      SCHEDULER_HISTORY: '{"per_job": 2}',
      SCHEDULER_JOB_DEFAULTS:
        '{"retry": {"attempts": 9, "delay": 1, "backoff": "fixed", "max_delay": 1, "retry_if": "isWorthIt"}}',
      SCHEDULER_JOBS: '[{"id": "a", "func": "flaky", "trigger": "interval", "hours": 1, "run_on_start": true}]',
    });
    const { scheduler, clock } = await startApp({ providers: [Flaky], options });
    await clock.advance('1m');
    expect(await runsOf(scheduler, 'a')).toMatchObject([
      { attempt: 2, node: 'worker-2', startedAt: START + 1000 },
      { attempt: 3, node: 'worker-2', startedAt: START + 2000, retryAt: null },
    ]);
  });
});

describe('SchedulerService', () => {
  const untilAborted = ({ signal }: RunContext): Promise<void> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const hourly = { trigger: 'interval', hours: 1 } as const;

  it('runs a job without waiting, with other arguments, and tells of the run', async () => {
    const { scheduler, clock } = await startApp();
    const task = (a: number, { b }: { b: number }): number => a + b;
    await scheduler.addJob({ id: 'a', task, args: [1], kwargs: { b: 2 }, ...hourly });
    expect(await scheduler.runJob('a')).toBe(3);
    const run: Run = await scheduler.runJob('a', { wait: false, args: [10], kwargs: { b: 20 } });
    await clock.advance(0);
    expect(await scheduler.getRun(run.id)).toMatchObject({ cause: 'manual', state: 'succeeded', result: 30 });
    expect(await scheduler.getRun('nobody')).toBeUndefined();
  });

  it('cancels a run, once', async () => {
    const { scheduler } = await startApp();
    await scheduler.addJob({ id: 'a', task: untilAborted, ...hourly });
    const { id } = await scheduler.runJob('a', { wait: false });
    expect(await scheduler.cancelRun(id)).toMatchObject({ id, state: 'cancelled', settled: true });
    await expect(scheduler.cancelRun(id)).rejects.toMatchObject({ code: 'RUN_OVER' });
    await expect(scheduler.cancelRun('nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it.each(['pauseJob', 'removeJob'] as const)('leaves runs alone in %s(), unless told otherwise', async (method) => {
    const { scheduler, clock } = await startApp();
    for (const id of ['soft', 'hard']) await scheduler.addJob({ id, task: untilAborted, ...hourly });
    const soft = await scheduler.runJob('soft', { wait: false });
    const hard = await scheduler.runJob('hard', { wait: false });
    await scheduler[method]('soft', 'default');
    await scheduler[method]('hard', { jobStore: 'default', cancelRuns: true });
    await clock.advance(0);
    expect(await scheduler.getRun(soft.id)).toMatchObject({ state: 'running' });
    expect(await scheduler.getRun(hard.id)).toMatchObject({
      state: 'cancelled',
      reason: method === 'pauseJob' ? 'paused' : 'removed',
    });
    expect(await scheduler.cancelRun(soft.id)).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
  });

  it('tells every fault of a query for runs', async () => {
    const { scheduler } = await startApp();
    const query = { state: 'done', limit: 0, from: 'soon' } as never;
    await expect(scheduler.getRuns(query)).rejects.toThrow(/state must .*limit must .*from must /);
    expect(() => scheduler.checkRunQuery(query)).toThrow(/state must .*limit must .*from must /);
  });

  it('runs nothing by hand once the application is closing, waited for or not', async () => {
    const { app, scheduler } = await createApp();
    await app.init();
    await scheduler.addJob({ id: 'a', task: () => 1, ...hourly });
    await app.close();
    await expect(scheduler.runJob('a', { wait: false })).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    expect((await scheduler.getRuns()).runs).toEqual([]);
  });

  it('runs nothing by hand on a host that is not allowed to', async () => {
    const { scheduler } = await startApp({ options: { allowedHosts: [] } });
    await scheduler.addJob({ id: 'a', task: () => 1, ...hourly });
    await expect(scheduler.runJob('a', { wait: false })).rejects.toMatchObject({ code: 'HOST_NOT_ALLOWED' });
  });
});
