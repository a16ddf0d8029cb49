import { SystemClock, type Timer } from '../../engine/clock.js';
import type { Execution, Executor, ExecutorContext } from '../../engine/executors/executor.js';
import { envelopeOf, type RunEnvelope } from '../../engine/executors/run-envelope.js';
import { consoleLogger } from '../../engine/logger.js';
import type { RunOutcome } from '../../engine/model/run-record.js';
import { messageOf } from '../../engine/util/inspect.js';
import { carry } from '../remote/carried-error.js';
import { resolveBullmqOptions, type BullmqExecutorOptions, type ResolvedBullmqOptions } from './bullmq-options.js';
import { HandedRun, lost, type HandedRunJob, type RunTimes } from './handed-run.js';
import { Leftovers } from './leftovers.js';
import { Publisher } from './publisher.js';
import { QueueLink, type QueueListener } from './queue-link.js';
import { RunLookup } from './run-lookup.js';
import { readReport } from './run-report.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** How often it is looked how runs stand of which nothing is heard. */
const LOOK_MS = 15_000;
/** The same while a worker is to say where it is, or to end a run. */
const SOON_MS = 1000;
/** How long BullMQ keeps finished jobs beyond the deadline where this executor has not removed them, in seconds. */
const KEPT_SECONDS = 86_400;

/**
 * Hands runs over to a queue of BullMQ. Workers are other processes: those of Nest extend `SchedulerWorkerHost`. A run is added
 * under its own id until the queue has acknowledged it; its outcome comes with the queue's events, and is looked up where these
 * may be missing.
 */
class BullmqExecutor implements Executor, QueueListener {
  readonly handsOver = true;
  readonly endsWithinMs: number;
  private readonly options: ResolvedBullmqOptions;
  private context: ExecutorContext = { alias: 'bullmq', clock: new SystemClock(), logger: consoleLogger };
  /** Those that were not looked at for the longest time first. */
  private readonly runs = new Map<string, HandedRun>();
  /** A worker has them, and has not said yet which. */
  private readonly unnamed = new Set<HandedRun>();
  /** A worker is to end them. */
  private readonly ending = new Set<HandedRun>();
  private readonly leftovers = new Leftovers((id) => this.opened((link) => link.remove(id)));
  private readonly publisher: Publisher;
  private link: Promise<QueueLink> | null = null;
  private tick: { readonly timer: Timer; readonly isSoon: boolean } | null = null;
  private lookedAt = 0;
  private readonly lookup = new RunLookup({
    runs: this.runs,
    find: (ids) => this.opened((link) => link.find(ids)),
    settle: (run, outcome) => this.settle(run, outcome),
    taken: (run) => this.unnamed.add(run),
    failed: (error) => this.unreachable(error),
  });

  private readonly times: RunTimes = {
    now: () => this.context.clock.now(),
    // By how much a clock that is turned by hand differs from the computers'.
    fromWorker: (at) => at + this.context.clock.now() - new SystemClock().now(),
  };

  /** @throws InvalidInputError with every fault. */
  constructor(options: BullmqExecutorOptions) {
    this.options = resolveBullmqOptions(options);
    this.endsWithinMs = this.options.graceMs;
    this.publisher = new Publisher({
      clock: () => this.context.clock,
      logger: () => this.context.logger,
      add: async (jobs) => (await this.open()).add(jobs),
      published: (runs) => this.published(runs),
      refused: (run, error) => this.settle(run, { state: 'failed', error }),
    });
  }

  attach(context: ExecutorContext): void {
    this.context = context;
  }

  /** @throws ConfigurationError when a package is missing; SchedulerError when Redis cannot be used. */
  async start(): Promise<void> {
    await this.open();
  }

  submit(execution: Execution): void {
    if (!execution.begin()) return;
    const { clock } = this.context;
    const { deadlineMs } = this.options;
    if (this.runs.size === 0) this.lookedAt = clock.now();
    try {
      // Its deadline is for other processes: by the computers' clocks.
      const envelope = { ...envelopeOf(execution), deadline: new SystemClock().now() + deadlineMs };
      const run = new HandedRun(execution, this.jobOf(envelope), clock.now() + deadlineMs, this.times);
      this.runs.set(run.id, run);
      const { signal } = execution.context;
      signal.addEventListener('abort', () => this.abort(run));
      this.publisher.put(run);
      if (signal.aborted) this.abort(run);
      this.arm();
    } catch (error) {
      execution.settle({ state: 'failed', error });
    }
  }

