import { ManualClock, type Timer } from 'nestjs-apscheduler/engine';
import { expect, it } from 'vitest';
import { engineWorld, START } from '../../support/engine.js';

/** Cuts long timers, as the computer's clock does. */
class CuttingClock extends ManualClock {
  override setTimer(callback: () => void, delayMs: number): Timer {
    return super.setTimer(callback, Math.min(delayMs, 2 ** 31 - 1));
  }
}

it('A time-out longer than the timers of Node.js ends the run when it has passed, and not before', async () => {
  const clock = new CuttingClock(START);
  const { scheduler } = engineWorld({ clock });
  const untilAborted = ({ signal }: { signal: AbortSignal }): Promise<void> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  await scheduler.addJob({ id: 'a', task: untilAborted, trigger: 'date', runDate: START, timeout: '30d' });
  await scheduler.start();
  await clock.advance('29d 23h');
  expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'running' }]);
  await clock.advance('1h');
  expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'timed_out', settled: true }]);
  await scheduler.shutdown();
  expect(clock.pendingTimers).toBe(0);
});
