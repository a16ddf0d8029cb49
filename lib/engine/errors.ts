import { reasonOf } from './health/reason-of.js';
import type { UnreadableJob } from './model/unreadable-job.js';
import { messageOf } from './util/inspect.js';
import { redact } from './util/redact.js';
import { safeError } from './util/safe-error.js';
import type { UnreadableRun } from './model/unreadable-run.js';
import type { AbortReason, RunState } from './model/run-record.js';

/** The stable names of what can go wrong; a program branches on these, never on a message. */
export type SchedulerErrorCode =
  | 'INVALID_INPUT'
  | 'JOB_CONFLICT'
  | 'JOB_NOT_FOUND'
  | 'JOB_UNREADABLE'
  | 'JOB_STALE'
  | 'ALREADY_RUNNING'
  | 'NOT_RUNNING'
  | 'MAX_INSTANCES'
  | 'RUN_DEADLOCK'
  | 'TASK_FAILED'
  | 'STORE_FAILED'
  | 'RUN_TIMED_OUT'
  | 'RUN_CANCELLED'
  | 'RUN_LOST'
  | 'RUN_NOT_FOUND'
  | 'RUN_UNREADABLE'
  | 'RUN_OVER'
  | 'RUN_ACTIVE'
  | 'THREAD_FAILED'
  | 'NOT_RUN_HERE'
  | 'WORKER_FAILED'
  | 'HOST_NOT_ALLOWED'
  | 'CONFIGURATION';

/** The base of every error that this package throws on purpose. Neither its message nor its cause contains a secret. */
export class SchedulerError extends Error {
  constructor(
    readonly code: SchedulerErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(redact(message), options?.cause === undefined ? undefined : { cause: safeError(options.cause) });
    this.name = new.target.name;
  }
}

/** One thing wrong with an input. */
export interface Fault {
  /** The field's name as TypeScript spells it (`startDate`), with a path where it is nested (`trigger.seconds`). */
  readonly field: string;
  /** What is wrong, in words that follow the field's name: `must be greater than 0, got -5`. */
  readonly problem: string;
}

/** What was given cannot be used. Carries every fault found, not only the first. */
export class InvalidInputError extends SchedulerError {
  readonly subject: string;
  readonly faults: readonly Fault[];

  /**
   * @param subject - what was given, as it stands in the message: `Invalid interval trigger`.
   * @param faults - at least one.
   */
  constructor(subject: string, faults: readonly Fault[]) {
    super('INVALID_INPUT', `${subject}: ${faults.map(({ field, problem }) => `${field} ${problem}`).join('; ')}`);
    this.subject = redact(subject);
    this.faults = faults.map((fault) => ({ field: redact(fault.field), problem: redact(fault.problem) }));
  }
}

/** A run's arguments are not what its task takes. The task is not called, and the run is not retried: it could not succeed. */
export class InvalidArgumentsError extends InvalidInputError {
  constructor(task: string, faults: readonly Fault[]) {
    super(`Invalid arguments of task "${task}"`, faults);
  }
}

/** A job with this id is already there (APScheduler: `ConflictingIdError`). */
export class ConflictingIdError extends SchedulerError {
  constructor(
    readonly jobId: string,
    readonly jobStore = 'default',
  ) {
    super(
      'JOB_CONFLICT',
      `Job "${jobId}" already exists in job store "${jobStore}"; pass replaceExisting or another id`,
    );
  }
}

/** A declared job has had its last time, and is not added again for one that is not later. */
export class JobCompletedError extends SchedulerError {
  constructor(
    readonly jobId: string,
    readonly jobStore = 'default',
  ) {
    super('JOB_CONFLICT', `Declared job "${jobId}" is not added to job store "${jobStore}" again: it has completed`);
  }
}

/** No job has this id (APScheduler: `JobLookupError`). */
export class JobLookupError extends SchedulerError {
  constructor(
    readonly jobId: string,
    readonly jobStore?: string,
  ) {
    super('JOB_NOT_FOUND', `Job "${jobId}" not found${jobStore === undefined ? '' : ` in job store "${jobStore}"`}`);
  }
}

/** A job has been changed since the version that a change was made for: nothing has been changed. */
export class StaleJobError extends SchedulerError {
  constructor(readonly jobId: string) {
    super('JOB_STALE', `Job "${jobId}" has been changed meanwhile: read it again, and decide anew`);
  }
}

/** A job is there and cannot be read, so it can be shown as it is, exported and removed, and nothing else. */
export class JobUnreadableError extends SchedulerError {
  constructor(readonly job: UnreadableJob) {
    super(
      'JOB_UNREADABLE',
      `Job "${job.id}" cannot be read: ${job.problem}. Use the release that wrote it, or remove the job`,
    );
  }
}

/** A run is there and cannot be read, so it can be shown as it is, and nothing else; it leaves the history by its limits. */
export class RunUnreadableError extends SchedulerError {
  constructor(readonly run: UnreadableRun) {
    super('RUN_UNREADABLE', `Run "${run.id}" cannot be read: ${run.problem}. Use the release that wrote it`);
  }
}

