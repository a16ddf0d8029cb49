import { randomUUID } from 'node:crypto';
import { SystemClock, type Clock } from './clock.js';
import { Components } from './components.js';
import { InvalidInputError, JobLookupError, type Fault } from './errors.js';
import { EventBus } from './event-bus.js';
import { EVENT_ALL, type SchedulerEventListener } from './events.js';
import type { Executor } from './executors/executor.js';
import { LocalExecutor } from './executors/local.executor.js';
import type { JobChanges, JobDefinition, TriggerDefinition, TriggerInput } from './job-definition.js';
import { JobDirectory } from './job-directory.js';
import { JobFactory } from './job-factory.js';
import { parseJobChanges, parseJobDefinition, type JobInput } from './job-input.js';
import { resolveJobDefaults } from './job-options.js';
import { JobPlacement, type NewJob } from './job-placement.js';
import { definitionsFromJson, jobsToJson, readText, writeText } from './job-transfer.js';
import type { Job, TaskFunction } from './job.js';
import { consoleLogger, containedLogger } from './logger.js';
import { Lifecycle, readTimeout, type ShutdownOptions, type StartOptions } from './lifecycle.js';
import { Loop } from './loop.js';
import { Planner } from './plan.js';
import { previewJob, previewTrigger, type PreviewOptions, type TriggerPreview } from './preview.js';
import { Runner } from './runner.js';
import type { SchedulerOptions } from './scheduler-options.js';
import { STATE_STOPPED, type SchedulerState } from './states.js';
import type { JobStore, StoreCapabilities } from './stores/job-store.js';
import { MemoryJobStore } from './stores/memory.job-store.js';
import { TaskRegistry } from './tasks.js';
import { localTimeZone, TimeZone } from './time/time-zone.js';

/**
 * Runs jobs when their triggers say. Needs no framework.
 *
 * @example
 * const scheduler = new Scheduler({ timezone: 'Europe/Berlin' });
 * await scheduler.addJob({ id: 'hello', task: () => console.log('hello'), trigger: 'interval', seconds: 5 });
 * await scheduler.start();
 */
export class Scheduler {
  readonly clock: Clock;
  readonly timezone: string;
  /** The tasks that jobs may name. */
  readonly tasks: TaskRegistry;
  private readonly events: EventBus;
  private readonly components: Components;
  private readonly runner: Runner;
  private readonly loop: Loop;
  private readonly factory: JobFactory;
  private readonly placement: JobPlacement;
  private readonly directory: JobDirectory;
  private readonly lifecycle: Lifecycle;

  /** @throws InvalidInputError naming each option that cannot be used. */
  constructor(options: SchedulerOptions = {}) {
    const { clock = new SystemClock(), random = Math.random } = options;
    const logger = containedLogger(options.logger ?? consoleLogger);
    this.clock = clock;
    this.timezone = TimeZone.of(options.timezone ?? localTimeZone()).name;
    const defaults = resolveJobDefaults(options.jobDefaults);
    this.tasks = new TaskRegistry(() => this.reconsider());
    this.events = new EventBus(logger);
    this.components = new Components(this.events, logger);
    const { stores, executors } = this.components;
    const runIdPrefix = `${randomUUID().slice(0, 13)}-`;
    const wake = (at: number): void => this.loop.wake(at);
    this.runner = new Runner({ clock, logger, events: this.events, tasks: this.tasks, executors, runIdPrefix, wake });
    const planner = new Planner(logger, random, (job) => this.runner.canRun(job));
    this.loop = new Loop({
      clock,
      logger,
      stores: () => stores.values(),
      plan: (job, now) => planner.plan(job, now),
      submit: (entry, taken) => this.runner.submit(entry, taken),
    });
    this.factory = new JobFactory({ clock, random, timezone: this.timezone, tasks: this.tasks, defaults });
    this.placement = new JobPlacement(stores, executors, this.tasks);
    this.directory = new JobDirectory({
      stores,
      placement: this.placement,
      factory: this.factory,
      events: this.events,
      logger,
      isStarted: () => this.running,
      wake,
      interrupt: (entry, jobId, why) => this.runner.interrupt(entry, jobId, why),
    });
    this.lifecycle = new Lifecycle({
      clock,
      logger,
      events: this.events,
      components: this.components,
      directory: this.directory,
      runner: this.runner,
      loop: this.loop,
      shutdownTimeout: readTimeout(options.shutdownTimeout ?? 10, 'shutdownTimeout'),
    });
    for (const [alias, store] of Object.entries({ default: new MemoryJobStore(), ...options.jobStores })) {
      this.components.addStore(store, alias);
    }
    for (const [alias, executor] of Object.entries({ default: new LocalExecutor(), ...options.executors })) {
      this.components.addExecutor(executor, alias);
    }
  }

