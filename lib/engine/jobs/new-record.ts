import type { JobInput } from './job-input.js';
import type { ResolvedJobDefaults } from './job-options.js';
import type { OverlapPolicy, RetryPolicy } from '../model/job-policies.js';
import type { JobRecord, JobSchedule, RunOnStart } from '../model/job.js';
import type { Trigger } from '../triggers/trigger.js';

/* Shared by the many jobs that have none. */
const NO_ARGS: readonly unknown[] = Object.freeze([]);
const NO_KWARGS: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The record of a new job: what was given, and defaults for the rest.
 *
 * Member by member: spreads would take most of the time that adding a job takes. And a class: once many objects of a literal
 * have been kept, V8 makes the next ones among its old objects, where all that they point to has to be noted, and of a million
 * adds that took a tenth.
 */
export class NewRecord implements JobRecord {
  readonly id: string;
  readonly name: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly trigger: Trigger;
  readonly startOpen: boolean;
  readonly executor: string;
  readonly coalesce: boolean | 'earliest';
  readonly catchUpLimit: number;
  readonly misfireGraceTime: number | null;
  readonly maxInstances: number;
  readonly overlap: OverlapPolicy;
  readonly maxQueued: number;
  readonly timeout: number | null;
  readonly retry: RetryPolicy | null;
  readonly runOnStart: RunOnStart;
  readonly nextRunTime: number | null;
  readonly nextNominalTime: number | null;
  readonly paused: boolean;

  constructor(
    id: string,
    task: string,
    trigger: Trigger,
    startOpen: boolean,
    retry: RetryPolicy | null,
    { nextRunTime, nextNominalTime, paused }: JobSchedule,
    input: JobInput,
    defaults: ResolvedJobDefaults,
  ) {
    const { args, kwargs } = input;
    this.id = id;
    this.name = input.name ?? id;
    this.task = task;
    this.args = args && args.length > 0 ? Object.freeze(args) : NO_ARGS;
    this.kwargs = kwargs && Object.keys(kwargs).length > 0 ? Object.freeze(kwargs) : NO_KWARGS;
    this.trigger = trigger;
    this.startOpen = startOpen;
    this.executor = input.executor ?? 'default';
    this.coalesce = input.coalesce ?? defaults.coalesce;
    this.catchUpLimit = input.catchUpLimit ?? defaults.catchUpLimit;
    this.misfireGraceTime = input.misfireGraceTime === undefined ? defaults.misfireGraceTime : input.misfireGraceTime;
    this.maxInstances = input.maxInstances ?? defaults.maxInstances;
    this.overlap = input.overlap ?? defaults.overlap;
    this.maxQueued = input.maxQueued ?? defaults.maxQueued;
    this.timeout = input.timeout === undefined ? defaults.timeout : input.timeout;
    this.retry = retry;
    this.runOnStart = input.runOnStart ?? false;
    this.nextRunTime = nextRunTime;
    this.nextNominalTime = nextNominalTime;
    this.paused = paused;
  }
}
