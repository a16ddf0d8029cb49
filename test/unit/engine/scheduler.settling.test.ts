import { ManualClock, MemoryJobStore, type TakeRequest, type TakeResult } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR, START } from '../../support/engine.js';
import { takeRealTime } from '../../support/real-time.js';

class SlowStore extends MemoryJobStore {
  override async takeDue(request: TakeRequest): Promise<TakeResult> {
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
});
