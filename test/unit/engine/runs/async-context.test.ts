import { AsyncLocalStorage } from 'node:async_hooks';
import {
  currentRun,
  EVENT_ALL,
  MemoryJobStore,
  type Executor,
  type RunContext,
  type Scheduler,
  type StoreContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND, START } from '../../../support/engine.js';

const tenant = new AsyncLocalStorage<string>();
const nobody = 'nobody';
const here = (): string => tenant.getStore() ?? nobody;

/** A scheduler with a job of each second, and the contexts in which its tasks and listeners have been called. */
async function world(options: Parameters<typeof engineWorld>[0] = {}) {
  const made = engineWorld(options);
  const { scheduler, clock } = made;
  const tasks: string[] = [];
  const listeners: string[] = [];
  scheduler.registerTask('note', () => void tasks.push(here()));
  scheduler.registerTask('fail', () => {
    tasks.push(here());
    throw new Error('no network');
  });
  scheduler.addListener(() => void listeners.push(here()), EVENT_ALL);
  await scheduler.start();
  await scheduler.addJob({ id: 'background', task: 'note', trigger: 'interval', seconds: 1 });
  await scheduler.addJob({ id: 'other', task: 'note', trigger: 'interval', hours: 1 });
  await clock.advance(SECOND);
  return { ...made, tasks, listeners };
}

const soon = (ms: number): Date => new Date(START + ms);

describe('Runs and listeners', () => {
  it.each<[string, (scheduler: Scheduler) => Promise<unknown>]>([
    ['adds a job that is due at once', (s) => s.addJob({ id: 'a', task: 'note' })],
    ['adds a job', (s) => s.addJob({ id: 'a', task: 'note', trigger: 'date', runDate: soon(1500) })],
    [
      'adds a job that is tried again',
      (s) => s.addJob({ id: 'a', task: 'fail', retry: { attempts: 3, delay: 1, retryIf: () => here() === nobody } }),
    ],
    ['pauses and resumes a job', async (s) => [await s.pauseJob('other'), await s.resumeJob('other')]],
    ['pauses and resumes the scheduler', async (s) => [await s.pause(), await s.resume()]],
    ['runs a job by hand', (s) => s.runJob('other')],
    ['runs a job by hand without waiting', (s) => s.runJob('other', { wait: false })],
    ['restarts the scheduler', async (s) => [await s.shutdown(), await s.start()]],
    ['registers a task', async (s) => s.registerTask('another', () => undefined)],
  ])('are in the context of the scheduler after a request that %s', async (_what, act) => {
    const { scheduler, clock, tasks, listeners } = await world();
    await tenant.run('A', async () => {
      await act(scheduler);
      expect(here()).toBe('A');
    });
    await tenant.run('B', () => clock.advance(5 * SECOND));
    await scheduler.shutdown();
    expect(new Set(tasks)).toEqual(new Set([nobody]));
    expect(tasks.length).toBeGreaterThan(3);
    expect(new Set(listeners)).toEqual(new Set([nobody]));
  });

  it('are in the context of the scheduler when its store wakes it from a request', async () => {
    let context!: StoreContext;
    class Notifying extends MemoryJobStore {
      override attach(given: StoreContext): void {
        context = given;
        super.attach(given);
      }
    }
    const { scheduler, clock, tasks } = await world({ jobStores: { default: new Notifying() } });
    tenant.run('A', () => context.wake(START + 1100));
    await clock.advance(3 * SECOND);
    await scheduler.shutdown();
    expect(new Set(tasks)).toEqual(new Set([nobody]));
  });

  it('are in the context of the scheduler whatever context an executor calls from', async () => {
    const executor: Executor = {
      submit: (execution) =>
        tenant.run('executor', () => {
          if (!execution.begin()) return;
          execution.invoke();
          execution.settle({ state: 'failed', error: new Error('no network') });
        }),
      dropQueued: () => undefined,
    };
    const { scheduler, clock, tasks, listeners } = await world({ executors: { foreign: executor } });
    await scheduler.addJob({ id: 'a', task: 'note', executor: 'foreign', trigger: 'interval', seconds: 1 });
    await clock.advance(3 * SECOND);
    await scheduler.shutdown();
    expect(new Set([...tasks, ...listeners])).toEqual(new Set([nobody]));
  });
});

describe('A run', () => {
  it('is aborted in its own context, whoever cancels it', async () => {
    const { scheduler, clock } = await world();
    const seen: (string | undefined)[] = [];
    scheduler.registerTask('long', ({ signal }: RunContext) => {
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          seen.push(here(), currentRun()?.jobId);
          reject(signal.reason);
        }),
      );
    });
    await scheduler.addJob({ id: 'long', task: 'long', trigger: 'interval', hours: 1 });
    const run = await scheduler.runJob('long', { wait: false });
    await tenant.run('A', () => scheduler.cancelRun(run.id));
    await clock.advance(0);
    await scheduler.shutdown();
    expect(seen).toEqual([nobody, 'long']);
  });

  it('has a time-out that aborts it in its own context', async () => {
    const { scheduler, clock } = await world();
    const seen: string[] = [];
    scheduler.registerTask('long', ({ signal }: RunContext) => {
      signal.addEventListener('abort', () => seen.push(here()));
      return new Promise(() => undefined);
    });
    await tenant.run('A', () => scheduler.addJob({ id: 'long', task: 'long', timeout: 1 }));
    await clock.advance(2 * SECOND);
    await scheduler.shutdown({ timeout: 0 });
    expect(seen).toEqual([nobody]);
  });

  it('that changes jobs is not the current run of listeners, nor of runs that come of it', async () => {
    const { scheduler, clock } = await world();
    const runs: (string | undefined)[] = [];
    scheduler.addListener(() => void runs.push(currentRun()?.jobId), EVENT_ALL);
    scheduler.registerTask('inner', () => void runs.push(currentRun()?.jobId));
    scheduler.registerTask('outer', async () => {
      await scheduler.addJob({ id: 'inner', task: 'inner', trigger: 'interval', hours: 1 });
      await scheduler.runJob('inner');
      expect(currentRun()?.jobId).toBe('outer');
    });
    await scheduler.addJob({ id: 'outer', task: 'outer' });
    await clock.advance(0);
    await scheduler.shutdown();
    expect(new Set(runs)).toEqual(new Set([undefined, 'inner']));
  });
});
