import type { Execution } from './executors/executor.js';
import type { JobRecord, TaskFunction } from './job.js';
import { TaskRunContext } from './run-context.js';
import type { RunOutcome } from './run.js';
import type { JobSlot, StoreEntry } from './store-entry.js';
import type { DueRun } from './stores/job-store.js';

/** What an execution reports to. */
export interface ExecutionOwner {
  /** Whether the run may start now. */
  mayBegin(execution: JobExecution): boolean;
  ended(execution: JobExecution, outcome: RunOutcome | null): void;
}

/**
 * One run on its way through an executor. One object carries it the whole way, its methods on the prototype:
 * this is made for every fire.
 */
export class JobExecution implements Execution {
  readonly context: TaskRunContext;
  private readonly handler: TaskFunction;
  private over = false;

  constructor(
    private readonly owner: ExecutionOwner,
    readonly entry: StoreEntry,
    readonly slot: JobSlot,
    readonly job: JobRecord,
    readonly run: DueRun,
    /** The runs that follow in the same instance, one after the other. */
    readonly following: readonly DueRun[],
    /** Waits for a run by hand; such a run cannot come too late. */
    readonly waiter: RunWaiter | null,
    task: TaskFunction,
    context: TaskRunContext,
  ) {
    this.context = context;
    this.handler = task;
  }

  get task(): string {
    return this.job.task;
  }

  get args(): readonly unknown[] {
    return this.job.args;
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.job.kwargs;
  }

  begin(): boolean {
    if (this.over) return false;
    this.over = !this.owner.mayBegin(this);
    return !this.over;
  }

  invoke(): unknown {
    const { args, kwargs } = this.job;
    return hasMembers(kwargs)
      ? this.handler(...args, { ...kwargs }, this.context)
      : this.handler(...args, this.context);
  }

  settle(outcome: RunOutcome): void {
    this.end(outcome);
  }

  drop(): void {
    this.end(null);
  }

  /** Once only: an executor that reports twice must not free a place that is not its own. */
  private end(outcome: RunOutcome | null): void {
    if (this.over) return;
    this.over = true;
    this.owner.ended(this, outcome);
  }
}

/** Who waits for a run by hand. */
export interface RunWaiter {
  resolve(returnValue: unknown): void;
  reject(error: unknown): void;
}

function hasMembers(object: Readonly<Record<string, unknown>>): boolean {
  for (const _ in object) return true;
  return false;
}
