import type { RunOutcome } from '../model/run-record.js';
import type { RunContext } from '../model/task.js';

/** A run that an executor is to execute. */
export interface Execution {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly context: RunContext;
  /**
   * To be called when its turn has come. False: it must not run (it is too late, for example), and counts as settled.
   */
  begin(): boolean;
  /** Calls the task in this process. May throw or return a promise. */
  invoke(): unknown;
  /** To be called exactly once after `begin` returned true. Never throws. */
  settle(outcome: RunOutcome): void;
  /** To be called instead of `begin` if the executor will not execute it. */
  drop(): void;
}

/** Executes runs. */
export interface Executor {
  /** How many runs it carries out at once, if there is a limit. A run that could never start is then refused. */
  readonly concurrency?: number;
  /** Accepts a run. Must neither throw nor wait. */
  submit(execution: Execution): void;
  /** Drops the runs that have not started. */
  dropQueued(): void;
  /** Releases its resources. */
  stop?(): Promise<void>;
}
