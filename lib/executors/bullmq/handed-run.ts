import type { Timer } from '../../engine/clock.js';
import type { Execution } from '../../engine/executors/executor.js';
import type { RunEnvelope } from '../../engine/executors/run-envelope.js';
import type { RunOutcome } from '../../engine/model/run-record.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { revive } from '../remote/carried-error.js';
import type { BullJob, BullJobInput } from './load-bullmq.js';
import { isAnswer, readReport, type WorkerFailure, type WorkerReport } from './run-report.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** What BullMQ says of a job whose worker went away, once too often. */
const STALLED = /^job (stalled|started) more than allowable limit/;

/** What a run needs to know of time. */
export interface RunTimes {
  /** The scheduler's. */
  now(): number;
  /** What a worker's clock says, by the scheduler's. */
  fromWorker(at: number): number;
}

/** What is added to the queue. */
export interface HandedRunJob extends BullJobInput {
  readonly data: RunEnvelope;
}

/** A run that is handed over, as this node knows it. */
export class HandedRun {
  /** Whether the queue has it. */
  isPublished = false;
  isOver = false;
  /** Whether it is to end. */
  isAborted = false;
  /** When a worker took it, where the worker has not said so itself yet. */
  takenAt: number | null = null;
  hasStarted = false;
  /** What has become of it when it is not in the queue any more: since this node has taken it out. */
  takenBackAs: RunOutcome | null = null;
  /** Ends the wait for the answer of a worker that is to end it. */
  timer: Timer | null = null;
  private failure: WorkerFailure | null = null;
  private linesSeen = 0;

  /** @param deadlineAt - when its outcome must be there, by the scheduler's clock. */
  constructor(
    readonly execution: Execution,
    readonly job: HandedRunJob,
    public deadlineAt: number,
    private readonly times: RunTimes,
  ) {}

  get id(): string {
    return this.job.data.runId;
  }

  /** A worker has called its task. */
  started(at: number, worker: string | null): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    const { scheduledTime } = this.execution.context;
    // Clocks of computers differ a little.
    this.execution.started(Math.max(scheduledTime, Math.min(at, this.times.now())), worker);
  }

  /**
   * What a worker says of it.
   *
   * @param isNew - whether it is said now; otherwise it may have been heard already.
   */
  hear(report: WorkerReport, isNew: boolean): void {
    const { failure, from, lines = [], logged = [], progress, startedAt, worker } = report;
    const { context } = this.execution;
    const at = startedAt === undefined ? this.takenAt : this.times.fromWorker(startedAt);
    if (at !== null && worker !== undefined) this.started(at, worker);
    // Without a count it is unknown which of them have been heard.
    const heard = from === undefined ? (isNew ? 0 : lines.length) : Math.max(0, this.linesSeen - from);
    for (const line of lines.slice(heard)) context.log(line);
    this.linesSeen = Math.max(this.linesSeen, (from ?? this.linesSeen) + lines.length);
    if (isNew) {
      for (const { level, message, error } of logged) {
        if (level === 'error') context.logger.error(message, error === null ? undefined : revive(error));
        else context.logger[level](message);
      }
    }
    if (progress !== undefined) context.progress(progress);
    if (failure) this.failure = failure;
  }

  /** Its job has returned something. */
  success(returnValue: unknown): RunOutcome {
    if (!isAnswer(returnValue)) return { state: 'succeeded', returnValue: returnValue ?? undefined };
    this.hear(readReport(returnValue), true);
    return { state: 'succeeded', returnValue: returnValue.value };
  }

  /** Its job has failed; null where the worker's own words for it have not been heard. */
  heardFailure(reason: string): RunOutcome | null {
    if (this.failure) return outcomeOf(this.failure);
    return STALLED.test(reason) ? lost('Its worker went away before the run had ended') : null;
  }

  /** What its job says; null while it has no outcome. */
  look(job: BullJob): RunOutcome | null {
    const { failedReason, finishedOn, processedBy, processedOn, progress, stacktrace } = job;
    const report = readReport(progress);
    const worker = report.worker ?? processedBy;
    const startedAt = report.startedAt ?? processedOn;
    this.hear({ ...report, ...(worker && { worker }), ...(startedAt && { startedAt }) }, false);
    if (processedOn !== undefined) this.takenAt ??= this.times.fromWorker(processedOn);
    this.keepDeadline(job.data);
    if (finishedOn === undefined) return null;
    const stack = stacktrace?.at(-1);
    // An error may have no message.
    if (failedReason === undefined && stack === undefined && !this.failure) return this.success(job.returnvalue);
    const reason = failedReason ?? '';
    return this.heardFailure(reason) ?? { state: 'failed', error: failureOf(reason, stack) };
  }

  /** That of the node that handed it over first. */
  private keepDeadline(data: unknown): void {
    const deadline = isPlainObject(data) ? data['deadline'] : null;
    if (typeof deadline !== 'number') return;
    this.deadlineAt = Math.min(this.deadlineAt, this.times.fromWorker(deadline));
  }
}

export function lost(message: string): RunOutcome {
  return { state: 'lost', error: new WorkerFailedError(message) };
}

function outcomeOf({ state, error: carried }: WorkerFailure): RunOutcome {
  const error = revive(carried);
  if (state === 'failed') return { state, error };
  return { state, error: error instanceof Error ? error : new WorkerFailedError(String(error)) };
}

/** Of a worker that leaves only what BullMQ keeps: the message, and the stack where its language has one. */
function failureOf(message: string, stack: string | undefined): Error {
  const error = new Error(message);
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
