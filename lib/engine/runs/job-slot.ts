import type { JobSpec } from '../job.js';
import type { JobExecution, RunWaiter } from './job-execution.js';
import type { RunEntry } from './run-entry.js';

/** Runs that take one place together, one after the other. */
export interface Instance {
  readonly job: JobSpec;
  /** At least one. */
  readonly runs: readonly RunEntry[];
  /** Waits for a run by hand. */
  readonly waiter: RunWaiter | null;
}

/** What this node has under way of one job. Ends with the job: another one with its id has a slot of its own. */
export class JobSlot {
  /** How many places are taken. */
  running = 0;
  /** What is under way, the oldest first. */
  readonly executions = new Set<JobExecution>();
  /** What waits for a place, the oldest first. */
  readonly waiting: Instance[] = [];
  /** The record of runs that are left out one after the other for one reason: one for them all. */
  leftOut: RunEntry | null = null;
  /** The latest scheduled time for which a run has begun, in epoch milliseconds. */
  latestBegun = -Infinity;
  /** Why no further run of it may begin. */
  interrupted: 'paused' | 'removed' | null = null;

  /** Whether another run would be one too many. */
  isFull({ maxInstances, overlap }: JobSpec): boolean {
    return this.running >= maxInstances && overlap !== 'allow';
  }
}
