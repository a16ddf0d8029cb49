import {
  EVENT_JOB_EXECUTED,
  MemoryJobStore,
  SchedulerError,
  SchedulerNotRunningError,
} from 'nestjs-apscheduler/engine';
import type { StoreCapabilities } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** A durable store whose server is down until the test starts it. */
class Down extends MemoryJobStore {
  override readonly capabilities: StoreCapabilities = { durable: true, shared: false, notifying: false };
  failure: Error | null = new Error('connect ECONNREFUSED');
  readonly attempts: number[] = [];
  stops = 0;
  now = (): number => 0;

  async start(): Promise<void> {
    this.attempts.push(this.now() - START);
    if (this.failure) throw this.failure;
  }

  async stop(): Promise<void> {
    this.stops++;
  }
}

function downWorld(waitForStores?: boolean | number | string): EngineWorld & { store: Down } {
  const store = new Down();
  const jobStores = { default: store };
  const world = engineWorld({ jobStores, ...(waitForStores !== undefined && { waitForStores }) });
  store.now = () => world.clock.now();
  return { ...world, store };
}

describe('A start with a job store that cannot be opened', () => {
  it.each([[undefined], [false], [0]])('fails at once with waitForStores: %s', async (waitForStores) => {
    const { scheduler, clock, store } = downWorld(waitForStores);
    await expect(scheduler.start()).rejects.toThrow('Job store "default" cannot be opened: connect ECONNREFUSED');
    expect([store.attempts, clock.pendingTimers]).toEqual([[0], 0]);
  });

  it('waits with waitForStores: true, is down meanwhile, and runs the jobs once the store opens', async () => {
    const { scheduler, clock, logger, store, happened } = downWorld(true);
    scheduler.tasks.register('nothing', nothing);
    await scheduler.addJob({ id: 'a', task: 'nothing', trigger: 'interval', seconds: 10 });
    const started = scheduler.start();
    await clock.advance(2 * HOUR);
    expect(store.attempts.slice(0, 4)).toEqual([0, 0.5 * SECOND, 1.5 * SECOND, 3.5 * SECOND]);
    const [last = 0, previous = 0] = store.attempts.toReversed();
    expect(last - previous).toBe(30 * SECOND);
    expect(scheduler.health()).toMatchObject({
      ...{ status: 'down', state: 'stopped' },
      jobStores: {
        default: {
          ...{ status: 'failing', reason: 'connect ECONNREFUSED', since: START, failures: store.attempts.length },
          retryAt: START + last + 30 * SECOND,
        },
      },
    });
    expect(logger.lines).toEqual([
      'warn: Job store "default" cannot be opened: connect ECONNREFUSED. The start waits and tries again with backoff',
    ]);
    store.failure = new Error('the database system is starting up');
    await clock.advance(MINUTE);
    expect(logger.lines).toHaveLength(2);
    store.failure = null;
    await clock.advance(30 * SECOND);
    await started;
    const failures = store.attempts.length - 1;
    expect(logger.lines.at(-1)).toBe(`info: Job store "default" is open, after ${failures} failure(s)`);
    expect(scheduler.health().status).toBe('up');
    await clock.advance(MINUTE);
    expect(happened(EVENT_JOB_EXECUTED).length).toBeGreaterThanOrEqual(6);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for the given time, tries a last time at its end, and fails', async () => {
    const { scheduler, clock, logger, store } = downWorld('10s');
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(MINUTE);
    expect(await started).toMatchObject({
      ...{ code: 'CONFIGURATION', message: 'Job store "default" cannot be opened: connect ECONNREFUSED' },
    });
    expect(store.attempts).toEqual([0, 500, 1500, 3500, 7500, 10_000]);
    expect(logger.lines).toEqual([expect.stringContaining('for at most 10 s')]);
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: { retryAt: null } } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('fails at once, also while it waits, when the store says that its configuration is wrong', async () => {
    const { scheduler, clock, store } = downWorld(true);
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(SECOND);
    store.failure = new SchedulerError('CONFIGURATION', 'password authentication failed');
    await clock.advance(SECOND);
    expect(await started).toMatchObject({ message: expect.stringContaining('password authentication failed') });
    expect([store.attempts.length, clock.pendingTimers]).toEqual([3, 0]);
  });

  it('is ended by a shutdown at once', async () => {
    const { scheduler, clock, store } = downWorld(true);
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(5 * MINUTE);
    const { length } = store.attempts;
    await expect(scheduler.shutdown()).rejects.toThrow(SchedulerNotRunningError);
    expect(await started).toBeInstanceOf(SchedulerNotRunningError);
    expect([store.attempts.length, scheduler.running, clock.pendingTimers]).toEqual([length, false, 0]);
    store.failure = null;
    await scheduler.start();
    await scheduler.shutdown();
  });

  it('is ended by a shutdown that comes during an attempt, which is the last', async () => {
    const { scheduler, clock, store } = downWorld(true);
    const attempt = gate();
    store.start = () => attempt.promise;
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(SECOND);
    const down = scheduler.shutdown().catch((error: unknown) => error);
    attempt.fail(new Error('timed out'));
    expect(await started).toMatchObject({ message: expect.stringContaining('timed out') });
    expect(await down).toBeInstanceOf(SchedulerNotRunningError);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on without a store that is removed meanwhile, and with one that is added', async () => {
    const { scheduler, clock, store } = downWorld(true);
    const fine = Object.assign(new Down(), { failure: null });
    const started = scheduler.start();
    await clock.advance(MINUTE);
    await scheduler.addJobStore(fine, 'fine');
    await scheduler.removeJobStore('default');
    await started;
    expect([scheduler.running, store.stops, fine.attempts.length]).toEqual([true, 1, 1]);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { fine: { status: 'up' } } });
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not make addJobStore wait on a running scheduler', async () => {
    const { scheduler } = engineWorld({ waitForStores: true });
    await scheduler.start();
    await expect(scheduler.addJobStore(new Down(), 'down')).rejects.toThrow('connect ECONNREFUSED');
    await scheduler.shutdown();
  });

  it('refuses a waitForStores that cannot be used', () => {
    expect(() => engineWorld({ waitForStores: -1 })).toThrow(/waitForStores .*-1/);
    expect(() => engineWorld({ waitForStores: 'long' })).toThrow(/waitForStores .*"long"/);
  });
});
