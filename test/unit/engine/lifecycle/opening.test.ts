import {
  EVENT_JOB_EXECUTED,
  EVENT_SCHEDULER_STARTED,
  MemoryJobStore,
  SchedulerNotRunningError,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** Opens when the test says so. */
class Slow extends MemoryJobStore {
  readonly calls: string[] = [];
  readonly opens = gate();

  async start(): Promise<void> {
    this.calls.push('start');
    await this.opens.promise;
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
  }
}

class Recorded extends MemoryJobStore {
  readonly calls: string[] = [];

  async start(): Promise<void> {
    this.calls.push('start');
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
  }
}

function slowWorld(): EngineWorld & { slow: Slow; fine: Recorded } {
  const slow = new Slow();
  const fine = new Recorded();
  return { ...engineWorld({ jobStores: { slow, fine } }), slow, fine };
}

describe('A job store that does not open', () => {
  it('is told of, and the start goes on as soon as it opens', async () => {
    const { scheduler, clock, logger, slow, happened } = slowWorld();
    const started = scheduler.start();
    await clock.advance(2 * MINUTE);
    expect(logger.lines).toEqual(['error: Job store "slow" has for 30 s not opened; the start waits for it']);
    expect(scheduler.running).toBe(false);
    slow.opens.open();
    await started;
    expect(logger.lines.at(-1)).toBe('info: Job store "slow" answers again');
    expect(happened(EVENT_SCHEDULER_STARTED)).toHaveLength(1);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not keep the scheduler from stopping: the start is given up after five seconds', async () => {
    const { scheduler, clock, slow, fine } = slowWorld();
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(SECOND);
    const down = scheduler.shutdown().catch((error: unknown) => error);
    await clock.advance(5 * SECOND);
    expect([await started, await down]).toEqual([
      expect.any(SchedulerNotRunningError),
      expect.any(SchedulerNotRunningError),
    ]);
    expect(fine.calls).toEqual(['start', 'stop']);
    expect(clock.pendingTimers).toBe(0);
    // It opens after all, and nobody wants it any more.
    slow.opens.open();
    await clock.advance(0);
    expect(slow.calls).toEqual(['start', 'stop']);
  });

  it('is not told to open twice by a start that comes after one that was given up', async () => {
    const { scheduler, clock, slow } = slowWorld();
    scheduler.start().catch(nothing);
    const down = scheduler.shutdown().catch(nothing);
    await clock.advance(5 * SECOND);
    await down;
    const again = scheduler.start();
    await clock.advance(0);
    expect(slow.calls).toEqual(['start']);
    slow.opens.open();
    await again;
    expect([slow.calls, scheduler.running]).toEqual([['start'], true]);
    await scheduler.shutdown();
    expect(slow.calls).toEqual(['start', 'stop']);
  });

  it('leaves nothing open when another one fails to', async () => {
    const { scheduler, clock, slow, fine } = slowWorld();
    const failing = Object.assign(new MemoryJobStore(), { start: () => Promise.reject(new Error('no disk')) });
    await scheduler.addJobStore(failing, 'failing');
    const started = scheduler.start().catch((error: unknown) => error);
    await clock.advance(5 * SECOND);
    expect(await started).toMatchObject({ message: 'Job store "failing" cannot be opened: no disk' });
    expect(fine.calls).toEqual(['start', 'stop']);
    slow.opens.open();
    await clock.advance(0);
    expect(slow.calls).toEqual(['start', 'stop']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is waited for by a shutdown that comes while it opens in time', async () => {
    const { scheduler, clock, slow } = slowWorld();
    const started = scheduler.start();
    const down = scheduler.shutdown();
    await clock.advance(4 * SECOND);
    slow.opens.open();
    await started;
    await down;
    expect([slow.calls, scheduler.running]).toEqual([['start', 'stop'], false]);
  });
});

describe('A job store that opens and then does not take the pending jobs', () => {
  it('does not keep the scheduler from stopping, and the jobs still wait for the next start', async () => {
    class Stuck extends MemoryJobStore {
      stuck: Promise<void> | undefined = new Promise(() => undefined);
      override async add(job: Parameters<MemoryJobStore['add']>[0]): Promise<void> {
        await this.stuck;
        return super.add(job);
      }
    }
    const store = new Stuck();
    const { scheduler, clock, happened } = engineWorld({ jobStores: { default: store } });
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    const started = scheduler.start().catch((error: unknown) => error);
    const down = scheduler.shutdown().catch((error: unknown) => error);
    await clock.advance(5 * SECOND);
    expect(await started).toBeInstanceOf(SchedulerNotRunningError);
    expect(await down).toBeInstanceOf(SchedulerNotRunningError);
    expect(scheduler.running).toBe(false);
    store.stuck = undefined;
    await scheduler.start();
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ jobId: 'a' }]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});
