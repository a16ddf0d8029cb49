import type { RunContext, RunOutcome } from '../runs/run-record.js';

/** One run for an executor to carry out. */
export interface Execution {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly context: RunContext;
  /**
   * Called when its turn has come. False: it must not run (it came too late, say), and counts as settled.
   */
  begin(): boolean;
  /** Calls the task in this process. May throw or return a promise. */
  invoke(): unknown;
  /** To be called exactly once after `begin` said true. Must not throw. */
  settle(outcome: RunOutcome): void;
  /** To be called instead of `begin` when the executor will not carry it out any more. */
  drop(): void;
}

/** What carries runs out. */
export interface Executor {
  /** Takes one run; never throws and never waits. */
  submit(execution: Execution): void;
  /** Drops what has not begun yet. */
  dropQueued(): void;
  /** Releases what it holds. */
  stop?(): Promise<void>;
}
