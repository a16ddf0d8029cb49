import {
  ConfigurationError,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_SCHEDULER_SHUTDOWN,
  InvalidInputError,
  JobLookupError,
  MemoryJobStore,
  RunLookupError,
  Scheduler,
  SystemClock,
  TaskFailedError,
  type Executor,
  type JobStore,
  type Logger,
  type ClaimRequest,
  type ClaimResult,
  type Trigger,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it, vi } from 'vitest';
import { DAY, engineWorld, gate, MINUTE, SECOND, START } from '../../support/engine.js';

const nothing = (): undefined => undefined;

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const trap = (property: string): object =>
  Object.defineProperty({}, property, {
    get: () => {
      throw new Error('trapped');
    },
  });

const oddErrors: [string, () => unknown][] = [
  ['nothing', () => undefined],
  ['an object without a prototype', () => Object.create(null)],
  ['a revoked proxy', revoked],
  ['an error whose message throws', () => Object.setPrototypeOf(trap('message'), Error.prototype)],
  ['an error whose stack throws', () => Object.setPrototypeOf(trap('stack'), Error.prototype)],
  [
    'a value that cannot be inspected',
    () =>
      Object.defineProperty(trap('x'), Symbol.for('nodejs.util.inspect.custom'), {
        value: () => trap('y')['y' as never],
      }),
  ],
];

describe('Whatever a task throws', () => {
  it.each(oddErrors)('be it %s, it is a failed run, and all others go on', async (_what, make) => {
    const { scheduler, clock, happened } = engineWorld();
    const thrower = (): never => {
      throw make();
    };
    await scheduler.addJob({ id: 'sync', task: thrower, trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'async', task: async () => thrower(), trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    const count = (jobId: string): number => happened(EVENT_JOB_ERROR).filter((event) => event.jobId === jobId).length;
    expect([count('sync'), count('async')]).toEqual([3, 3]);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
    for (const id of ['sync', 'async']) await expect(scheduler.runJob(id)).rejects.toThrow(TaskFailedError);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['an object whose then throws', () => trap('then')],
    ['a revoked proxy', revoked],
  ])('or returns, be it %s, all others go on', async (_what, make) => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'odd', task: make, trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED).filter(({ jobId }) => jobId === 'fine')).toHaveLength(3);
    await scheduler.shutdown();
  });
});

