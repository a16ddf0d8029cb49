import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { deserialize } from 'node:v8';
import type { Clock, Timer } from '../../engine/clock.js';
import type { Execution } from '../../engine/executors/executor.js';
import { envelopeOf } from '../../engine/executors/run-envelope.js';
import type { RunOutcome } from '../../engine/model/run-record.js';
import { messageOf } from '../../engine/util/inspect.js';
import { carry, revive } from '../remote/carried-error.js';
import { isAnswer, type AbortMessage, type ReportMessage } from './messages.js';
import { ThreadFailedError } from './thread-failed.error.js';
import type { ResolvedThreadOptions } from './thread-options.js';
import type { ThreadPool } from './thread-pool.js';

/** A run on its way through a thread, seen from the main thread. */
export class ThreadRun {
  /** Whether a thread has taken it. */
  isTaken = false;
  /** Ends the thread. */
  private readonly killer = new AbortController();
  /** Why the thread is ended. */
  private reason: ThreadFailedError | null = null;
  private timer: Timer | null = null;
  private thread: Worker | undefined;
  private port: MessagePort | null = null;
  private pool: ThreadPool | null = null;

  constructor(
    private readonly execution: Execution,
    private readonly options: ResolvedThreadOptions,
    private readonly clock: Clock,
  ) {}

  /** Whether it is given to a pool. */
  isOn(pool: ThreadPool): boolean {
    return this.pool === pool;
  }

  /** Whether its thread is being ended. */
  get isEnding(): boolean {
    return this.reason !== null;
  }

  /** Answers how it ended. Never rejects. */
  async carryOut(opening: Promise<ThreadPool>): Promise<RunOutcome> {
    const { signal } = this.execution.context;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: ReportMessage) => this.hear(message));
    signal.addEventListener('abort', this.passAbort);
    if (signal.aborted) this.passAbort();
    try {
      const envelope = envelopeOf(this.execution);
      this.pool = await opening;
      const answer = await this.pool.run({ envelope, port: port2 }, this.killer.signal);
      this.drain();
      return this.outcomeOf(answer);
    } catch (error) {
      this.drain();
      // Its place is free when the thread is gone.
      if (this.reason !== null && this.thread) await endOf(this.thread);
      return { state: 'failed', error: this.pool ? this.failureOf(error) : error };
    } finally {
      this.timer?.cancel();
      signal.removeEventListener('abort', this.passAbort);
      port1.close();
    }
  }

  /** Ends the thread, whatever it does. */
  end(reason: ThreadFailedError): void {
    this.reason ??= reason;
    this.killer.abort();
  }

  /** Does not wait for `grace` any longer. */
  endIfAborted(reason: ThreadFailedError): void {
    if (this.execution.context.signal.aborted) this.end(reason);
  }

  private readonly passAbort = (): void => {
    const { signal } = this.execution.context;
    const message: AbortMessage = { abort: carry(signal.reason) };
    this.port?.postMessage(message);
    const ignored = new ThreadFailedError('The task ignored that its signal was aborted, and its thread was ended');
    this.timer = this.clock.setTimer(() => this.end(ignored), this.options.graceMs);
  };

  /** What the thread has said before it answered, or before it ended. */
  private drain(): void {
    if (!this.port) return;
    for (let got = receiveMessageOnPort(this.port); got; got = receiveMessageOnPort(this.port)) {
      this.hear(got.message as ReportMessage);
    }
  }

  private hear({ taken, unusable, lines = [], logged = [], progress }: ReportMessage): void {
    const { context } = this.execution;
    if (taken !== undefined) {
      this.isTaken = true;
      this.thread = this.pool?.taken(taken);
    }
    if (unusable !== undefined) {
      const cause = revive(unusable);
      this.end(new ThreadFailedError(`The application of its thread does not start: ${messageOf(cause)}`, { cause }));
    }
    for (const line of lines) context.log(line);
    for (const { level, message, error } of logged) {
      if (level === 'error') context.logger.error(message, error === null ? undefined : revive(error));
      else context.logger[level](message);
    }
    if (progress !== undefined) context.progress(progress);
  }

  private outcomeOf(answer: unknown): RunOutcome {
    if (!isAnswer(answer)) {
      return { state: 'failed', error: new ThreadFailedError(`${this.file} has no worker. ${HINT}`) };
    }
    if ('error' in answer) return { state: 'failed', error: revive(answer.error) };
    return { state: 'succeeded', returnValue: deserialize(answer.value) as unknown };
  }

  private failureOf(error: unknown): ThreadFailedError {
    if (this.reason !== null) return this.reason;
    const cause = { cause: error };
    const message = messageOf(error);
    const [, exitCode] = /^worker exited with code: (\d+)/.exec(message) ?? [];
    if (exitCode !== undefined) {
      return new ThreadFailedError(`Its thread ended before its task, with exit code ${exitCode}`, cause);
    }
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      const { maxOldGenerationSizeMb: most } = this.options.resourceLimits ?? {};
      const limit = most === undefined ? '' : `; resourceLimits.maxOldGenerationSizeMb is ${most}`;
      return new ThreadFailedError(`Its thread ran out of memory${limit}`, cause);
    }
    return this.isTaken
      ? new ThreadFailedError(`An error that nothing caught has ended its thread: ${message}`, cause)
      : new ThreadFailedError(`${this.file} does not work as a worker: ${message}. ${HINT}`, cause);
  }

  private get file(): string {
    return this.options.file;
  }
}

/** Resolves when a thread that is being ended has ended; one that is gone has no id. */
function endOf(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (thread.threadId < 0) resolve();
    else thread.once('exit', () => resolve());
  });
}

const HINT = 'It needs: export default threadWorker(YourModule)';
