import type { RunOnStart, CoalesceMode } from '../model/job.js';
import type { TaskFunction } from '../model/task.js';
import type { OverlapPolicy, RetryOptions } from '../model/job-policies.js';
import type { DurationInput } from '../time/duration.js';
import type { TriggerOptionsByType, TriggerType } from '../triggers/options.js';
import type { Trigger, TriggerJson } from '../triggers/trigger.js';
import type { DateInput } from '../time/iso-date.js';

/** A task by its registered name, or a function or bound method itself. */
export type TaskReference = string | TaskFunction;

/** Options that jobs have when they do not say otherwise. */
export interface JobDefaults {
  /**
   * Which of several missed times are made up: one run for the latest of them (`true`) or for the earliest that is within
   * its `misfireGraceTime`, or a run for each (`false`, `'all'`).
   * @default 'latest'
   */
  coalesce?: boolean | CoalesceMode;
  /** With `coalesce: 'all'`: how many missed times are made up at most, the latest ones. @default 1000 */
  catchUpLimit?: number;
  /** How late a run may start: seconds, or a duration such as `5m`; null when it is never too late. @default null */
  misfireGraceTime?: DurationInput | null;
  /** How many runs of a job may be under way at once. @default 1 */
  maxInstances?: number;
  /** What becomes of a run that finds as many under way. @default 'skip' */
  overlap?: OverlapPolicy;
  /** How many runs may wait with `overlap: 'queue'`. @default 100 */
  maxQueued?: number;
  /** How long a run may take until its signal is aborted: seconds, or a duration; null for as long as it likes. @default null */
  timeout?: DurationInput | null;
  /** How failed and timed-out runs are tried again: options, or the number of attempts; null when they are not. @default null */
  retry?: RetryOptions | number | null;
}

/** What can be said of a job beside its task and its trigger. */
export interface JobOptions extends JobDefaults {
  /** @default the id */
  name?: string;
  args?: readonly unknown[];
  kwargs?: Readonly<Record<string, unknown>>;
  /** The alias of the executor that carries it out. @default 'default' */
  executor?: string;
  /** The first run, whatever the trigger says; null adds the job paused. */
  nextRunTime?: DateInput | null;
  /**
   * Run when the scheduler starts, too, or when it is added to a running one. Its schedule stays as it is. `true` and
   * `'node'`: at each start of each node. `'cluster'`: once when the nodes that share its job store start, not again for
   * further nodes nor in a rolling restart. @default false
   */
  runOnStart?: RunOnStart;
  /** Labels to find, group and restrict jobs by: at most 50, of at most 100 characters each. @default none */
  tags?: readonly string[];
  /** Plain JSON for the application's own use: at most 10,000 characters. @default {} */
  metadata?: Readonly<Record<string, unknown>>;
  /** What the job is for: at most 10,000 characters. @default null */
  description?: string | null;
  /**
   * How many runs its schedule makes in all; runs by hand, at the start and retries do not count. Then the job is over, as
   * after its last fire time. Changing it begins to count anew. @default null, for no limit
   */
  maxRuns?: number | null;
  /**
   * Pauses the job after so many failures in a row. A run fails if it is failed or timed out and is not retried any more.
   * @default null, for never
   */
  pauseAfterFailures?: number | null;
}

type FlatTrigger<T extends TriggerType = TriggerType> = T extends TriggerType
  ? { trigger: T } & TriggerOptionsByType[T]
  : never;
type NestedTrigger<T extends TriggerType = TriggerType> = T extends TriggerType
  ? { type: T } & TriggerOptionsByType[T]
  : never;

/** When: a trigger's name with its options beside it, the same nested, or a trigger. */
export type TriggerDefinition = FlatTrigger | { trigger: Trigger | NestedTrigger | TriggerJson };

/** When, by itself: as in a job's definition, or a trigger, or its plain form. */
export type TriggerInput = TriggerDefinition | Trigger | NestedTrigger | TriggerJson;

/**
 * A job to add. Without a trigger it runs once, at once.
 *
 * @example
 * { id: 'tidy', task: 'Files:tidy', trigger: 'interval', minutes: 10, args: ['/tmp'] }
 * { id: 'report', task: 'Reports:daily', trigger: CronTrigger.fromCrontab('0 9 * * 1-5') }
 */
export type JobDefinition = JobOptions &
  (
    | { task: TaskReference; func?: never }
    | { /** Flask-APScheduler's name for `task`. */ func: TaskReference; task?: never }
  ) & {
    /** @default a random one */
    id?: string;
    /** The alias of the store to keep it in. @default 'default' */
    jobStore?: string;
    /** Take the place of a job with the same id. Where the trigger is unchanged, its next run and its pause stay. @default false */
    replaceExisting?: boolean;
    /**
     * False keeps the job without running it. Declared again with true, it goes on as before, with the phase of its interval;
     * a pause by an operator is another thing, and outlives both. @default true
     */
    enabled?: boolean;
  } & (TriggerDefinition | { trigger?: never });

/** What to change of a job. A new trigger makes a new next run time. */
export type JobChanges = JobOptions & { task?: TaskReference; func?: TaskReference } & (
    TriggerDefinition | { trigger?: never }
  );