/** `start()` on a scheduler that runs (APScheduler: `SchedulerAlreadyRunningError`). */
export class SchedulerAlreadyRunningError extends SchedulerError {
  constructor() {
    super('ALREADY_RUNNING', 'Scheduler is already running');
  }
}

/** The operation needs a started scheduler (APScheduler: `SchedulerNotRunningError`). */
export class SchedulerNotRunningError extends SchedulerError {
  constructor() {
    super('NOT_RUNNING', 'Scheduler is not running');
  }
}

/** A run by hand found as many instances of the job running as it may have (APScheduler: `MaxInstancesReachedError`). */
export class MaxInstancesReachedError extends SchedulerError {
  constructor(
    readonly jobId: string,
    readonly maxInstances: number,
  ) {
    super('MAX_INSTANCES', `Job "${jobId}" already has its maximum of ${maxInstances} running instance(s)`);
  }
}

/** A run by hand was asked for on a node that makes no runs of the job's executor, or no more runs, and it cannot be left to another node. */
export class NotRunHereError extends SchedulerError {
  /**
   * @param why - of this node: `it executes no runs of executor "cpu" (roles.execute)`.
   * @param hint - why no other node can make it so: `pass wait: false`.
   */
  constructor(
    readonly jobId: string,
    why: string,
    hint: string,
  ) {
    super('NOT_RUN_HERE', `Job "${jobId}" cannot run on this node: ${why}; ${hint}`);
  }
}

/** A run would wait for a run that can start only after it has ended itself: a job that runs itself, say. */
export class RunDeadlockError extends SchedulerError {
  constructor(
    readonly jobId: string,
    /** The job whose run would wait. */
    readonly callerJobId: string,
  ) {
    const why = `it could not start before that run has ended; pass wait: false`;
    super('RUN_DEADLOCK', `A run of job "${callerJobId}" cannot wait for a run of job "${jobId}": ${why}`);
  }
}

/** The task threw in a run that somebody waited for. Its own error is the `cause`; the message is the task's. */
export class TaskFailedError extends SchedulerError {
  constructor(
    readonly jobId: string,
    cause: unknown,
  ) {
    super('TASK_FAILED', messageOf(cause));
    // The caller's own error, as its task threw it.
    Object.defineProperty(this, 'cause', { value: cause, configurable: true, writable: true });
  }
}

/** A run took longer than its job's `timeout`. Its signal's reason. */
export class RunTimedOutError extends SchedulerError {
  constructor(
    readonly jobId: string,
    /** In seconds. */
    readonly timeout: number,
  ) {
    super('RUN_TIMED_OUT', `Run of job "${jobId}" took longer than its timeout of ${timeout} s`);
  }
}

/** A run was aborted before it ended. The reason of its signal. */
export class RunCancelledError extends SchedulerError {
  constructor(
    readonly jobId: string,
    readonly reason: AbortReason,
  ) {
    super('RUN_CANCELLED', `Run of job "${jobId}" was cancelled${reason === 'cancelled' ? '' : ` (${reason})`}`);
  }
}

/**
 * The outcome of a run is unknown: the scheduler stopped while it was under way, or its node lost its right to it, perhaps before it
 * could begin. It may be made again elsewhere.
 */
export class RunLostError extends SchedulerError {
  constructor(readonly jobId: string) {
    super('RUN_LOST', `Run of job "${jobId}" was lost: its scheduler stopped, or lost its lease`);
  }
}

/** No run has this id, or it is no longer kept. */
export class RunLookupError extends SchedulerError {
  constructor(readonly runId: string) {
    super('RUN_NOT_FOUND', `Run "${runId}" not found`);
  }
}

/** A run that is over, or has been aborted already, cannot be cancelled. */
export class RunOverError extends SchedulerError {
  constructor(
    readonly runId: string,
    readonly state: RunState,
  ) {
    super('RUN_OVER', `Run "${runId}" cannot be cancelled: it is ${state}`);
  }
}

/** A run that is under way cannot be removed. */
export class RunActiveError extends SchedulerError {
  constructor(readonly runId: string) {
    super('RUN_ACTIVE', `Run "${runId}" cannot be removed: it is under way; cancel it first`);
  }
}

/** A job store could not do what it was asked for: its server is away, say. Its own error is the `cause`. */
export class StoreFailedError extends SchedulerError {
  constructor(
    readonly jobStore: string,
    cause: unknown,
  ) {
    super('STORE_FAILED', `Job store "${jobStore}" failed: ${reasonOf(cause)}`, { cause });
  }
}

/** This host is not among `allowedHosts`, so it runs nothing. */
export class HostNotAllowedError extends SchedulerError {
  constructor(
    readonly hostName: string,
    readonly allowedHosts: readonly string[],
  ) {
    super('HOST_NOT_ALLOWED', `Host "${hostName}" runs no jobs: allowedHosts is ${JSON.stringify(allowedHosts)}`);
  }
}

/** The module, a decorator or an option cannot work as it is written. Thrown while the application starts. */
export class ConfigurationError extends SchedulerError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CONFIGURATION', message, options);
  }
}
