import { SystemClock } from 'nestjs-apscheduler/engine';

/** The computer's clock, wrong by so many milliseconds, and set anew at any time: its timers keep to real time, as a computer's do. */
export class SkewedClock extends SystemClock {
  constructor(public skewMs: number) {
    super();
  }

  override now(): number {
    return super.now() + this.skewMs;
  }
}
