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
  /** When the run times out, in epoch milliseconds of the scheduler's clock. Null before it has started, and where it never does. */
  readonly deadline: number | null;
  /** How long its task may take, in milliseconds from its start. Null where there is no limit. */
  readonly timeoutMs: number | null;
  /**
   * Whether the run may have been handed over before, by another node or by this one before a restart: it must not be carried out
   * twice. Only for executors with {@link Executor.handsOver}.
   */
  readonly isAdopted: boolean;
  /**
   * To be called when its turn has come. False: it must not run (it is too late, for example), and counts as settled.
   */
  begin(): boolean;
  /**
   * To be called by an executor that hands runs over when a worker has called the task: its time-out counts from then. Only the
   * first call counts.
   *
   * @param at - in epoch milliseconds by the scheduler's clock.
   * @param worker - where, in words for people; cut to 200 characters. Null where it is not known.
   */
  started(at: number, worker: string | null): void;
  /** Calls the task in this process. May throw or return a promise. */
  invoke(): unknown;
  /** To be called exactly once after `begin` returned true, unless {@link Executor.release} comes before it. Never throws. */
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
   * For an executor whose runs leave the process and outlive this node. Each is recorded as `handed_over` before it is submitted:
   * that record is the outbox. When this node stops, loses its lease or dies before the run has settled, another one (or this
   * one, once it has been started again) adopts the run, and submits it to its own executor of the same alias, with `isAdopted`.
   * So what is published must be keyed with the run's id, published until it is acknowledged, and looked up where it is known.
   */
  readonly handsOver?: boolean;
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
  /** Drops the runs that have not begun. */
  dropQueued(): void;
  /**
   * For an executor that hands runs over: this node does not watch a run any longer, since another one will settle it or has. The
   * executor forgets it; it neither settles nor cancels it.
   */
  release?(execution: Execution): void;
  /**
   * For an executor that hands runs over: the outcome of a run has been recorded, so what is kept under the run's id may be removed.
   * Not before: until then another node may adopt the run, and must find what has become of it.
   */
  recorded?(execution: Execution): void;
  /** Releases its resources. It may be started again. */
  stop?(): Promise<void>;
}
