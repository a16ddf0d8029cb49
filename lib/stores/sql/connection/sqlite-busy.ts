import { SystemClock, type Clock } from '../../../engine/clock.js';

/** How long to retry: a writer that holds the lock longer is suspended. */
const PATIENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 20;

/**
 * Runs an operation that needs SQLite's lock, and retries while another connection holds it, without blocking the event loop.
 *
 * @param clock - not the scheduler's, which may be a manual one: other processes take real time.
 */
export async function retryWhileBusy<T>(attempt: () => T | Promise<T>, clock: Clock = new SystemClock()): Promise<T> {
  const end = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || clock.now() >= end) throw error;
    }
    // Randomised, so that waiting processes do not retry in lockstep.
    await new Promise<void>((resolve) => clock.setTimer(resolve, 1 + Math.random() * LONGEST_PAUSE_MS));
  }
}

/** Whether another connection holds SQLite's lock. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}
