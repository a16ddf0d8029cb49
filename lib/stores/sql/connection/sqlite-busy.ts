import { SystemClock, type Clock } from '../../../engine/clock.js';

/** For how long to go on: a writer that takes longer has gone to sleep with the lock in its hand. */
const PATIENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 20;

/**
 * Does what needs SQLite's lock, again and again while another connection has it; the event loop goes on meanwhile.
 *
 * @param clock - not a scheduler's, which may be turned by hand: other processes take real time.
 */
export async function retryWhileBusy<T>(attempt: () => T | Promise<T>, clock: Clock = new SystemClock()): Promise<T> {
  const end = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || clock.now() >= end) throw error;
    }
    // Different for each: those that wait must not wake together for ever.
    await new Promise<void>((resolve) => clock.setTimer(resolve, 1 + Math.random() * LONGEST_PAUSE_MS));
  }
}

function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}
