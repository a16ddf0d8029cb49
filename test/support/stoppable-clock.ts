import { SystemClock, type Clock, type Timer } from 'nestjs-apscheduler/engine';

/** The computer's clock, which can be stopped: its timers do not fire until it goes on, as in a suspended process. */
export class StoppableClock implements Clock {
  private readonly clock = new SystemClock();
  private readonly timers = new Map<object, { callback: () => void; timer: Timer | null }>();
  private isStopped = false;

  now(): number {
    return this.clock.now();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const key = {};
    const fire = (): void => {
      this.timers.delete(key);
      callback();
    };
    this.timers.set(key, { callback: fire, timer: this.isStopped ? null : this.clock.setTimer(fire, delayMs) });
    return {
      cancel: () => {
        this.timers.get(key)?.timer?.cancel();
        this.timers.delete(key);
      },
    };
  }

  yield(): Promise<void> {
    return this.clock.yield();
  }

  stop(): void {
    this.isStopped = true;
    for (const entry of this.timers.values()) {
      entry.timer?.cancel();
      entry.timer = null;
    }
  }

  /** Fires all pending timers at once. */
  goOn(): void {
    this.isStopped = false;
    for (const { callback, timer } of [...this.timers.values()]) if (timer === null) callback();
  }
}
