import { SystemClock } from '../../engine/clock.js';
import { ExecutionQueue } from '../../engine/executors/execution-queue.js';
import type { Execution, Executor, ExecutorContext } from '../../engine/executors/executor.js';
import { consoleLogger } from '../../engine/logger.js';
import { messageOf } from '../../engine/util/inspect.js';
import { ThreadFailedError } from './thread-failed.error.js';
import { resolveThreadOptions, type ResolvedThreadOptions, type ThreadExecutorOptions } from './thread-options.js';
import { loadPiscina, ThreadPool } from './thread-pool.js';
import { ThreadRun } from './thread-run.js';

/** How long a thread takes to end at most, once it is told to, in milliseconds. */
const ENDING_MS = 2000;

/**
 * Executes runs in worker threads, each with an application of its own: for work that needs the processor. A run whose task
 * ignores its signal is ended with its thread; one whose thread crashes has failed.
 */
export class ThreadExecutor implements Executor {
  readonly concurrency: number;
  readonly endsWithinMs: number;
  private readonly options: ResolvedThreadOptions;
  private readonly queue = new ExecutionQueue();
  /** The oldest first, each with its end. */
  private readonly active = new Map<ThreadRun, Promise<void>>();
  private context: ExecutorContext = { alias: 'threads', clock: new SystemClock(), logger: consoleLogger };
  private pool: Promise<ThreadPool> | null = null;
  private isAdvancing = false;

  /** @throws InvalidInputError with every fault. */
  constructor(options: ThreadExecutorOptions) {
    this.options = resolveThreadOptions(options);
    this.concurrency = this.options.threads;
    this.endsWithinMs = this.options.graceMs + ENDING_MS;
  }

  attach(context: ExecutorContext): void {
    this.context = context;
  }

  /** @throws ConfigurationError when Piscina is not installed. */
  async start(): Promise<void> {
    await loadPiscina();
  }

  submit(execution: Execution): void {
    this.queue.push(execution);
    this.advance();
  }

  dropQueued(): void {
    this.queue.drop();
  }

  /** Ends the runs that are aborted, waits for the others, closes the applications of all threads, and ends them. */
  async stop(): Promise<void> {
    const { pool } = this;
    this.pool = null;
    if (!pool) return;
    for (const run of this.active.keys()) run.endIfAborted(new ThreadFailedError('Its executor has stopped'));
    await Promise.all(this.active.values());
    // Where it could not be made, its runs say so.
    const opened = await pool.catch(() => null);
    await opened?.close();
  }

  /** Not reentrant: a run that must not begin may bring the next one. */
  private advance(): void {
    if (this.isAdvancing) return;
    this.isAdvancing = true;
    try {
      while (this.active.size < this.concurrency && this.queue.size > 0) {
        const execution = this.queue.shift() as Execution;
        if (execution.begin()) this.carryOut(execution);
      }
    } finally {
      this.isAdvancing = false;
    }
  }

  private carryOut(execution: Execution): void {
    const run = new ThreadRun(execution, this.options, this.context.clock);
    const ended = run.carryOut((this.pool ??= this.open())).then((outcome) => {
      this.active.delete(run);
      execution.settle(outcome);
      this.advance();
    });
    this.active.set(run, ended);
  }

  private async open(): Promise<ThreadPool> {
    const pool = new ThreadPool(await loadPiscina(), this.options, this.context, (error) => this.lost(pool, error));
    return pool;
  }

  /** A thread is gone. If it was one that was to take a run, nothing comes for that run any more. */
  private lost(pool: ThreadPool, cause: unknown): void {
    const runs = [...this.active.keys()].filter((run) => run.isOn(pool) && !run.isEnding);
    const waiting = runs.filter(({ isTaken }) => !isTaken);
    const free = pool.size - (runs.length - waiting.length);
    const reason = cause === undefined ? 'it ended before it could take a run' : messageOf(cause);
    for (const run of waiting.slice(0, Math.max(0, waiting.length - free))) {
      run.end(new ThreadFailedError(`Its thread could not start: ${reason}`, cause === undefined ? {} : { cause }));
    }
  }
}

/**
 * Makes an executor that carries runs out in worker threads. Needs the package `piscina`.
 *
 * @throws InvalidInputError with every fault of the options.
 *
 * @example
 * // reports.worker.ts: export default threadWorker(ReportsModule);
 * SchedulerModule.forRoot({
 *   executors: { cpu: threadExecutor({ worker: new URL('./reports.worker.js', import.meta.url), threads: 4 }) },
 * })
 */
export function threadExecutor(options: ThreadExecutorOptions): ThreadExecutor {
  return new ThreadExecutor(options);
}
