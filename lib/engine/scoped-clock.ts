import type { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from './clock.js';

/**
 * A clock whose timers fire in one async context, whoever sets them: a timer that is set in a request would otherwise keep
 * the request's `AsyncLocalStorage`, and run jobs in it.
 */
export class ScopedClock implements Clock {
  readonly monotonic?: () => number;
  readonly track?: (work: Promise<unknown>) => void;

  constructor(
    private readonly clock: Clock,
    private readonly scope: AsyncResource,
  ) {
    const { monotonic } = clock as { monotonic?: () => number };
    if (monotonic) this.monotonic = () => monotonic.call(clock);
    if (clock.track) this.track = (work) => clock.track?.(work);
  }

  now(): number {
    return this.clock.now();
  }

  setTimer(callback: () => void, delayMs: number, neededMs?: number): Timer {
    const { clock, scope } = this;
    // Some clocks call back in the context that set the timer, others in whatever context turns them.
    const fire = (): void => scope.runInAsyncScope(callback);
    return scope.runInAsyncScope(() => clock.setTimer(fire, delayMs, neededMs));
  }

  yield(): Promise<void> {
    return this.clock.yield();
  }
}