  /** `STATE_STOPPED`, `STATE_RUNNING` or `STATE_PAUSED`. */
  get state(): SchedulerState {
    return this.lifecycle.state;
  }

  /** Whether it has been started and not shut down; true while paused. */
  get running(): boolean {
    return this.lifecycle.state !== STATE_STOPPED;
  }

  /**
   * Opens the job stores, adds the pending jobs and begins to run what is due.
   *
   * @param options.paused - start without running anything until `resume()`.
   * @throws SchedulerAlreadyRunningError; SchedulerError when a job store cannot be opened (nothing is left open).
   */
  start(options: StartOptions = {}): Promise<void> {
    return this.lifecycle.start(options);
  }

  /**
   * Stops: takes nothing more, waits for what is running, aborts what is still running then, lets go of everything.
   * Jobs in memory stay; a later `start()` goes on with them.
   *
   * @throws SchedulerNotRunningError
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.lifecycle.shutdown(options);
  }

  /**
   * Ends runs by hand on a stopped scheduler, as `shutdown()` ends those of a running one: waits for them, then aborts
   * them. Does nothing when none is under way.
   */
  drain(options: ShutdownOptions = {}): Promise<void> {
    return this.lifecycle.drain(options);
  }

  /** Resolves when no start, pause, resume or shutdown is under way. Never rejects. */
  settled(): Promise<void> {
    return this.lifecycle.settled();
  }

  /**
   * Runs nothing until `resume()`. Does nothing when paused already.
   *
   * @throws SchedulerNotRunningError
   */
  pause(): Promise<void> {
    return this.lifecycle.pause();
  }

  /**
   * Goes on after `pause()`; what fell due meanwhile is late, and treated so. Does nothing when not paused.
   *
   * @throws SchedulerNotRunningError
   */
  resume(): Promise<void> {
    return this.lifecycle.resume();
  }

  /**
   * Adds a job. Before the start it is pending: it gets its first run time when the scheduler starts.
   *
   * @throws InvalidInputError with every fault; ConflictingIdError when the id is taken and `replaceExisting` is not said.
   */
  async addJob(definition: JobDefinition): Promise<Job> {
    return this.directory.add(this.checkedDefinition(definition));
  }

  /**
   * Says whether a job could be added, as far as that can be said without adding it.
   *
   * @throws InvalidInputError with every fault.
   */
  checkJob(definition: JobDefinition): void {
    this.checkedDefinition(definition);
  }

  /** The job with an id: in a store, or in whichever store has it. */
  getJob(id: string, jobStore?: string): Promise<Job | undefined> {
    return this.directory.get(id, jobStore);
  }

  /** All jobs: pending ones, then each store's by next run time. */
  getJobs(jobStore?: string): Promise<readonly Job[]> {
    return this.directory.list(jobStore);
  }

  /**
   * Changes a job: all of the changes or none.
   *
   * @throws InvalidInputError with every fault; JobLookupError.
   */
  async modifyJob(id: string, changes: JobChanges, jobStore?: string): Promise<Job> {
    const input = this.checkedChanges(id, changes);
    const timeGiven = input.nextRunTime !== undefined ? true : input.trigger ? false : undefined;
    return this.directory.change(id, jobStore, (job) => this.factory.change(job, input), timeGiven);
  }

