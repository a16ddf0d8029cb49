import { types } from 'node:util';
import type { AsyncResource } from 'node:async_hooks';
import type { Timer } from '../clock.js';
import type { Execution } from '../executors/executor.js';
import type { JobSpec } from '../model/job.js';
import type { TaskFunction } from '../model/task.js';
import { SECOND_MS } from '../time/civil.js';
import { copyData } from '../util/copy-data.js';
import type { RunOutcome } from '../model/run-record.js';
import type { AbortOutcome } from './abort-outcome.js';
import { callWithin, runWithin } from './current-run.js';
import { cutText } from './cut-text.js';
import type { RunBatch, JobConcurrency } from './job-concurrency.js';
import type { TaskRunContext } from './run-context.js';
import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

const MAX_WORKER_LENGTH = 200;

/** What an execution reports to. */
export interface ExecutionOwner {
  /** The async context of tasks. */
  readonly scope: AsyncResource;
  /** Whether the run may start now. */
  mayBegin(execution: JobExecution): boolean;
  /** The task of a run that was handed over has been called. */
  started(execution: JobExecution): void;
  ended(execution: JobExecution, outcome: RunOutcome | null): void;
}

/**
 * One run on its way through an executor. One object carries it the whole way, its methods on the prototype:
 * this is made for every fire.
 */
export class JobExecution implements Execution {
  /** Set once the run has been aborted. */
  abortOutcome: AbortOutcome | null = null;
  /** Its neighbours among what is under way. */
  before: JobExecution | null = null;
  after: JobExecution | null = null;
  /** Its time-out. */
  timeout: Timer | null = null;
  /** Called when it is over; set where a clock wants to know. */
  onEnd: (() => void) | null = null;
  /** Whether its executor may carry it out. */
  hasBegun = false;
  private over = false;
  private ownArgs: readonly unknown[] | null = null;
  private ownKwargs: Readonly<Record<string, unknown>> | null = null;

  constructor(
    readonly owner: ExecutionOwner,
    readonly entry: StoreEntry,
    readonly slot: JobConcurrency,
    readonly batch: RunBatch,
    /** Which of the instance's runs this is. */
    readonly index: number,
    readonly run: RunEntry,
    private readonly handler: TaskFunction,
    readonly context: TaskRunContext,
  ) {}

  get job(): JobSpec {
    return this.batch.job;
  }

  get task(): string {
    return this.job.task;
  }

  /** The run's own: what its task does to them is not seen by any other run. */
  get args(): readonly unknown[] {
    return (this.ownArgs ??= copyData(this.job.args));
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return (this.ownKwargs ??= copyData(this.job.kwargs));
  }

  get deadline(): number | null {
    const { startedAt } = this.run;
    const { timeoutMs } = this;
    return startedAt === null || timeoutMs === null ? null : startedAt + timeoutMs;
  }

  get timeoutMs(): number | null {
    const { timeout } = this.job;
    return timeout === null ? null : timeout * SECOND_MS;
  }

  get isAdopted(): boolean {
    return this.run.isAdopted;
  }

  /** Whether it has been reported, or may not begin any more. */
  get isOver(): boolean {
    return this.over;
  }

  begin(): boolean {
    if (this.over) return false;
    this.hasBegun = this.owner.mayBegin(this);
    if (!this.hasBegun) this.letGo();
    return this.hasBegun;
  }

  started(at: number, worker: string | null): void {
    const { run } = this;
    if (this.over || run.state !== 'handed_over' || run.startedAt !== null) return;
    run.startedAt = at;
    if (worker !== null) run.worker = cutText(worker, MAX_WORKER_LENGTH);
    this.owner.started(this);
  }

  invoke(): unknown {
    const args = this.job.args.length > 0 ? this.args : [];
    const all = hasMembers(this.job.kwargs) ? [...args, this.kwargs] : args;
    return this.owner.scope.runInAsyncScope(callWithin, undefined, this, this.handler, all);
  }

  /** Aborts its signal. What listens to it is part of the run, whoever aborts it. */
  abort(reason: unknown): void {
    this.owner.scope.runInAsyncScope(runWithin, undefined, this, () => this.context.abort(reason));
  }

  settle(outcome: RunOutcome): void {
    this.end(outcome.state === 'succeeded' && isUnstarted(outcome.returnValue) ? NOT_RUN : outcome);
  }

  drop(): void {
    this.end(null);
  }

  /** It is over for this scheduler, without an outcome. */
  letGo(): void {
    if (this.over) return;
    this.over = true;
    this.onEnd?.();
  }

  /** Resolves when it is over. */
  ended(): Promise<void> {
    if (this.over) return Promise.resolve();
    const { onEnd } = this;
    return new Promise((resolve) => {
      this.onEnd = () => {
        onEnd?.();
        resolve();
      };
    });
  }

  /** Once only: an executor that reports twice must not free a place that is not its own. */
  private end(outcome: RunOutcome | null): void {
    if (this.over) return;
    this.over = true;
    this.owner.ended(this, outcome);
    this.onEnd?.();
  }
}

function hasMembers(object: Readonly<Record<string, unknown>>): boolean {
  for (const _ in object) return true;
  return false;
}

/** What a generator function returns: nothing of its body has run. */
function isUnstarted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && types.isGeneratorObject(value);
}

const NOT_RUN: RunOutcome = {
  state: 'failed',
  error: new TypeError('The task returned a generator, which runs only when iterated: use an async function'),
};
