import type { Clock, Timer } from '../../engine/clock.js';

/**
 * The clock of one of several nodes. Stopped, it is that of a process that has died or stands still: none of its timers
 * comes. When it goes on, those come that should have.
 */
export class NodeClock implements Clock {
  private missed: (() => void)[] | null = null;

  constructor(
    private readonly shared: Clock,
    /** How far it is ahead of the shared one, in milliseconds. */
    private readonly aheadMs: number,
  ) {}

  stop(): void {
    this.missed ??= [];
  }

  goOn(): void {
    const { missed } = this;
    this.missed = null;
    for (const callback of missed ?? []) callback();
  }

  now(): number {
    return this.shared.now() + this.aheadMs;
  }

  monotonic(): number {
    return this.shared.monotonic?.() ?? this.shared.now();
  }

  setTimer(callback: () => void, delayMs: number, neededMs?: number): Timer {
    let isCancelled = false;
    const call = (): void => {
      if (!isCancelled) callback();
    };
    const timer = this.shared.setTimer(
      () => {
        if (this.missed) this.missed.push(call);
        else call();
      },
      delayMs,
      neededMs,
    );
    return {
      cancel() {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  yield(): Promise<void> {
    return this.shared.yield();
  }

  track(work: Promise<unknown>): void {
    this.shared.track?.(work);
  }
}
