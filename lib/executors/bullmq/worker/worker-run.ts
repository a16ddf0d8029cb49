import { SystemClock } from '../../../engine/clock.js';
import { RunTimedOutError } from '../../../engine/errors.js';
import type { RunEnvelope } from '../../../engine/executors/run-envelope.js';
import type { TaskFunction } from '../../../engine/model/task.js';
import { callWithin } from '../../../engine/runs/current-run.js';
import { messageOf, show } from '../../../engine/util/inspect.js';
import { isPlainObject } from '../../../engine/util/is-plain-object.js';
import { findJsonFaults } from '../../../engine/util/json-faults.js';
import { carry, type CarriedError } from '../../remote/carried-error.js';
import { RemoteRunContext } from '../../remote/remote-run-context.js';
import { REPORT, type WorkerAnswer, type WorkerFailure } from '../run-report.js';
import { WorkerFailedError } from '../worker-failed.error.js';
import { WorkerReports } from './worker-reports.js';

/** The most that a task may return, in bytes of JSON: BullMQ keeps it in Redis, with its event. */
const MOST_BYTES = 1_000_000;

/** What is used of a job that BullMQ delivers. */
export interface DeliveredJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly data: unknown;
  /** How often a worker has taken it, this time included. */
  readonly attemptsStarted?: number | undefined;
  updateProgress(progress: object): Promise<unknown>;
}

export interface WorkerRunParts {
  /** What this worker is called. */
  readonly worker: string;
  /** @throws what keeps the task from being called. */
  readonly task: (name: string) => TaskFunction;
}

/** A run that this process carries out. */
export class WorkerRun {
  private readonly envelope: RunEnvelope;
  private readonly context: RemoteRunContext;
  private readonly reports: WorkerReports;
  private readonly clock = new SystemClock();
  /** What became of it, where its task cannot tell. */
  private ending: WorkerFailure['state'] | null = null;

  /** @throws WorkerFailedError when it is no run of a scheduler. */
  constructor(
    private readonly job: DeliveredJob,
    private readonly parts: WorkerRunParts,
  ) {
    this.envelope = readEnvelope(job);
    const about = { worker: parts.worker, startedAt: this.clock.now() };
    this.reports = new WorkerReports(about, (report) => job.updateProgress(report));
    this.context = new RemoteRunContext(this.envelope, this.reports);
  }

  get id(): string {
    return this.envelope.runId;
  }

  /** Its scheduler has cancelled it. */
  cancel(reason: unknown): void {
    this.context.abort(reason);
  }

  /** This worker stops. */
  stop(): void {
    this.abort('lost', new WorkerFailedError('Its worker was stopped before the run had ended'));
  }

  /** @throws Error with the message of what the task threw, after the whole of it was sent to the scheduler. */
  async carryOut(): Promise<WorkerAnswer> {
    const { timeout } = this.envelope;
    const timer = timeout === null ? null : this.clock.setTimer(() => this.timeOut(timeout), timeout);
    try {
      const value = await this.call();
      return { [REPORT]: 1, ...(await this.reports.last()), ...(value !== undefined && { value }) };
    } catch (error) {
      const failure = { state: this.ending ?? 'failed', error: carryAsJson(error) };
      // Where the job is gone there is nobody to tell.
      await this.job.updateProgress({ ...(await this.reports.last()), failure }).catch(() => undefined);
      // Not the error itself: BullMQ has a meaning for some names.
      const failed = new Error(messageOf(error) || 'The task has thrown an error without a message');
      if (error instanceof Error && error.stack !== undefined) failed.stack = error.stack;
      throw failed;
    } finally {
      timer?.cancel();
    }
  }

  private async call(): Promise<unknown> {
    const { args, deadline, kwargs, task: name } = this.envelope;
    if ((this.job.attemptsStarted ?? 1) > 1) {
      // Attempts are counted by the scheduler.
      return this.refuse('The run was begun before, and its worker went away: it is not carried out twice');
    }
    if (deadline !== null && this.clock.now() >= deadline) return this.refuse('The deadline of the run is over');
    const task = this.parts.task(name);
    const all = Object.keys(kwargs).length > 0 ? [...args, kwargs] : args;
    const value = await callWithin({ context: this.context }, task, all);
    // As everywhere: what ends after its time-out has timed out.
    if (this.ending === 'timed_out') throw this.context.signal.reason;
    checkValue(name, value);
    return value;
  }

  private refuse(problem: string): never {
    this.ending = 'lost';
    throw new WorkerFailedError(problem);
  }

  private timeOut(timeoutMs: number): void {
    this.abort('timed_out', new RunTimedOutError(this.envelope.jobId, timeoutMs / 1000));
  }

  private abort(ending: WorkerFailure['state'], reason: Error): void {
    if (this.context.signal.aborted) return;
    this.ending = ending;
    this.context.abort(reason);
  }
}

function readEnvelope({ data, id, name }: DeliveredJob): RunEnvelope {
  const isEnvelope =
    isPlainObject(data) &&
    ['runId', 'jobId', 'task'].every((member) => typeof data[member] === 'string') &&
    Array.isArray(data['args']) &&
    isPlainObject(data['kwargs']);
  if (isEnvelope) return { timeout: null, deadline: null, trace: null, ...data } as unknown as RunEnvelope;
  const problem = `Job ${show(id)} (${show(name)}) is no run of a scheduler: override process() for jobs of your own`;
  throw new WorkerFailedError(problem);
}

/** @throws TypeError when it is no JSON; RangeError when it is too long. */
function checkValue(task: string, value: unknown): void {
  let length: number;
  try {
    length = (JSON.stringify(value) as string | undefined)?.length ?? 0;
  } catch (error) {
    const problem = `${messageOf(error)}. Let it return plain JSON`;
    throw new TypeError(`Task "${task}" has returned what cannot leave its process: ${problem}`, { cause: error });
  }
  if (length <= MOST_BYTES) return;
  const problem = `${length} characters of JSON, and ${MOST_BYTES} may leave its process. Let it store them, and return where`;
  throw new RangeError(`Task "${task}" has returned ${problem}`);
}

/** Anything can be thrown, and not everything is JSON. */
function carryAsJson(error: unknown): CarriedError {
  try {
    const carried = carry(error);
    const isLost = 'thrown' in carried && findJsonFaults(carried.thrown, 'thrown').length > 0;
    return isLost ? carry(messageOf(error)) : (JSON.parse(JSON.stringify(carried)) as CarriedError);
  } catch {
    return carry(messageOf(error));
  }
}
