import type { Job } from './job.js';
import type { RunState } from './run-record.js';
import type { UnreadableJob } from './unreadable-job.js';

/** Every state that a job can have. */
export const JOB_STATES = ['scheduled', 'paused', 'waiting', 'running'] as const;

/**
 * Where a job stands: the first of these that applies. `running`: it has a run in this state. `paused`: it is paused, or not
 * `enabled`. `waiting`: this node lacks its task or its executor. `scheduled`: all others.
 */
export type JobState = (typeof JOB_STATES)[number];

/** Every order that jobs can be listed in. */
export const JOB_ORDERS = ['id', 'name', 'nextRun', 'lastRun'] as const;

/**
 * What jobs are sorted by; equal ones by id. `name`: by its first 100 characters, in lower case. `nextRun`: jobs without a
 * next run time are the last. `lastRun`: by the time at which the last run was made; jobs without one are the first.
 */
export type JobOrder = (typeof JOB_ORDERS)[number];

/** Which jobs {@link Scheduler.findJobs} answers: those that everything given here applies to. Of several values, one must apply. */
export interface JobQuery {
  /** Found in the id or the name, in upper or lower case. */
  text?: string;
  state?: JobState | readonly JobState[];
  /** Types of triggers: `cron`. */
  trigger?: string | readonly string[];
  /** Registered names of tasks. */
  task?: string | readonly string[];
  /** Only of this store. */
  jobStore?: string;
  /** Aliases of executors. */
  executor?: string | readonly string[];
  tag?: string | readonly string[];
  /** Whether a decorator, the configuration or `declareJob()` has declared it. */
  declared?: boolean;
  /** States of the last run. */
  lastOutcome?: RunState | readonly RunState[];
  /** With a next run time not before this: a Date, epoch milliseconds or ISO 8601 text. */
  nextFrom?: Date | number | string;
  /** With a next run time before this. */
  nextTo?: Date | number | string;
  /** An order, with `-` before it for the reverse. @default 'id' */
  sort?: JobOrder | `-${JobOrder}`;
  /** At most so many, 1 to 1000; fewer when they take more than 4 MB, or many had to be looked through: `nextCursor` goes on after them. @default 100 */
  limit?: number;
  /** Goes on after a page of the same query: its `nextCursor`. */
  cursor?: string;
}

/** Some jobs, in the order asked for. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** Those of this page that cannot be read, where there are any; they count for its limit. */
  readonly unreadable?: readonly UnreadableJob[];
  /** Asks for the page after this one; null when there is none. */
  readonly nextCursor: string | null;
}
