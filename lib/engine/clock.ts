import { InvalidInputError } from './errors.js';
import { show } from './util/inspect.js';
import { parseDuration } from './time/duration.js';
import { parseDate, type DateInput } from './time/iso-date.js';

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
  /**
   * Milliseconds that have passed since an arbitrary instant. They count on while the process is stopped, and setting the
   * computer's clock does not change them. Default: `now()`.
   */
  monotonic?(): number;
  /**
   * Calls `callback` once, `delayMs` from now (a delay beyond 24.8 days is cut to that).
   *
   * @param neededMs - when the call is really needed, `Infinity` for never, if `delayMs` is shorter only because the
   *   clock may jump meanwhile. A clock that knows of its own jumps calls then, or `delayMs` after a jump.
   */
  setTimer(callback: () => void, delayMs: number, neededMs?: number): Timer;
  /** Lets everything else that the event loop has waiting go first. */
  yield(): Promise<void>;
  /**
   * Tells the clock of work under way: a look at the stores, a run. A manual clock lets it settle before it moves on;
   * the computer's own moves on anyway, and has no use for this. What the work rejects with is its owner's to handle.
   */
  track?(work: Promise<unknown>): void;
}

/**
 * Measures how long ago something was. The wall clock can be set, and the monotonic clock may stand still while the computer
 * is suspended, so the longer of both times counts: a lease must rather be taken as over too early than too late.
 */
export class Stopwatch {
  private readonly startedAt: number;
  private readonly from: number | undefined;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.now();
    this.from = clock.monotonic?.();
  }

  get elapsedMs(): number {
    const { clock, from, startedAt } = this;
    const byWall = clock.now() - startedAt;
    return from === undefined ? byWall : Math.max(byWall, (clock.monotonic?.() ?? from) - from);
  }
}

/** Timers of Node.js cannot be longer; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The computer's own clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    if (delayMs <= 0) {
      // The shortest time-out is a whole millisecond.
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timeout = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS));
    return { cancel: () => clearTimeout(timeout) };
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** How often work may let others go first before the clock moves on all the same: it may do so for ever. */
const MOST_YIELDS = 10_000;

/** Node's own timers, whatever a test's fake timers put in their place later. */
const real = { setImmediate, setTimeout, clearTimeout };

const nextTurn = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve));

/** Options of {@link ManualClock}. */
export interface ManualClockOptions {
  /**
   * How long the clock, before it moves on, waits for tracked work: real milliseconds, for each piece of
   * work once. What is not over by then waits for this clock or for something else that will not come by itself, and
   * is not waited for again. At 0 there are only some turns of the event loop, no real time.
   *
   * @default 1000
   */
  patienceMs?: number;
}

interface ManualTimer {
  readonly at: number;
  /** How soon after a jump it is called; null for one that keeps its remaining time. */
  readonly afterJumpMs: number | null;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is turned. For tests: a day passes in a millisecond, and what falls due on the
 * way is over, with the files and the databases that it waits for, before the clock moves on.
 *
 * @example
 * const clock = new ManualClock('2030-01-01T00:00:00Z');
 * const scheduler = new Scheduler({ clock });
 * await clock.advance('1m');
 */
export class ManualClock implements Clock {
  private readonly timers = new Set<ManualTimer>();
  /** Tracked work that is not over and whose wait has not timed out. */
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly patienceMs: number;
  private current: number;
  /** How far `set()` has moved it in all. */
  private jumped = 0;
  private order = 0;
  /** How often work under way has let everything else go first. */
  private yields = 0;

  /**
   * @param start - the first instant: a Date, epoch milliseconds or an ISO 8601 string, in UTC unless it has an offset.
   * @throws InvalidInputError
   */
  constructor(start: DateInput = 0, { patienceMs = 1000 }: ManualClockOptions = {}) {
    this.current = parseDate(start, 'start', 'UTC').epochMs;
    if (!(typeof patienceMs === 'number' && patienceMs >= 0 && patienceMs <= LONGEST_TIMER_MS)) {
      const problem = `must be milliseconds from 0 to ${LONGEST_TIMER_MS}, got ${show(patienceMs)}`;
      throw new InvalidInputError('Invalid ManualClock', [{ field: 'patienceMs', problem }]);
    }
    this.patienceMs = patienceMs;
  }

  /** How many timers are set: zero once everything that used this clock has stopped. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  now(): number {
    return this.current;
  }

  monotonic(): number {
    return this.current - this.jumped;
  }

  setTimer(callback: () => void, delayMs: number, neededMs: number = delayMs): Timer {
    const at = this.current + Math.max(0, neededMs);
    const timer = { at, afterJumpMs: neededMs > delayMs ? delayMs : null, order: this.order++, callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  yield(): Promise<void> {
    this.yields++;
    return nextTurn();
  }

  track(work: Promise<unknown>): void {
    const end = (): void => void this.underWay.delete(work);
    this.underWay.add(work);
    work.then(end, end);
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
   * Jumps to an instant, forward or back, as a correction of the computer's clock does. Timers keep their remaining
   * time, at most the one that they gave for the case of a jump.
   *
   * @throws InvalidInputError
   */
  async set(instant: DateInput): Promise<void> {
    const jump = parseDate(instant, 'instant', 'UTC').epochMs - this.current;
    this.current += jump;
    this.jumped += jump;
    const moved = [...this.timers];
    this.timers.clear();
    for (const timer of moved) this.shift(timer, jump);
    await this.settle();
  }

  private shift(timer: ManualTimer, jump: number): void {
    const remaining = timer.at + jump - this.current;
    // The same object stays in the set, so that a cancel() already handed out still finds it.
    (timer as { at: number }).at = this.current + Math.min(remaining, timer.afterJumpMs ?? Infinity);
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

  /** Until nothing is under way but what waits for this clock, or hangs. */
  private async settle(): Promise<void> {
    for (;;) {
      await this.passTurns();
      if (this.patienceMs === 0 || this.underWay.size === 0) return;
      await this.waitFor([...this.underWay]);
    }
  }

  /** Untracked promises do work too; a few turns of the event loop carry it to its next wait. */
  private async passTurns(): Promise<void> {
    // What lets others go first goes on itself after that: a burst takes as many turns as it has parts.
    for (let rest = MOST_YIELDS, seen = -1; seen !== this.yields && rest > 0; rest -= this.yields - seen) {
      seen = this.yields;
      for (let turn = 0; turn < 4; turn++) await nextTurn();
    }
  }

  private async waitFor(works: readonly Promise<unknown>[]): Promise<void> {
    let timeout: NodeJS.Timeout | undefined;
    const impatience = new Promise<void>((resolve) => {
      timeout = real.setTimeout(resolve, this.patienceMs);
    });
    await Promise.race([Promise.allSettled(works), impatience]);
    real.clearTimeout(timeout);
    for (const work of works) this.underWay.delete(work);
  }
}
