import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  ManualClock,
  MemoryJobStore,
  type RecordResult,
  type RunContext,
  type RunRecord,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, START } from '../../support/engine.js';
import { takeRealTime } from '../../support/real-time.js';

class SlowStore extends MemoryJobStore {
  looks = 0;

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    this.looks++;
    await takeRealTime();
    return super.claimDue(request);
  }

  override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    await takeRealTime();
    return super.record(runs);
  }
}

describe('A scheduler on a manual clock', () => {
  it('has taken what is due from a slow job store before the clock moves on', async () => {
    const clock = new ManualClock(START);
    const { scheduler } = engineWorld({ clock, jobStores: { default: new SlowStore() } });
    const seen: number[] = [];
    await scheduler.addJob({ task: () => void seen.push(clock.now()), trigger: 'interval', hours: 1 });
    await scheduler.start();
    await clock.advance('3h');
    expect(seen).toEqual([1, 2, 3].map((hour) => START + hour * HOUR));
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('has ended the runs that are due before the clock moves on, in order, with the files they wait for', async () => {
    const clock = new ManualClock(START);
    const { scheduler, happened } = engineWorld({ clock });
    const seen: string[] = [];
    const task = async ({ scheduledTime }: RunContext): Promise<void> => {
      seen.push(`begins for ${scheduledTime - START} at ${clock.now() - START}`);
      await takeRealTime();
      seen.push(`ends for ${scheduledTime - START} at ${clock.now() - START}`);
      if (scheduledTime === START + 2 * HOUR) throw new Error('out of paper');
    };
    await scheduler.addJob({ task, trigger: 'interval', hours: 1 });
    await scheduler.start();
    await clock.advance('3h');
    const times = [1, 2, 3].map((hour) => hour * HOUR);
    expect(seen).toEqual(times.flatMap((time) => [`begins for ${time} at ${time}`, `ends for ${time} at ${time}`]));
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(1);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2);
  });

  it('moves on from a run that waits for the clock, and from one that hangs', async () => {
    const clock = new ManualClock(START, { patienceMs: 20 });
    const { scheduler, happened } = engineWorld({ clock });
    const sleep = (): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, 10 * MINUTE));
    await scheduler.addJob({ id: 'sleeps', task: sleep, trigger: 'interval', hours: 1 });
    await scheduler.addJob({ id: 'hangs', task: () => gate().promise, trigger: 'date', runDate: START + HOUR });
    await scheduler.start();
    await clock.advance('3h30m');
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['sleeps', 'sleeps', 'sleeps']);
    const closed = scheduler.shutdown();
    await clock.advance('10s');
    await closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('has recorded how runs went before the clock moves on, and removed a job that has ended', async () => {
    const clock = new ManualClock(START);
    const store = new SlowStore();
    const { scheduler } = engineWorld({ clock, jobStores: { default: store } });
    await scheduler.addJob({ task: () => 'done', trigger: 'date', runDate: START + HOUR });
    await scheduler.start();
    await clock.advance('1h');
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('looks at its job store when something is due, and not to find a jump that the clock would tell of', async () => {
    const clock = new ManualClock(START);
    const store = new SlowStore();
    const { scheduler, happened } = engineWorld({ clock, jobStores: { default: store } });
    await scheduler.addJob({ task: () => 'done', trigger: 'cron', hour: 9 });
    await scheduler.start();
    await clock.advance('30d');
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(30);
    expect(store.looks).toBeLessThanOrEqual(2 * 30 + 1);
  });
});