  /**
   * Says whether a job could be changed so. Whether there is such a job is not asked.
   *
   * @throws InvalidInputError with every fault.
   */
  checkChanges(id: string, changes: JobChanges): void {
    this.checkedChanges(id, changes);
  }

  /**
   * Gives a job another trigger, and the next run time that this makes.
   *
   * @throws InvalidInputError, JobLookupError
   */
  async rescheduleJob(id: string, trigger: TriggerDefinition, jobStore?: string): Promise<Job> {
    if (trigger?.trigger === undefined) {
      throw new InvalidInputError(`Invalid changes to job "${id}"`, [{ field: 'trigger', problem: 'is missing' }]);
    }
    return this.modifyJob(id, trigger, jobStore);
  }

  /** Runs the job no more until `resumeJob`. @throws JobLookupError */
  pauseJob(id: string, jobStore?: string): Promise<Job> {
    return this.directory.change(id, jobStore, (job) => this.factory.pause(job), true);
  }

  /**
   * Goes on with a paused job from now on. One whose trigger has ended meanwhile is removed.
   *
   * @returns the job; as it was last, without a next run time, when it has been removed.
   * @throws JobLookupError
   */
  async resumeJob(id: string, jobStore?: string): Promise<Job> {
    let ended = false;
    const resumed = await this.directory.change(
      id,
      jobStore,
      (job) => {
        const next = this.factory.resume(job);
        ended = next === null;
        return next ?? { ...job, paused: false };
      },
      false,
    );
    if (ended) await this.directory.removeIfEnded(id, resumed.jobStore);
    return resumed;
  }

  /** Runs of the job that are under way go on. @throws JobLookupError */
  removeJob(id: string, jobStore?: string): Promise<void> {
    return this.directory.remove(id, jobStore);
  }

  removeAllJobs(jobStore?: string): Promise<void> {
    return this.directory.removeAll(jobStore);
  }

  /**
   * Runs a job now, beside its schedule, within its `maxInstances`; also on a stopped scheduler.
   *
   * @returns what the task returned.
   * @throws JobLookupError; MaxInstancesReachedError; TaskFailedError, with the task's own message and its error as `cause`.
   */
  async runJob(id: string, { jobStore }: { jobStore?: string } = {}): Promise<unknown> {
    const job = await this.directory.get(id, jobStore);
    const entry = job && this.components.stores.get(job.jobStore);
    if (!entry) throw new JobLookupError(id, jobStore);
    return this.runner.runNow(entry, job);
  }

  /**
   * What a trigger means, and when a job with it would fire next if it was added at `from`. Nothing is added.
   *
   * @returns nominal times, without jitter: fewer than asked for when the trigger ends.
   * @throws InvalidInputError with every fault; also when the trigger never fires
   *
   * @example
   * const { description, times } = await scheduler.preview({ trigger: 'cron', hour: 9 }, { count: 3 });
   */
  preview(trigger: TriggerInput, options: PreviewOptions = {}): Promise<TriggerPreview> {
    return previewTrigger(trigger, options, this);
  }

  /**
   * What the trigger of a job means, and when the job fires next; a paused one, if it went on.
   *
   * @returns nominal times, without jitter: none when the job has ended.
   * @throws InvalidInputError with every fault; JobLookupError
   */
  async previewJob(
    id: string,
    { jobStore, ...options }: PreviewOptions & { jobStore?: string } = {},
  ): Promise<TriggerPreview> {
    const job = await this.directory.get(id, jobStore);
    if (!job) throw new JobLookupError(id, jobStore);
    return previewJob(job, options, this);
  }

  /**
   * Calls a listener with each event that the mask lets through. What it throws is logged and harms nobody.
   *
   * @param mask - a union of `EVENT_*`: `EVENT_JOB_EXECUTED | EVENT_JOB_ERROR`.
   */
  addListener(listener: SchedulerEventListener, mask: number = EVENT_ALL): void {
    this.events.add(listener, mask);
  }

