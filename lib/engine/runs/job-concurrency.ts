import type { JobSpec } from '../model/job.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import type { RunEntry } from './run-entry.js';

/** Who waits for a run by hand. */
export interface RunWaiter {
  /** The run that asked for it, and waits; null when no run of this scheduler did. */
  readonly caller: RunEntry | null;
  resolve(returnValue: unknown): void;
  reject(error: unknown): void;
}

/** Runs that take one place together, one after the other. */
export interface RunBatch {
  readonly job: JobSpec;
  /** At least one. */
  readonly runs: readonly RunEntry[];
  /** Waits for a run by hand. */
  readonly waiter: RunWaiter | null;
}

/** Whether somebody asked for it, or the start did: a pause of the schedule does not hold it. */
export function isAsked({ runs }: RunBatch): boolean {
  const { cause } = runs[0] as RunEntry;
  return cause === 'manual' || cause === 'start';
}

/** How many runs of a job may be under way. Those that never end must not fill the memory, whatever their job allows. */
export function placesOf({ maxInstances, overlap }: JobSpec): number {
  return overlap === 'allow' ? UPPER_BOUNDS.activeRuns : maxInstances;
}

/** Runs rarely wait: all instances share this empty list, and none changes it. */
const NOBODY: RunBatch[] = [];

/** What this node has under way of one job. Ends with the job: another one with its id has a slot of its own. */
export class JobConcurrency {
  /** How many places are taken. */
  running = 0;
  /** What waits for a place, the oldest first. */
  waiting = NOBODY;
  /** The record of runs that are left out one after the other for one reason: one for them all. */
  leftOut: RunEntry | null = null;
  /** Why no further run of it may begin. */
  interrupted: 'paused' | 'removed' | null = null;

  /** Whether another run would be one too many. */
  isFull(job: JobSpec): boolean {
    return this.running >= placesOf(job);
  }

  /** As good as new: for another job. */
  clear(): this {
    this.leftOut = null;
    this.interrupted = null;
    return this;
  }

  enqueue(batch: RunBatch): void {
    if (this.waiting === NOBODY) this.waiting = [batch];
    else this.waiting.push(batch);
  }

  /** Takes those out that have been settled while they waited. */
  discardSettled(): void {
    if (this.waiting.length === 0) return;
    this.waiting = this.waiting.filter(({ runs }) => runs.some(({ settled }) => !settled));
  }

  /** Takes what waits out. */
  takeWaiting(): readonly RunBatch[] {
    const { waiting } = this;
    this.waiting = NOBODY;
    return waiting;
  }
}
