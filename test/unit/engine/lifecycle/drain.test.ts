import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_SCHEDULER_SHUTDOWN,
  LocalExecutor,
  MemoryJobStore,
  type RecordResult,
  type RunContext,
  type StoreCapabilities,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const never = (): Promise<never> => new Promise(() => undefined);

/** Ends as soon as its signal is aborted, by throwing the signal's reason. */
const heedful = ({ signal }: RunContext): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** A started scheduler whose job is under way since its first second. */
async function underWay(task: (...args: never[]) => unknown, world = engineWorld()): Promise<EngineWorld> {
  await world.scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1, nextRunTime: new Date(START + SECOND) });
  await world.scheduler.start();
  await world.clock.advance(SECOND);
  return world;
}

const isDown = ({ happened }: EngineWorld): boolean => happened(EVENT_SCHEDULER_SHUTDOWN).length > 0;

describe('A shutdown', () => {
  it('records what it has waited for as it ended', async () => {
    const { promise, open } = gate<string>();
    const { scheduler, clock } = await underWay(() => promise);
    const down = scheduler.shutdown({ timeout: '1m' });
    await clock.advance(30 * SECOND);
    open('done');
    await down;
    expect((await scheduler.getRuns()).runs).toMatchObject([
      { state: 'succeeded', result: 'done', startedAt: START + SECOND, finishedAt: START + 31 * SECOND, settled: true },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('records what heeds its signal as cancelled, and what does not as lost, once each', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const once = { trigger: 'date', runDate: START + SECOND } as const;
    await scheduler.addJob({ id: 'heedful', task: heedful, ...once });
    await scheduler.addJob({ id: 'deaf', task: never, ...once });
    await scheduler.start();
    await clock.advance(SECOND);
    const down = scheduler.shutdown({ timeout: 3 });
    await clock.advance(3 * SECOND);
    await down;
    const { runs } = await scheduler.getRuns();
    const byJob = Object.fromEntries(runs.map((run) => [run.jobId, run]));
    expect(byJob).toMatchObject({
      heedful: { state: 'cancelled', reason: 'shutdown', settled: true, finishedAt: START + 4 * SECOND },
      deaf: { state: 'lost', reason: 'shutdown', settled: false, finishedAt: START + 4 * SECOND },
    });
    expect(happened(EVENT_JOB_ERROR).map(({ jobId, state }) => [jobId, state])).toEqual([
      ['heedful', 'cancelled'],
      ['deaf', 'lost'],
    ]);
    // How the lost one ends is not known: its job stays for whoever looks into it.
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['deaf']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps the success of a task that finishes its work on being aborted', async () => {
    const task = ({ signal }: RunContext): Promise<string> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve('saved')));
    const { scheduler, happened } = await underWay(task);
    await scheduler.shutdown({ wait: false });
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ returnValue: 'saved' }]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'succeeded', result: 'saved' }]);
  });

  it('aborts at once when it is not to wait', async () => {
    const world = await underWay(never);
    await world.scheduler.shutdown({ wait: false, timeout: Infinity });
    expect(world.clock.now()).toBe(START + SECOND);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('leaves no time-out, retry or time of a run behind', async () => {
    const { scheduler, clock } = engineWorld();
    const fail = (): never => {
      throw new Error('no');
    };
    await scheduler.addJob({ id: 'slow', task: never, trigger: 'interval', seconds: 1, timeout: '1h' });
    await scheduler.addJob({
      id: 'bad',
      task: fail,
      trigger: 'interval',
      seconds: 1,
      retry: { attempts: 5, delay: 60 },
    });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(clock.pendingTimers).toBeGreaterThan(1);
    await scheduler.shutdown({ wait: false });
    expect(clock.pendingTimers).toBe(0);
  });

  it('makes no retry that falls due while it waits; it is made after the next start', async () => {
    const { promise, open } = gate();
    const world = await underWay(() => promise);
    const { scheduler, clock } = world;
    let attempts = 0;
    const fail = (): never => {
      attempts++;
      throw new Error('no');
    };
    const retry = { attempts: 2, delay: 5 };
    await scheduler.addJob({ id: 'bad', task: fail, trigger: 'date', runDate: START, retry });
    await clock.advance(0);
    const down = scheduler.shutdown({ timeout: MINUTE / SECOND });
    await clock.advance(30 * SECOND);
    open();
    await down;
    expect(attempts).toBe(1);
    await scheduler.start();
    await clock.advance(0);
    expect(attempts).toBe(2);
    await scheduler.shutdown();
  });

  it('takes runs back that wait for a place, and makes them after the next start, none lost and none doubled', async () => {
    const { scheduler, clock } = engineWorld();
    const first = gate();
    const ran: number[] = [];
    const task = ({ scheduledTime }: RunContext): Promise<void> | undefined => {
      ran.push((scheduledTime - START) / SECOND);
      return ran.length === 1 ? first.promise : undefined;
    };
    await scheduler.addJob({
      id: 'a',
      task,
      trigger: 'interval',
      seconds: 1,
      overlap: 'queue',
      coalesce: 'all',
    });
    await scheduler.start();
    await clock.advance(4 * SECOND);
    const down = scheduler.shutdown();
    await clock.advance(0);
    first.open();
    await down;
    expect(ran).toEqual([1]);
    await clock.advance(2 * SECOND);
    await scheduler.start();
    await clock.advance(0);
    expect(ran).toEqual([1, 2, 3, 4, 5, 6]);
    await scheduler.shutdown();
  });
});

