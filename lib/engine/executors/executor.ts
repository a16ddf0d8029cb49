import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { RunOutcome } from '../model/run-record.js';
import type { RunContext } from '../model/task.js';

/** A run that an executor is to execute. */
export interface Execution {
  readonly task: string;
  /** A copy of the run's own. */
  readonly args: readonly unknown[];
  /** A copy of the run's own. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /**
   * What the run's task is given. Its signal is aborted when the run is to end: it has timed out, has been cancelled, or the
   * scheduler stops. An executor whose tasks run elsewhere passes that on, and calls `log()`, `progress()` and the logger for them.
   */
  readonly context: RunContext;
  /** When the run times out, in epoch milliseconds of the scheduler's clock. Null before it has begun, and where it never does. */
  readonly deadline: number | null;
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

/** What a scheduler gives its executors. */
export interface ExecutorContext {
  /** The name by which jobs refer to the executor. */
  readonly alias: string;
  /** Timers are set on this clock, so that tests can turn it. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Executes runs. */
export interface Executor {
  /** How many runs it carries out at once, if there is a limit. A run that could never start is then refused. */
  readonly concurrency?: number;
  /**
   * For an executor that ends a run whose task ignores its signal: within how many milliseconds after the abort the run has
   * settled. Its record waits that long for the outcome, and so does a scheduler that stops. Without it an aborted run is
   * recorded in the next turn of the event loop, and keeps its place for as long as its task goes on.
   */
  readonly endsWithinMs?: number;
  /** Called once, when it is added to a scheduler. */
  attach?(context: ExecutorContext): void;
  /**
   * Called at each start of the scheduler, before any scheduled run, to find early what its runs would fail for. A start that
   * rejects is a failed start of the scheduler. A run by hand may come without one, and after `stop()`.
   */
  start?(): Promise<void>;
  /** Accepts a run. Must neither throw nor wait. */
  submit(execution: Execution): void;
  /** Drops the runs that have not started. */
  dropQueued(): void;
  /** Releases its resources. It may be started again. */
  stop?(): Promise<void>;
}
