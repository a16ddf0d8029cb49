import type { Trigger } from './triggers/trigger.js';

/** A job as a store keeps it. Immutable: every change makes a new record. */
export interface JobRecord {
  readonly id: string;
  readonly name: string;
  /** The task's registered name; the wire's `func`. */
  readonly task: string;
  /** The function itself, when the job was added with one that has no registered name. Only a store in this process can hold it. */
  readonly handler?: TaskFunction;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly trigger: Trigger;
  /** Whether the trigger's start was left open, and filled in when the job was added: a declaration that leaves it open again means the same. */
  readonly startOpen: boolean;
  /** The executor's alias. */
  readonly executor: string;
  /** Whether several missed times are made up by one run. */
  readonly coalesce: boolean;
  /** How late a run may start, in seconds; null when it is never too late. */
  readonly misfireGraceTime: number | null;
  /** How many runs of this job may be under way at once. */
  readonly maxInstances: number;
  /** The next fire time, in epoch milliseconds; null while paused and when no time is left. */
  readonly nextRunTime: number | null;
  /** The nominal time that `nextRunTime` stands for: the same, less jitter. */
  readonly nextNominalTime: number | null;
  readonly paused: boolean;
}

/** A job as users see it: a snapshot, not a handle. */
export interface Job extends JobRecord {
  /** The alias of the store that it is in. */
  readonly jobStore: string;
  /** Added before the start: it gets its defaults and its first run time when the scheduler starts. */
  readonly pending: boolean;
}

/**
 * What a job runs. Called with the job's args, then its kwargs object if it has one, then a {@link RunContext}.
 * May return a promise.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- args are the user's own; only `any` accepts every signature
export type TaskFunction = (...args: any[]) => unknown;
