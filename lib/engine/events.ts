import type { AuditEntry } from './model/audit.js';
import type { MissReason, RunState, SkipReason } from './model/run-record.js';

/* APScheduler's event codes (apscheduler/events.py), names and values alike. A mask is their union. */
export const EVENT_SCHEDULER_STARTED = 1;
/** An older name of {@link EVENT_SCHEDULER_STARTED}. */
export const EVENT_SCHEDULER_START = EVENT_SCHEDULER_STARTED;
export const EVENT_SCHEDULER_SHUTDOWN = 2;
export const EVENT_SCHEDULER_PAUSED = 4;
export const EVENT_SCHEDULER_RESUMED = 8;
export const EVENT_EXECUTOR_ADDED = 16;
export const EVENT_EXECUTOR_REMOVED = 32;
export const EVENT_JOBSTORE_ADDED = 64;
export const EVENT_JOBSTORE_REMOVED = 128;
export const EVENT_ALL_JOBS_REMOVED = 256;
export const EVENT_JOB_ADDED = 512;
export const EVENT_JOB_REMOVED = 1024;
export const EVENT_JOB_MODIFIED = 2048;
export const EVENT_JOB_EXECUTED = 4096;
export const EVENT_JOB_ERROR = 8192;
export const EVENT_JOB_MISSED = 16384;
export const EVENT_JOB_SUBMITTED = 32768;
export const EVENT_JOB_MAX_INSTANCES = 65536;
/** All of APScheduler's. */
export const EVENT_ALL = 131071;
/** An entry of the audit trail has been recorded. No event of APScheduler's, and not in {@link EVENT_ALL}. */
export const EVENT_AUDIT_RECORDED = 131072;
/** Every event there is. */
export const EVENT_MASK = EVENT_ALL | EVENT_AUDIT_RECORDED;

/** The scheduler itself, an executor or a job store changed. */
export interface SchedulerStateEvent {
  readonly code:
    | typeof EVENT_SCHEDULER_STARTED
    | typeof EVENT_SCHEDULER_SHUTDOWN
    | typeof EVENT_SCHEDULER_PAUSED
    | typeof EVENT_SCHEDULER_RESUMED
    | typeof EVENT_EXECUTOR_ADDED
    | typeof EVENT_EXECUTOR_REMOVED
    | typeof EVENT_JOBSTORE_ADDED
    | typeof EVENT_JOBSTORE_REMOVED
    | typeof EVENT_ALL_JOBS_REMOVED;
  /** The alias of the executor or job store concerned, if any. */
  readonly alias: string | null;
}

/** A job was added, changed or removed. */
export interface JobEvent {
  readonly code: typeof EVENT_JOB_ADDED | typeof EVENT_JOB_REMOVED | typeof EVENT_JOB_MODIFIED;
  readonly jobId: string;
  readonly jobStore: string;
}

/** A job was submitted to its executor, or was not because `maxInstances` runs are active. */
export interface JobSubmissionEvent {
  readonly code: typeof EVENT_JOB_SUBMITTED | typeof EVENT_JOB_MAX_INSTANCES;
  readonly jobId: string;
  readonly jobStore: string;
  /** Nominal times, in epoch milliseconds. */
  readonly scheduledRunTimes: readonly number[];
  /** The ids of the runs of these times; of what was not submitted, of its record in the history. */
  readonly runIds: readonly string[];
  /** If missed times were coalesced into this run: the earliest of them. */
  readonly coalescedFrom: number | null;
  /** Why it was not submitted. */
  readonly reason?: SkipReason;
  /** Set if its executor hands runs over: it does not run in this process. */
  readonly handedOver?: true;
}

interface JobRunEvent {
  readonly jobId: string;
  readonly jobStore: string;
  readonly runId: string;
  /** The nominal time, in epoch milliseconds. */
  readonly scheduledRunTime: number;
}

/** A run succeeded. */
export interface JobExecutedEvent extends JobRunEvent {
  readonly code: typeof EVENT_JOB_EXECUTED;
  /** 1 for the first. */
  readonly attempt: number;
  readonly returnValue: unknown;
}

/** A run failed, timed out, was cancelled, or was lost when the scheduler ended. */
export interface JobErrorEvent extends JobRunEvent {
  readonly code: typeof EVENT_JOB_ERROR;
  readonly state: RunState & ('failed' | 'timed_out' | 'cancelled' | 'lost');
  /** 1 for the first. */
  readonly attempt: number;
  /** When it is retried, in epoch milliseconds; null if it is not, or if that is unknown until its task ends. */
  readonly retryAt: number | null;
  /** What the task threw; otherwise a RunTimedOutError, RunCancelledError or RunLostError. */
  readonly exception: unknown;
  /** Its stack, if it has one (APScheduler: `traceback`). */
  readonly traceback: string | null;
}

/** A scheduled time did not run. */
export interface JobMissedEvent extends JobRunEvent {
  readonly code: typeof EVENT_JOB_MISSED;
  readonly reason: MissReason;
  /** The last of the missed times that this event covers; equal to `scheduledRunTime` if there is only one. */
  readonly lastScheduledRunTime: number;
}

/** An entry of the audit trail has been recorded by this node. */
export interface AuditEvent {
  readonly code: typeof EVENT_AUDIT_RECORDED;
  readonly entry: AuditEntry;
}

/** An event for listeners. `code` discriminates the kinds. */
export type SchedulerEvent =
  SchedulerStateEvent | JobEvent | JobSubmissionEvent | JobExecutedEvent | JobErrorEvent | JobMissedEvent | AuditEvent;

/** Called with each event that matches its mask. What it throws or rejects with is logged, without further effects. */
export type SchedulerEventListener = (event: SchedulerEvent) => unknown;