describe('A second shutdown', () => {
  it('while the first one waits for good, hastens it', async () => {
    const world = await underWay(never);
    const { scheduler, clock } = world;
    const first = scheduler.shutdown({ timeout: Infinity });
    await clock.advance(HOUR);
    expect(isDown(world)).toBe(false);
    const second = scheduler.shutdown({ timeout: 3 });
    await clock.advance(2.9 * SECOND);
    expect(isDown(world)).toBe(false);
    await clock.advance(0.1 * SECOND);
    await Promise.all([first, second]);
    expect(world.happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that would wait for longer does not draw the first one out', async () => {
    const world = await underWay(never);
    const first = world.scheduler.shutdown({ timeout: 2 });
    const second = world.scheduler.shutdown({ timeout: Infinity });
    await world.clock.advance(2 * SECOND);
    await Promise.all([first, second]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('hastens a drain of a stopped scheduler as well', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: never, trigger: 'interval', hours: 1 });
    const told = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    const first = scheduler.drain({ timeout: Infinity });
    await scheduler.drain({ wait: false });
    await first;
    expect(await told).toMatchObject({ code: 'NOT_RUNNING' });
    expect(clock.pendingTimers).toBe(0);
  });
});

/** Durable, as far as the engine can see, and records as the test says. */
class Recording extends MemoryJobStore {
  override readonly capabilities: StoreCapabilities = { durable: true, shared: false, notifying: false };
  readonly calls: string[] = [];
  answers: () => Promise<void> = async () => undefined;

  async start(): Promise<void> {
    this.calls.push('start');
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
  }

  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    await this.answers();
    this.calls.push(...args[0].map(({ state }) => state));
    return super.record(...args);
  }
}

describe('The last records at a shutdown', () => {
  async function recording(): Promise<EngineWorld & { store: Recording }> {
    const store = new Recording();
    const world = engineWorld({ jobStores: { default: store } });
    const { scheduler, clock } = world;
    scheduler.registerTask('heedful', heedful);
    await scheduler.addJob({ id: 'a', task: 'heedful', trigger: 'date', runDate: START });
    await scheduler.start();
    await clock.advance(0);
    return { ...world, store };
  }

  it('reach the store before it is closed', async () => {
    const { scheduler, clock, store } = await recording();
    const slow = gate();
    store.answers = () => slow.promise;
    const down = scheduler.shutdown({ wait: false });
    await clock.advance(SECOND);
    slow.open();
    await down;
    expect(store.calls).toEqual(['start', 'cancelled', 'stop']);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('read-only')), 0],
    ['does not answer', never, 5 * SECOND],
  ])('are given up, which is told, when the store %s', async (_what, answers, wait) => {
    const { scheduler, clock, store, logger } = await recording();
    store.answers = answers;
    const down = scheduler.shutdown({ wait: false });
    await clock.advance(wait);
    await down;
    expect(store.calls).toEqual(['start', 'stop']);
    expect(logger.lines.join('\n')).toContain('error: Job store "default" has not recorded how 1 run(s) went');
    expect(clock.pendingTimers).toBe(0);
  });

  it('do not keep the executors and the other stores from being stopped when one of them hangs', async () => {
    const stopped: string[] = [];
    class Hung extends MemoryJobStore {
      async stop(): Promise<void> {
        stopped.push('hung store');
        await never();
      }
    }
    const executor = Object.assign(new LocalExecutor(), {
      stop: (): Promise<never> => {
        stopped.push('hung executor');
        return never();
      },
    });
    const fine = new Recording();
    const world = engineWorld({ jobStores: { default: new Hung(), fine }, executors: { hung: executor } });
    await world.scheduler.start();
    const down = world.scheduler.shutdown();
    await world.clock.advance(5 * SECOND);
    await down;
    expect(stopped).toEqual(['hung executor', 'hung store']);
    expect(fine.calls).toEqual(['start', 'stop']);
    expect(isDown(world)).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
