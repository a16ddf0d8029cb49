import { InvalidInputError } from './errors.js';
import { show } from './inspect.js';
import { parseDuration } from './time/duration.js';
import { parseDate } from './time/iso-date.js';
import type { DateInput } from './triggers/trigger.js';

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
 * await clock.advance('1m');
 */
export class ManualClock implements Clock {
  private readonly timers = new Set<ManualTimer>();
  private current: number;
  private order = 0;

  /**
   * @param start - the first instant: a Date, epoch milliseconds or an ISO 8601 string, in UTC unless it has an offset.
   * @throws InvalidInputError
   */
  constructor(start: DateInput = 0) {
    this.current = parseDate(start, 'start', 'UTC').epochMs;
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
   * @param duration - how far: milliseconds, or a duration such as `1h30m`.
   * @throws InvalidInputError
   */
  async advance(duration: number | string): Promise<void> {
    const ms = typeof duration === 'string' ? parseDuration(duration, 'duration') : duration;
    if (!(ms >= 0 && ms < Infinity)) {
      const problem = `must be milliseconds from 0 or a duration such as 1h30m, got ${show(ms)}; set() goes back`;
      throw new InvalidInputError('ManualClock cannot advance', [{ field: 'duration', problem }]);
    }
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

  /**
   * Jumps to an instant, forward or back, as a correction of the computer's clock does. Timers keep their remaining time.
   *
   * @throws InvalidInputError
   */
  async set(instant: DateInput): Promise<void> {
    const jump = parseDate(instant, 'instant', 'UTC').epochMs - this.current;
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
