import type { OverlapPolicy, RetryPolicy } from './job-policies.js';
import type { TaskFunction } from './task.js';
import type { RunRecord } from './run-record.js';
import type { Trigger } from '../triggers/trigger.js';

/** How several missed times are made up: one run for the latest or the earliest of them, or one run each. */
export type CoalesceMode = 'latest' | 'earliest' | 'all';

/**
 * Whether a job also runs at the start: of each node that knows it (`true`, `node`), or once for all nodes that share its store
 * (`cluster`).
 */
export type RunOnStart = boolean | 'node' | 'cluster';

/** The mark of a declared job: by a decorator, the configuration or `declareJob()`. */
export interface Declaration {
  /** The latest release that has declared it; null if none of them had a name. */
  readonly release: string | null;
}

/** A job without its schedule: everything that does not change with its runs. */
export interface JobSpec {
  readonly id: string;
  readonly name: string;
  /** The task's registered name; the wire's `func`. */
  readonly task: string;
  /** The function itself, if the job was added with one that has no registered name. Only a store in this process can hold it. */
  readonly handler?: TaskFunction;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly trigger: Trigger;
  /** Whether the trigger's start was omitted, and filled in when the job was added: a declaration that omits it again is unchanged. */
  readonly startOpen: boolean;
  /** The executor's alias. */
  readonly executor: string;
  /** How several missed times are made up: one run for the latest (true) or the earliest of them, or one run each (false). */
  readonly coalesce: boolean | 'earliest';
  /** With `coalesce: 'all'`: the largest number of missed times that are made up, the latest ones. */
  readonly catchUpLimit: number;
  /** How late a run may start, in seconds; null for no limit. */
  readonly misfireGraceTime: number | null;
  /** How many runs of this job may be active at once. */
  readonly maxInstances: number;
  /** What happens to a run beyond that limit. */
  readonly overlap: OverlapPolicy;
  /** How many runs may wait with `overlap: 'queue'`. */
  readonly maxQueued: number;
  /** How long a run may take, in seconds; null for no limit. */
  readonly timeout: number | null;
  /** How failed runs are retried; null if they are not. */
  readonly retry: RetryPolicy | null;
  /** Whether it also runs when a scheduler starts. */
  readonly runOnStart: RunOnStart;
  /** Present on a job that is, or has been, declared. */
  readonly declaredBy?: Declaration;
}

/** The schedule of a job. */
export interface JobSchedule {
  /** The next fire time, in epoch milliseconds; null while paused and if there is none. */
  readonly nextRunTime: number | null;
  /** The nominal time of `nextRunTime`: the same without jitter. */
  readonly nextNominalTime: number | null;
  readonly paused: boolean;
}

/** A job as stored. Immutable: every change creates a new record. */
export interface JobRecord extends JobSpec, JobSchedule {}

/** A job as users see it: a snapshot, not a handle. */
export interface Job extends JobRecord {
  /** The alias of its store. */
  readonly jobStore: string;
  /** Added before the start: its defaults and its first run time are set when the scheduler starts. */
  readonly pending: boolean;
  /** The latest run that was started; null if there was none. */
  readonly lastRun: RunRecord | null;
  /** What this node lacks to run it: a task or an executor. Null if nothing is missing. */
  readonly waitingFor: string | null;
}
