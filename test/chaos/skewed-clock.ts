import { SystemClock } from 'nestjs-apscheduler/engine';

/** The computer's clock with an adjustable error in milliseconds. Its timers follow real time, as on a computer. */
export class SkewedClock extends SystemClock {
  constructor(public skewMs: number) {
    super();
  }

  override now(): number {
    return super.now() + this.skewMs;
  }
}
