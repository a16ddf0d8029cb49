import type { Clock, Timer } from '../clock.js';

/** An end that several waits share. */
export class Deadline {
  private readonly passed: Promise<void>;
  private timer: Timer | null = null;

  /** @param seconds - from now; `Infinity` for none. */
  constructor(clock: Clock, seconds: number) {
    this.passed = new Promise((resolve) => {
      if (seconds !== Infinity) this.timer = clock.setTimer(resolve, seconds * 1000);
    });
  }

  /** Waits for work as long as there is time. How the work ends is not asked. */
  async wait(work: Promise<unknown>): Promise<void> {
    const settled = work.then(nothing, nothing);
    await Promise.race([settled, this.passed]);
  }

  cancel(): void {
    this.timer?.cancel();
  }
}

/** Waits for work, and no longer than so many seconds. */
export async function within(clock: Clock, seconds: number, work: Promise<unknown>): Promise<void> {
  const deadline = new Deadline(clock, seconds);
  await deadline.wait(work);
  deadline.cancel();
}

function nothing(): void {
  // The waiting is over, however it ended.
}

/**
 * Waits for work that cannot be cancelled, until a signal is aborted.
 *
 * @throws what the work throws; or the signal's reason, while the work continues in the background.
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
