import type { OverlapPolicy, RetryPolicy } from './job-policies.js';
import type { RunRecord } from '../runs/run-record.js';
import type { Trigger } from '../triggers/trigger.js';

/** Which of several missed times are made up: one run for the latest of them or the earliest, or a run for each. */
export type CoalesceMode = 'latest' | 'earliest' | 'all';

/** That a program declares a job: by a decorator, its configuration or `declareJob()`. */
export interface Declaration {
  /** The latest release that has; null when none of those that have says what it is. */
  readonly release: string | null;
}

/** What a job is: all that a store keeps of it but its place in time. */
export interface JobSpec {
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
  /** Which of several missed times are made up: one run for the latest (true) or the earliest of them, or a run for each (false). */
  readonly coalesce: boolean | 'earliest';
  /** With `coalesce: 'all'`: how many missed times are made up at most, the latest ones. */
  readonly catchUpLimit: number;
  /** How late a run may start, in seconds; null when it is never too late. */
  readonly misfireGraceTime: number | null;
  /** How many runs of this job may be under way at once. */
  readonly maxInstances: number;
  /** What becomes of a run that finds as many under way. */
  readonly overlap: OverlapPolicy;
  /** How many runs may wait with `overlap: 'queue'`. */
  readonly maxQueued: number;
  /** How long a run may take, in seconds; null when it may take for ever. */
  readonly timeout: number | null;
  /** How failed runs are tried again; null when they are not. */
  readonly retry: RetryPolicy | null;
  /** Whether it runs when the scheduler starts, beside its schedule. */
  readonly runOnStart: boolean;
  /** Of a job that a program declares, or has declared once. */
  readonly declaredBy?: Declaration;
}

/** Where a job stands in time. */
export interface JobSchedule {
  /** The next fire time, in epoch milliseconds; null while paused and when no time is left. */
  readonly nextRunTime: number | null;
  /** The nominal time that `nextRunTime` stands for: the same, less jitter. */
  readonly nextNominalTime: number | null;
  readonly paused: boolean;
}

/** A job as a store keeps it. Immutable: every change makes a new record. */
export interface JobRecord extends JobSpec, JobSchedule {}

/** A job as users see it: a snapshot, not a handle. */
export interface Job extends JobRecord {
  /** The alias of the store that it is in. */
  readonly jobStore: string;
  /** Added before the start: it gets its defaults and its first run time when the scheduler starts. */
  readonly pending: boolean;
  /** The latest run that was begun; null when there was none. */
  readonly lastRun: RunRecord | null;
  /** What this node would have to know to run it: a task or an executor. Null when nothing is missing. */
  readonly waitingFor: string | null;
}

/**
 * What a job runs. Called with the job's args, then its kwargs object if it has one, then a {@link RunContext}.
 * May return a promise.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- args are the user's own; only `any` accepts every signature
export type TaskFunction = (...args: any[]) => unknown;
