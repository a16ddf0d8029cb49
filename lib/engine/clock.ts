/** A timer that has been set and can still be taken back. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Everything that asks what time it is, or waits, is given a clock,
 * so a test turns one by hand and no test sleeps.
 */
export interface Clock {
  /** The current instant, in epoch milliseconds. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now (a delay beyond 24.8 days is cut to that). */
  setTimer(callback: () => void, delayMs: number): Timer;
  /** Lets everything else that the event loop has waiting go first. */
  yield(): Promise<void>;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers of Node.js cannot be longer; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The computer's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timeout = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS));
    return { cancel: () => clearTimeout(timeout) };
  }

  yield(): Promise<void> {
    return nextTurn();
  }
}

interface ManualTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is turned. For tests: a day passes in a millisecond.
 *
 * @example
 * const clock = new ManualClock('2030-01-01T00:00:00Z');
 * const scheduler = new Scheduler({ clock });
 * await clock.advance(60_000);
 */
export class ManualClock implements Clock {
  private readonly timers = new Set<ManualTimer>();
  private current: number;
  private order = 0;

  /** @param start - the first instant: a date, an ISO 8601 string or epoch milliseconds. */
  constructor(start: Date | string | number = 0) {
    this.current = new Date(start).getTime();
    if (Number.isNaN(this.current)) throw new RangeError(`ManualClock: "${String(start)}" is not a date`);
  }

  /** How many timers are set: zero once everything that used this clock has stopped. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  now(): number {
    return this.current;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = { at: this.current + Math.max(0, delayMs), order: this.order++, callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  yield(): Promise<void> {
    return nextTurn();
  }

  /**
   * Moves time forward, stopping at every timer on the way so that each sees its own instant,
   * and letting the work that it starts settle before going on.
   *
   * @param ms - how far, in milliseconds.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`ManualClock: cannot advance by ${ms} ms; use set() to go back`);
    const target = this.current + ms;
    await this.settle();
    for (let timer = this.earliest(target); timer; timer = this.earliest(target)) {
      this.timers.delete(timer);
      this.current = Math.max(this.current, timer.at);
      timer.callback();
      await this.settle();
    }
    this.current = target;
    await this.settle();
  }

  /** Jumps to an instant, forward or back, as a correction of the computer's clock does. Timers keep their remaining time. */
  async set(instant: Date | string | number): Promise<void> {
    const jump = new Date(instant).getTime() - this.current;
    if (Number.isNaN(jump)) throw new RangeError(`ManualClock: "${String(instant)}" is not a date`);
    this.current += jump;
    const moved = [...this.timers];
    this.timers.clear();
    for (const timer of moved) this.shift(timer, jump);
    await this.settle();
  }

  private shift(timer: ManualTimer, jump: number): void {
    // The same object stays in the set, so that a cancel() already handed out still finds it.
    (timer as { at: number }).at += jump;
    this.timers.add(timer);
  }

  private earliest(until: number): ManualTimer | undefined {
    let found: ManualTimer | undefined;
    for (const timer of this.timers) {
      if (timer.at > until) continue;
      if (!found || timer.at < found.at || (timer.at === found.at && timer.order < found.order)) found = timer;
    }
    return found;
  }

  private async settle(): Promise<void> {
    // Work that a timer starts goes on in promises; a few turns of the event loop carry it to its next wait.
    for (let turn = 0; turn < 4; turn++) await nextTurn();
  }
}
