import { Trouble } from './trouble.js';

/** What a scheduler notices of a job store while it works with it. */
export class StorePulse {
  /** When it last did what it was asked for, in epoch milliseconds. */
  answeredAt: number | null = null;
  /** How late the oldest job was that the latest look took, in milliseconds; 0 when it took none. */
  latenessMs = 0;
  /** Whether jobs are late, and stay so. */
  isBehind = false;
  readonly opening = new Trouble();
  readonly taking = new Trouble();
  readonly recording = new Trouble();

  /** It is open: what was before counts no more. */
  opened(): void {
    this.closed();
    this.opening.end();
  }

  /** Nothing is asked of it any more. */
  closed(): void {
    this.latenessMs = 0;
    this.isBehind = false;
    this.taking.end();
    this.recording.end();
  }
}
