import { Trouble } from './trouble.js';

/** What a scheduler observes of a job store while it uses it. */
export class StorePulse {
  /** When it last completed a request, in epoch milliseconds. */
  answeredAt: number | null = null;
  /** How late the oldest job of the last claim was, in milliseconds; 0 if nothing was claimed. */
  latenessMs = 0;
  /** Whether jobs are late, and stay so. */
  isBehind = false;
  /** When the store was last found to have lost declared jobs, in epoch milliseconds. */
  jobsLostAt: number | null = null;
  /** When its clock was last found to have been set back, in epoch milliseconds of this node, and by how much. */
  setBack: { readonly at: number; readonly byMs: number } | null = null;
  readonly opening = new Trouble();
  readonly taking = new Trouble();
  readonly recording = new Trouble();
  /** What the store does by itself, such as renewing its lease. */
  readonly own = new Trouble();

  /** The store has been opened: earlier failures no longer count. */
  opened(): void {
    this.closed();
    this.opening.end();
  }

  /** The store is not used any more. */
  closed(): void {
    this.latenessMs = 0;
    this.isBehind = false;
    this.taking.end();
    this.recording.end();
    this.own.end();
  }
}
