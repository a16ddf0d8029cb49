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

/** What people and programs say about a job beside what it does and when. */
export interface JobAttributes {
  /** Labels to find, group and restrict jobs by: sorted, each once. */
  readonly tags: readonly string[];
  /** Plain JSON for the application's own use. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the job is for, in words; null if nobody has said. */
  readonly description: string | null;
  /** How many runs its schedule makes in all; null for no limit. Then the job is over, as after its last fire time. */
  readonly maxRuns: number | null;
  /** After how many failures in a row the job is paused; null for never. */
  readonly pauseAfterFailures: number | null;
  /** False while its declaration says so: the job stays, and does not run. Apart from a pause. */
  readonly enabled: boolean;
}

/** A pause of a job: who asked for it, and why. */
export interface JobPause {
  /** In epoch milliseconds. */
  readonly since: number;
  /** Who paused the job, as the caller named them; null if nobody is named. */
  readonly actor: string | null;
  readonly note: string | null;
  /** `request`: somebody asked for it. `failures`: it had failed `pauseAfterFailures` times in a row. */
  readonly reason: 'request' | 'failures';
}

/**
 * A job without its schedule: everything that does not change when it fires. An attribute is absent where it says nothing,
 * as on most jobs.
 */
export interface JobSpec extends Partial<JobAttributes> {
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
  /** Present while it is paused, if it is known who or what paused it. */
  readonly pause?: JobPause;
  /** With `pauseAfterFailures`: how often it has failed in a row; absent for 0. */
  readonly failures?: number;
}

/** The schedule of a job. */
export interface JobSchedule {
  /** The next fire time, in epoch milliseconds; null while paused and if there is none. */
  readonly nextRunTime: number | null;
  /** The nominal time of `nextRunTime`: the same without jitter. */
  readonly nextNominalTime: number | null;
  /** Whether it is held: paused, or not `enabled`. */
  readonly paused: boolean;
  /** With `maxRuns`: how many runs its schedule has left; absent without. */
  readonly runsLeft?: number;
}

/** A job as stored. Immutable: every change creates a new record. */
export interface JobRecord extends JobSpec, JobSchedule {}

/** A job as users see it: a snapshot, not a handle. */
export interface Job extends JobRecord {
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly description: string | null;
  readonly maxRuns: number | null;
  readonly pauseAfterFailures: number | null;
  readonly enabled: boolean;
  /** The alias of its store. */
  readonly jobStore: string;
  /** Added before the start: its defaults and its first run time are set when the scheduler starts. */
  readonly pending: boolean;
  /** The latest run that was started; null if there was none. */
  readonly lastRun: RunRecord | null;
  /** What this node lacks to run it: a task or an executor. Null if nothing is missing. */
  readonly waitingFor: string | null;
}
