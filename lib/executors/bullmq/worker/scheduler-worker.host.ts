import { hostname } from 'node:os';
import { Inject, Logger } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { WorkerHost } from '@nestjs/bullmq';
import { SystemClock } from '../../../engine/clock.js';
import { ConfigurationError } from '../../../engine/errors.js';
import type { DurationInput } from '../../../engine/time/duration.js';
import { parseSeconds } from '../../../engine/time/duration.js';
import { within } from '../../../engine/util/deadline.js';
import { HostTasks } from '../../remote/host-tasks.js';
import { CancelListener } from './cancel-listener.js';
import { WorkerRun, type DeliveredJob } from './worker-run.js';

/** How long the first run waits for the application to start, in seconds. */
const STARTING_SECONDS = 60;

/**
 * Carries out the runs that a scheduler hands over to a queue of BullMQ by `bullmqExecutor()`: extend it under `@Processor()`. It
 * calls the tasks of this application by their names, with a `RunContext`; the application must be started (`app.init()`,
 * `app.listen()`), and the class must not be request-scoped. Call `super.process()` where you override `process()`.
 *
 * @example
 * @Processor('heavy', { concurrency: 4 })
 * export class HeavyWorker extends SchedulerWorkerHost {}
 */
export abstract class SchedulerWorkerHost extends WorkerHost {
  /**
   * How long runs may go on when the application closes, before their signal is aborted: seconds or a duration. Such a run is
   * recorded as lost unless it succeeds, and is tried again within its attempts.
   */
  protected readonly shutdownTimeout: DurationInput = 10;

  @Inject(ModulesContainer) private readonly schedulerModules!: ModulesContainer;
  @Inject(ModuleRef) private readonly schedulerModuleRef!: ModuleRef;
  private readonly schedulerLogger = new Logger('SchedulerWorker');
  private readonly schedulerRuns = new Map<string, { readonly run: WorkerRun; readonly end: Promise<unknown> }>();
  private schedulerTasks: HostTasks | null = null;
  private cancelListener: CancelListener | null = null;
  private readonly opened: Promise<void>;

  constructor() {
    super();
    // Not methods of the class: one of a subclass would take their place.
    this.opened = new Promise((resolve) => {
      alsoAt(this, 'onApplicationBootstrap', async () => {
        await this.open();
        resolve();
      });
    });
    alsoAt(this, 'beforeApplicationShutdown', () => this.finish());
  }

  /** @throws Error when the run has failed. */
  async process(job: DeliveredJob): Promise<unknown> {
    if (this.schedulerTasks === null) await this.untilOpen();
    const name = `${hostname()}:${process.pid}`;
    const run = new WorkerRun(job, { worker: name, task: (task) => this.taskOf(task) });
    const end = run.carryOut();
    this.schedulerRuns.set(run.id, { run, end });
    try {
      return await end;
    } finally {
      this.schedulerRuns.delete(run.id);
    }
  }

  private taskOf(name: string): ReturnType<HostTasks['get']> {
    return (this.schedulerTasks as HostTasks).get(name, `in worker ${this.constructor.name}`);
  }

  private async untilOpen(): Promise<void> {
    await within(new SystemClock(), STARTING_SECONDS, this.opened);
    if (this.schedulerTasks !== null) return;
    const problem = 'must belong to an application that has started, and not be request-scoped';
    throw new ConfigurationError(`${this.constructor.name} ${problem}`);
  }

  private async open(): Promise<void> {
    this.schedulerTasks = await HostTasks.find(this.schedulerModules, this.schedulerModuleRef);
    const { name, opts } = this.worker;
    const queue = { name, prefix: opts.prefix ?? 'bull', connection: opts.connection as string | object };
    this.cancelListener = new CancelListener(queue, (runId, reason) =>
      this.schedulerRuns.get(runId)?.run.cancel(reason),
    );
    await this.cancelListener.open({
      debug: (message) => this.schedulerLogger.debug(message),
      info: (message) => this.schedulerLogger.log(message),
      warn: (message) => this.schedulerLogger.warn(message),
      error: (message) => this.schedulerLogger.error(message),
    });
  }

  /** Takes no more, and gives what is under way some time. BullMQ waits for the rest. */
  private async finish(): Promise<void> {
    const seconds = parseSeconds(this.shutdownTimeout, 'shutdownTimeout', 'shutdownTimeout');
    if (this.schedulerTasks !== null) await this.worker.pause(true);
    const runs = [...this.schedulerRuns.values()];
    await within(new SystemClock(), seconds, Promise.allSettled(runs.map(({ end }) => end)));
    for (const { run } of this.schedulerRuns.values()) run.stop();
    this.cancelListener?.close();
  }
}

/** Calls something at a hook of Nest's, before the method that the class may have for it. */
function alsoAt(host: object, hook: string, act: () => Promise<void>): void {
  const own: unknown = Reflect.get(host, hook);
  const value = async (...args: unknown[]): Promise<unknown> => {
    await act();
    return typeof own === 'function' ? own.apply(host, args) : undefined;
  };
  Object.defineProperty(host, hook, { value, configurable: true, writable: true });
}