  dropQueued(): void {
    // Each has begun as soon as it is submitted.
  }

  release({ context }: Execution): void {
    const run = this.runs.get(context.runId);
    if (run) this.forget(run);
  }

  recorded({ context }: Execution): void {
    this.leftovers.add(context.runId, this.times.now());
  }

  async stop(): Promise<void> {
    for (const run of this.runs.values()) this.forget(run);
    this.publisher.stop();
    this.lookup.stop();
    const { link } = this;
    this.link = null;
    // Where it could not be opened there is nothing to close.
    await (await link?.catch(() => null))?.close();
  }

  active(id: string): void {
    const run = this.runs.get(id);
    if (!run || run.hasStarted) return;
    run.takenAt ??= this.times.now();
    this.unnamed.add(run);
    this.arm();
  }

  progressed(id: string, progress: unknown): void {
    this.runs.get(id)?.hear(readReport(progress), true);
  }

  completed(id: string, returnValue: unknown): void {
    const run = this.runs.get(id);
    if (run) this.settle(run, run.success(returnValue));
  }

  failed(id: string, reason: string): void {
    const run = this.runs.get(id);
    const outcome = run?.heardFailure(reason);
    if (run && outcome) this.settle(run, outcome);
    else if (run) void this.lookup.look([run]);
  }

  removed(id: string): void {
    const run = this.runs.get(id);
    if (run) void this.lookup.look([run]);
  }

  reconnected(): void {
    this.publisher.hurry();
    this.lookup.all();
  }

  private open(): Promise<QueueLink> {
    const link = (this.link ??= QueueLink.open(this.options, this.context, this));
    link.catch(() => {
      if (this.link === link) this.link = null;
    });
    return link;
  }

  /** Does not open it: what is under way when the executor stops must not bring it back. */
  private async opened<T>(use: (link: QueueLink) => Promise<T>): Promise<T> {
    if (!this.link) throw new WorkerFailedError('its executor has stopped');
    return use(await this.link);
  }

  private jobOf(envelope: RunEnvelope): HandedRunJob {
    const kept = { age: Math.ceil(this.options.deadlineMs / 1000) + KEPT_SECONDS };
    // A finished job keeps its id taken until the outcome is recorded here. Attempts are counted by the scheduler.
    const fixed = { jobId: envelope.runId, attempts: 1, removeOnComplete: kept, removeOnFail: kept };
    return { name: envelope.task, data: envelope, opts: { ...this.options.jobOptions(envelope), ...fixed } };
  }

  private published(runs: readonly HandedRun[]): void {
    const known: HandedRun[] = [];
    for (const run of runs) {
      if (run.isOver) continue;
      if (run.isAborted) void this.end(run);
      else if (run.execution.isAdopted) known.push(run);
    }
    if (known.length > 0) void this.lookup.look(known);
  }

  private abort(run: HandedRun): void {
    if (run.isOver || run.isAborted) return;
    run.isAborted = true;
    const { reason: error } = run.execution.context.signal as { reason: unknown };
    if (this.neverIsAdded(run)) return this.settle(run, { state: 'failed', error });
    run.timer = this.context.clock.setTimer(() => {
      const problem = 'Its worker did not end the run in time after it was told to';
      this.settle(run, { state: 'failed', error: new WorkerFailedError(problem, { cause: error }) });
    }, this.options.graceMs);
    if (run.isPublished || run.execution.isAdopted) void this.end(run);
  }

  /** Whether it is in no queue, and will not be. */
  private neverIsAdded(run: HandedRun): boolean {
    return this.publisher.drop(run) && !run.execution.isAdopted;
  }

  /** Takes an aborted run back, or tells its worker to end it. */
  private async end(run: HandedRun): Promise<void> {
    const { reason } = run.execution.context.signal as { reason: unknown };
    if (await this.takeBack(run, { state: 'failed', error: reason })) return;
    this.ending.add(run);
    this.arm();
    await this.tellWorker(run);
  }