  removeListener(listener: SchedulerEventListener): void {
    this.events.remove(listener);
  }

  /**
   * Adds a job store, and opens it when the scheduler runs.
   *
   * @throws InvalidInputError when the alias is taken; SchedulerError when it cannot be opened (and is not added).
   */
  async addJobStore(store: JobStore, alias = 'default'): Promise<void> {
    const entry = this.components.addStore(store, alias);
    if (!this.running) return;
    try {
      await this.components.open(entry);
    } catch (error) {
      this.components.stores.delete(alias);
      throw error;
    }
    this.loop.wake();
  }

  /** Closes a job store and forgets it; durable jobs stay in it. @throws InvalidInputError when there is none. */
  async removeJobStore(alias: string): Promise<void> {
    await this.components.removeStore(alias);
  }

  /** What a job store can do; undefined when there is none of this alias. */
  capabilitiesOf(jobStore: string): StoreCapabilities | undefined {
    return this.components.stores.get(jobStore)?.store.capabilities;
  }

  /** @throws InvalidInputError when the alias is taken. */
  addExecutor(executor: Executor, alias = 'default'): void {
    this.components.addExecutor(executor, alias);
    this.reconsider();
  }

  /** Stops an executor and forgets it; its jobs wait for another of this alias. @throws InvalidInputError when there is none. */
  async removeExecutor(alias: string): Promise<void> {
    await this.components.removeExecutor(alias);
  }

  /**
   * Gives a function a name by which jobs may run it.
   *
   * @throws InvalidInputError when the name belongs to another function.
   */
  registerTask(name: string, task: TaskFunction): void {
    this.tasks.register(name, task);
  }

  /**
   * Writes jobs as JSON.
   *
   * @param options.file - written as well, whole or not at all.
   * @returns the JSON text.
   * @throws InvalidInputError naming each job that JSON cannot hold: with a function that has no name, say.
   */
  async exportJobs({ file, jobStore }: { file?: string; jobStore?: string } = {}): Promise<string> {
    const text = jobsToJson(await this.getJobs(jobStore));
    if (file !== undefined) await writeText(file, text);
    return text;
  }

  /**
   * Adds the jobs that `exportJobs` wrote: all of them, or none when one cannot be added.
   *
   * @param source - JSON text, or the file that has it.
   * @param options.jobStore - where they all go; else each goes to the store that it came from.
   * @throws InvalidInputError, ConflictingIdError
   */
  async importJobs(
    source: string | { file: string },
    { jobStore, replaceExisting = false }: { jobStore?: string; replaceExisting?: boolean } = {},
  ): Promise<readonly Job[]> {
    const text = typeof source === 'string' ? source : await readText(source.file);
    const inputs = definitionsFromJson(text).map(({ definition, startOpen }) => ({
      ...parseJobDefinition({ ...definition, ...(jobStore !== undefined && { jobStore }), replaceExisting }),
      startOpen,
    }));
    // All are looked at before one is added. A task that is not here yet is no fault: its job waits for it.
    await this.directory.assertAddable(inputs);
    const jobs: Job[] = [];
    for (const input of inputs) jobs.push(await this.directory.add(input));
    return jobs;
  }

  private checkedDefinition(definition: unknown): NewJob {
    // Before the start, tasks may still be on their way.
    const taskFaults = (input: JobInput): readonly Fault[] => (this.running ? this.placement.taskFaults(input) : []);
    return parseJobDefinition(definition, (input) => [...taskFaults(input), ...this.placement.faultsOf(input)]);
  }

  private checkedChanges(id: string, changes: unknown): JobInput {
    const { placement } = this;
    return parseJobChanges(id, changes, (input) => [
      ...placement.taskFaults(input),
      ...placement.executorFaults(input),
    ]);
  }

  /** Something appeared that jobs may have been waiting for. */
  private reconsider(): void {
    for (const { store } of this.components.stores.values()) store.reconsider();
    this.loop.wake();
  }
}
