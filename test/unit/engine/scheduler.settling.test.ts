import {
  EVENT_JOB_EXECUTED,
  ManualClock,
  MemoryJobStore,
  type TakeRequest,
  type TakeResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR, START } from '../../support/engine.js';
import { takeRealTime } from '../../support/real-time.js';

class SlowStore extends MemoryJobStore {
  looks = 0;

  override async takeDue(request: TakeRequest): Promise<TakeResult> {
    this.looks++;
    await takeRealTime();
    return super.takeDue(request);
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