  /**
   * Ends a run that waits. One that a worker has taken stays in the queue, also where it waits to be delivered again: its id would
   * be free, and whoever adopts the run, should this node have lost its lease, would publish it again.
   *
   * @returns whether it is over; otherwise a worker has it, or that is unknown.
   */
  private async takeBack(run: HandedRun, outcome: RunOutcome): Promise<boolean> {
    run.takenBackAs = outcome;
    try {
      const [job] = await this.opened((link) => link.find([run.id]));
      const known = job && run.look(job);
      if (known) this.settle(run, known);
      else if (!job?.attemptsStarted && (await this.opened((link) => link.remove(run.id)))) this.settle(run, outcome);
    } catch (error) {
      this.unreachable(error);
    }
    return run.isOver;
  }

  private async tellWorker({ execution, id }: HandedRun): Promise<void> {
    const reason = carry(execution.context.signal.reason ?? new WorkerFailedError('Its outcome is not waited for'));
    await this.opened((link) => link.cancel({ runId: id, reason })).catch((error) => this.unreachable(error));
  }

  private settle(run: HandedRun, outcome: RunOutcome): void {
    if (run.isOver) return;
    this.forget(run);
    run.execution.settle(outcome);
  }

  private forget(run: HandedRun): void {
    run.isOver = true;
    run.timer?.cancel();
    this.publisher.drop(run);
    this.unnamed.delete(run);
    this.ending.delete(run);
    if (this.runs.get(run.id) === run) this.runs.delete(run.id);
    if (this.runs.size === 0) this.disarm();
  }

  private arm(): void {
    const isSoon = this.unnamed.size > 0 || this.ending.size > 0;
    if (this.runs.size === 0 || (this.tick && (this.tick.isSoon || !isSoon))) return;
    this.disarm();
    const restMs = Math.max(SOON_MS, this.lookedAt + LOOK_MS - this.times.now());
    const timer = this.context.clock.setTimer(() => this.onTick(), isSoon ? SOON_MS : restMs);
    this.tick = { timer, isSoon };
  }

  private disarm(): void {
    this.tick?.timer.cancel();
    this.tick = null;
  }

  private onTick(): void {
    this.tick = null;
    const now = this.times.now();
    for (const run of this.unnamed) {
      this.unnamed.delete(run);
      run.started(run.takenAt ?? now, null);
    }
    for (const run of this.ending) void this.end(run);
    if (now - this.lookedAt >= LOOK_MS) {
      this.lookedAt = now;
      for (const run of [...this.runs.values()]) if (now >= run.deadlineAt) void this.expire(run);
      this.lookup.some();
      void this.leftovers.remove(now);
    }
    this.arm();
  }

  /** No outcome has come in time: it is looked for once more. */
  private async expire(run: HandedRun): Promise<void> {
    const outcome = lost(
      `No outcome of the run has come by its deadline, ${this.options.deadlineMs / 1000} s after it was handed over`,
    );
    if (this.neverIsAdded(run)) return this.settle(run, outcome);
    if (await this.takeBack(run, outcome)) return;
    await this.tellWorker(run);
    this.settle(run, outcome);
  }

  private unreachable(error: unknown): void {
    if (!this.link) return;
    this.context.logger.debug(`Queue "${this.options.name}" cannot be asked now: ${messageOf(error)}`);
  }
}

/**
 * Makes an executor that hands runs over to a queue of BullMQ. Needs the packages `bullmq` and `ioredis`.
 *
 * @throws InvalidInputError with every fault of the options.
 *
 * @example
 * SchedulerModule.forRoot({
 *   executors: { heavy: bullmqExecutor({ queue: 'heavy', connection: 'redis://localhost:6379' }) },
 * })
 *
 * @example
 * // With the queue of BullModule.registerQueue({ name: 'heavy' })
 * SchedulerModule.forRootAsync({
 *   imports: [QueuesModule],
 *   inject: [getQueueToken('heavy')],
 *   useFactory: (queue: Queue) => ({ executors: { heavy: bullmqExecutor({ queue }) } }),
 * })
 */
export function bullmqExecutor(options: BullmqExecutorOptions): Executor {
  return new BullmqExecutor(options);
}
