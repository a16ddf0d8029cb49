import type { Clock, Timer } from '../../engine/clock.js';

/** The clock of one of several nodes. Stopped, it is that of a process that has died: none of its timers comes any more. */
export class NodeClock implements Clock {
  private isStopped = false;

  constructor(
    private readonly shared: Clock,
    /** How far it is ahead of the shared one, in milliseconds. */
    private readonly aheadMs: number,
  ) {}

  stop(): void {
    this.isStopped = true;
  }

  now(): number {
    return this.shared.now() + this.aheadMs;
  }

  setTimer(callback: () => void, delayMs: number, neededMs?: number): Timer {
    return this.shared.setTimer(() => (this.isStopped ? undefined : callback()), delayMs, neededMs);
  }

  yield(): Promise<void> {
    return this.shared.yield();
  }

  track(work: Promise<unknown>): void {
    this.shared.track?.(work);
  }
}
