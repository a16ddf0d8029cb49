import { BroadcastChannel, type MessagePort, type Worker } from 'node:worker_threads';
import type { ExecutorContext } from '../../engine/executors/executor.js';
import { ConfigurationError } from '../../engine/errors.js';
import { within } from '../../engine/util/deadline.js';
import { messageOf } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { CLOSE, type ThreadData, type ThreadTask } from './messages.js';
import type { ResolvedThreadOptions } from './thread-options.js';

/** How long applications in threads have to close when the executor stops, in seconds: less than the scheduler waits. */
const CLOSING_SECONDS = 3;
/* Not followed by bundlers: Piscina must stay outside of a bundle, for it starts threads with a file beside its own. */
const PISCINA: string = 'piscina';

/** What is used of a pool of Piscina. */
interface PiscinaPool {
  readonly threads: readonly Worker[];
  run(
    task: unknown,
    options: { filename: string; name: string; transferList: readonly MessagePort[]; signal: AbortSignal },
  ): Promise<unknown>;
  destroy(): Promise<void>;
  on(event: 'error' | 'workerDestroy', listener: (value: unknown) => void): unknown;
}

/** What is used of Piscina itself. */
export type Piscina = new (options: Readonly<Record<string, unknown>>) => PiscinaPool;

/** @throws ConfigurationError when it is not installed. */
export async function loadPiscina(): Promise<Piscina> {
  try {
    const { Piscina: pool } = (await import(/* @vite-ignore */ PISCINA)) as { Piscina: Piscina };
    return pool;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '') && messageOf(error).includes("'piscina'");
    const message = isMissing ? 'is not installed: npm install piscina@5' : `cannot be loaded: ${messageOf(error)}`;
    throw new ConfigurationError(`The package "piscina" ${message}`, { cause: error });
  }
}

let pools = 0;

/** The threads of one executor: Piscina's pool, in which each runs one task at a time. */
export class ThreadPool {
  private readonly pool: PiscinaPool;
  private readonly channel = `nestjs-apscheduler:threads:${process.pid}:${++pools}`;
  /** Threads that have an application, by their ids. */
  private readonly used = new Set<number>();
  /** What a thread has ended of that ran nothing. */
  private lastError: unknown;

  /** @param onLoss - called after a thread has gone, with an error where it says why. */
  constructor(
    piscina: Piscina,
    private readonly options: ResolvedThreadOptions,
    private readonly context: ExecutorContext,
    onLoss: (error: unknown) => void,
  ) {
    const { threads, resourceLimits, execArgv } = options;
    const workerData: ThreadData = { channel: this.channel };
    this.pool = new piscina({
      minThreads: 0,
      maxThreads: threads,
      // A thread is an application that has started: it is kept until the executor stops.
      idleTimeout: Infinity,
      // Otherwise a thread without work stands still, and its application with it.
      atomics: 'disabled',
      recordTiming: false,
      workerData,
      ...(resourceLimits && { resourceLimits }),
      ...(execArgv && { execArgv }),
    });
    this.pool.on('error', (error) => {
      this.lastError = error;
      context.logger.error(`A thread of executor "${context.alias}" has ended while it ran nothing`, error);
    });
    this.pool.on('workerDestroy', () => {
      // Piscina tells afterwards what it was, and whose run it was.
      void context.clock.yield().then(() => {
        onLoss(this.lastError);
        this.lastError = undefined;
      });
    });
  }

  /** How many threads there are, those included that are starting. */
  get size(): number {
    return this.pool.threads.length;
  }

  /** @param signal - ends the thread that has it. */
  run(task: ThreadTask, signal: AbortSignal): Promise<unknown> {
    const { file: filename } = this.options;
    return this.pool.run(task, { filename, name: 'default', transferList: [task.port], signal });
  }

  /** A thread has taken a run. Answers it, unless it has ended. */
  taken(threadId: number): Worker | undefined {
    this.used.add(threadId);
    return this.pool.threads.find((worker) => worker.threadId === threadId);
  }

  /** Closes the applications of threads that run nothing, and ends all threads. */
  async close(): Promise<void> {
    await this.closeApplications();
    await this.pool.destroy();
  }

  private async closeApplications(): Promise<void> {
    const alive = this.pool.threads.map(({ threadId }) => threadId);
    const open = new Set(alive.filter((id) => this.used.has(id)));
    if (open.size === 0) return;
    const channel = new BroadcastChannel(this.channel);
    const closed = new Promise<void>((resolve) => {
      channel.addEventListener('message', (event) => {
        const { data } = event as MessageEvent;
        if (isPlainObject(data)) open.delete(data['closed'] as number);
        if (open.size === 0) resolve();
      });
    });
    channel.postMessage(CLOSE);
    const { alias, clock, logger } = this.context;
    await within(clock, CLOSING_SECONDS, closed);
    channel.close();
    if (open.size > 0)
      logger.warn(`${open.size} thread(s) of executor "${alias}" did not close in time, and are ended`);
  }
}