describe('A logger that throws', () => {
  it('stops neither the loop nor the shutdown', async () => {
    const fail = (): never => {
      throw new Error('disk full');
    };
    const logger: Logger = { debug: fail, info: fail, warn: fail, error: fail };
    const { scheduler, clock, happened } = engineWorld({ logger });
    await scheduler.addJob({ id: 'bad', task: fail, trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'unknown', task: 'no:such', trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'fine', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(3);
    await scheduler.shutdown();
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
  });
});

describe('An executor or a store that throws when it is stopped', () => {
  it('does not keep the others from being stopped', async () => {
    const stopped: string[] = [];
    const fail = (): never => {
      throw new Error('no');
    };
    class Store extends MemoryJobStore {
      async stop(): Promise<void> {
        stopped.push('store');
      }
    }
    const jobStores = { bad: Object.assign(new MemoryJobStore(), { stop: fail }), good: new Store() };
    const executors = { bad: { submit: nothing, dropQueued: fail, stop: fail } };
    const { scheduler, happened, logger } = engineWorld({ jobStores, executors });
    await scheduler.start();
    await scheduler.shutdown();
    expect(stopped).toEqual(['store']);
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
    expect(logger.lines.filter((line) => line.startsWith('error:'))).toHaveLength(3);
  });
});

describe('A trigger of the user’s own', () => {
  it.each([Number.NaN, 'soon', undefined, Infinity, 1e18])('that answers %s is refused', async (answer) => {
    const { scheduler } = engineWorld();
    const trigger = {
      type: 'x',
      timezone: 'UTC',
      next: () => answer,
      previous: () => null,
      toJSON: () => ({ type: 'x' }),
    };
    const adding = scheduler.addJob({ id: 'a', task: nothing, trigger: trigger as unknown as Trigger });
    await expect(adding).rejects.toThrow(/trigger answered .*: it must be epoch milliseconds or null/);
    expect(await scheduler.getJobs()).toEqual([]);
  });
});

describe('Stores side by side', () => {
  it('take turns: one that always has more is no reason for another to wait', async () => {
    class Busy extends MemoryJobStore {
      asked = 0;
      override async claimDue(_request: ClaimRequest): Promise<ClaimResult> {
        return { claimed: [], retries: [], nextDue: ++this.asked < 50 ? -Infinity : null };
      }
    }
    const busy = new Busy();
    const ran = gate<number>();
    // Real time: a manual clock lets the work of one timer settle before it calls the next.
    const jobStores = { default: busy, other: new MemoryJobStore() };
    const { scheduler } = engineWorld({ clock: new SystemClock(), jobStores });
    await scheduler.start({ paused: true });
    await scheduler.addJob({ task: () => ran.open(busy.asked), jobStore: 'other' });
    await scheduler.resume();
    expect(await ran.promise).toBeLessThan(10);
    await vi.waitFor(() => expect(busy.asked).toBe(50));
    await scheduler.shutdown();
  });

  it('are asked again soon after a failure, also when the clock has been set back meanwhile', async () => {
    class Failing extends MemoryJobStore {
      broken = true;
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        if (this.broken) throw new Error('connection lost');
        return super.claimDue(request);
      }
    }
    const store = new Failing();
    const { scheduler, clock, happened } = engineWorld({ jobStores: { default: store } });
    await scheduler.addJob({ task: nothing, trigger: 'date', runDate: START - 400 * DAY });
    await scheduler.start();
    await clock.advance(0);
    store.broken = false;
    await clock.set(START - 365 * DAY);
    await clock.advance(MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(1);
  });
});

describe('A job that is added by a task, while the loop is at work', () => {
  it('runs at its time', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const add = (): void =>
      void scheduler.addJob({ id: 'b', task: () => clock.now(), trigger: 'interval', seconds: 2 });
    await scheduler.addJob({ id: 'a', task: add, trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED).filter(({ jobId }) => jobId === 'b')).toMatchObject([
      { returnValue: START + 3 * SECOND },
    ]);
  });
});

describe('What is no listener, executor, store or change', () => {
  it('is refused, and named', async () => {
    const { scheduler } = engineWorld();
    const wrong = (value: unknown): never => value as never;
    expect(() => scheduler.addListener(wrong(5))).toThrow(/listener must be a function, got 5/);
    for (const mask of ['x', Number.NaN, 0, 1.5, 2 ** 20]) {
      expect(() => scheduler.addListener(nothing, wrong(mask))).toThrow(/mask must be a union of EVENT_\* codes/);
    }
    for (const executor of [null, {}, { submit: nothing }]) {
      expect(() => scheduler.addExecutor(wrong(executor), 'x')).toThrow(
        /Invalid executor "x": executor must be an executor: .*dropQueued/,
      );
    }
    for (const store of [null, {}, { ...new MemoryJobStore() }]) {
      await expect(scheduler.addJobStore(wrong(store) as JobStore, 'x')).rejects.toThrow(
        /Invalid job store "x": store must be a job store/,
      );
    }
    expect(() => new Scheduler({ jobStores: { a: wrong({}) } })).toThrow(InvalidInputError);
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    await expect(scheduler.rescheduleJob('a', wrong({}))).rejects.toThrow(/trigger is missing/);
    await expect(scheduler.getJobs('nowhere')).rejects.toThrow(/jobStore "nowhere" is not known; known are default/);
    await expect(scheduler.removeAllJobs('nowhere')).rejects.toThrow(InvalidInputError);
  });
});

describe('An error of an executor or a job store', () => {
  it('names the executor that does not take a run', async () => {
    const executor: Executor = {
      submit: () => {
        throw new Error('queue is full');
      },
      dropQueued: nothing,
    };
    const { scheduler } = engineWorld({ executors: { remote: executor } });
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1, executor: 'remote' });
    await scheduler.start();
    const refused = await scheduler.runJob('a').catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: 'Executor "remote" did not take the run: queue is full' });
  });

  it('names the job store that is not started or set up', async () => {
    class Strict extends MemoryJobStore {
      override get(): Promise<never> {
        return Promise.reject(new ConfigurationError('tables are missing'));
      }
    }
    const { scheduler } = engineWorld({ jobStores: { reports: new Strict() } });
    await expect(scheduler.getJob('a', 'reports')).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'Job store "reports": tables are missing',
    });
  });
});

it('does not ask a job store for ids that no job or run can have', async () => {
  const asked: string[] = [];
  class Picky extends MemoryJobStore {
    override get(id: string): ReturnType<MemoryJobStore['get']> {
      asked.push(id);
      return super.get(id);
    }
  }
  const { scheduler } = engineWorld({ jobStores: { default: new Picky() } });
  for (const id of ['\0', 'a\0b', 'a\ud800']) {
    expect(await scheduler.getJob(id)).toBeUndefined();
    await expect(scheduler.removeJob(id)).rejects.toThrow(JobLookupError);
    await expect(scheduler.pauseJob(id)).rejects.toThrow(JobLookupError);
    expect(await scheduler.getRun(id)).toBeUndefined();
    await expect(scheduler.cancelRun(id)).rejects.toThrow(RunLookupError);
    expect(await scheduler.getRuns({ jobId: id })).toEqual({ runs: [], nextCursor: null });
  }
  expect(asked).toEqual([]);
});
