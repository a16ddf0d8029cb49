import type { Clock } from './clock.js';
import { InvalidInputError, JobLookupError } from './errors.js';
import { EVENT_ALL, type SchedulerEventListener } from './events.js';
import type { Executor } from './executors/executor.js';
import { healthOf, type SchedulerHealth } from './lifecycle/scheduler-health.js';
import { show } from './util/inspect.js';
import { LocalExecutor } from './executors/local.executor.js';
import type {
  JobChanges,
  JobDefinition,
  TaskReference,
  TriggerDefinition,
  TriggerInput,
} from './jobs/job-definition.js';
import type { TypedJobDefinition } from './jobs/typed-job.js';
import type { GivenArgs, GivenKwargs } from './model/task-call.js';
import type { ExportOptions, ImportOptions } from './transfer/job-mover.js';
import type { Job } from './model/job.js';
import type { OnUnreadable } from './model/unreadable-job.js';
import type { TaskFunction, RetryPredicate } from './model/task.js';
import type { ShutdownOptions, StartOptions, ScopeOptions } from './lifecycle/lifecycle-options.js';
import { previewJob, previewTrigger, type PreviewOptions, type TriggerPreview } from './jobs/preview.js';
import {
  parseInterruption,
  parseManualRun,
  type InterruptOptions,
  type ModifyJobOptions,
  type PauseJobOptions,
  type RunJobOptions,
} from './jobs/run-options.js';
import { asRun } from './runs/run-directory.js';
import type { Run, RunPage, RunQuery } from './model/run-record.js';
import type { SchedulerOptions } from './scheduler-options.js';
import type { ClusterState } from './stores/cluster-state.js';
import { makeParts, type SchedulerParts } from './scheduler-parts.js';
import { STATE_STOPPED, type SchedulerState } from './lifecycle/states.js';
import type { JobStore, StoreCapabilities } from './stores/job-store.js';
import { MemoryJobStore } from './stores/memory/memory.job-store.js';
import type { TaskOptions, TaskRegistry } from './executors/tasks.js';

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
  /** The tasks that jobs may name: `tasks.list()` says what they are and what they take. */
  readonly tasks: TaskRegistry;
  /** The functions that `retryIf` may name. */
  readonly predicates: TaskRegistry;
  private readonly parts: SchedulerParts;

  /** @throws InvalidInputError naming each option that cannot be used. */
  constructor(options: SchedulerOptions = {}) {
    this.parts = makeParts(options, () => this.reconsider());
    const { clock, components, predicates, tasks, timezone } = this.parts;
    this.clock = options.clock ?? clock;
    this.timezone = timezone;
    this.tasks = tasks;
    this.predicates = predicates;
    for (const [alias, store] of Object.entries({ default: new MemoryJobStore(), ...options.jobStores })) {
      components.addStore(store, alias);
    }
    for (const [alias, executor] of Object.entries({ default: new LocalExecutor(), ...options.executors })) {
      components.addExecutor(executor, alias);
    }
  }

  /** `STATE_STOPPED`, `STATE_RUNNING` or `STATE_PAUSED`. */
  get state(): SchedulerState {
    return this.parts.lifecycle.state;
  }

  /** Whether it has been started and not shut down; true while paused. */
  get running(): boolean {
    return this.parts.lifecycle.state !== STATE_STOPPED;
  }

  /**
   * The order that all nodes that share a job store with this one follow, and who gave it; of several stores, the strictest.
   * Null while no shared store is open.
   */
  get clusterState(): ClusterState | null {
    return this.parts.cluster.state;
  }

  /**
   * How it is, and how its job stores are: what is known at once, without asking them.
   *
   * @example
   * if (scheduler.health().status === 'down') alarm();
   */
  health(): SchedulerHealth {
    const { components, lifecycle, node, runner } = this.parts;
    return healthOf({
      state: lifecycle.state,
      node,
      activeRuns: runner.activeRuns,
      stores: components.stores.values(),
      now: this.parts.clock.now(),
      unrecorded: (entry) => runner.recorder.unrecorded(entry).length,
    });
  }

  /**
   * Opens the job stores, adds the pending jobs and begins to run what is due. While all nodes are paused it starts
   * paused; while all are stopped it waits for them, and stays stopped until then. Either is logged.
   *
   * @param options.paused - start without running anything until `resume()`.
   * @param options.scope - `cluster` starts all nodes that were stopped so. Default: `node`.
   * @throws InvalidInputError; SchedulerAlreadyRunningError; SchedulerError when a job store cannot be
   *   opened, within `waitForStores` if that is set (nothing is left open).
   */
  start(options: StartOptions = {}): Promise<void> {
    return this.parts.lifecycle.start(options);
  }

  /**
   * Stops: takes nothing more, waits for what is running, aborts what is still running then, lets go of everything.
   * Jobs in memory stay; a later `start()` goes on with them.
   *
   * @param options.scope - `cluster` stops all nodes: this one as `options` say, the others as their own say. Their stores
   *   stay open, to hear of a start; `shutdown()` lets go of those. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.parts.lifecycle.shutdown(options);
  }

  /**
   * Ends runs by hand on a stopped scheduler, as `shutdown()` ends those of a running one: waits for them, then aborts
   * them. Does nothing when none is under way.
   */
  drain(options: ShutdownOptions = {}): Promise<void> {
    return this.parts.lifecycle.drain(options);
  }

  /** Resolves when no start, pause, resume or shutdown is under way. Never rejects. */
  settled(): Promise<void> {
    return this.parts.lifecycle.settled();
  }

  /**
   * Runs nothing until `resume()`. Does nothing when paused already.
   *
   * @param options.scope - `cluster` pauses all nodes: once it has resolved, none of them takes due work. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed
   */
  pause(options: ScopeOptions = {}): Promise<void> {
    return this.parts.lifecycle.pause(options);
  }

  /**
   * Goes on after `pause()`; what fell due meanwhile is late, and treated so. Does nothing when not paused. A node goes on
   * when neither it nor all nodes are paused.
   *
   * @param options.scope - `cluster` lets all nodes go on, and this one whatever paused it. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed
   */
  resume(options: ScopeOptions = {}): Promise<void> {
    return this.parts.lifecycle.resume(options);
  }

  /**
   * Adds a job. Before the start it is pending: it gets its first run time when the scheduler starts. A function, a method or a
   * `taskName()` that cannot be called with the `args` and `kwargs` does not compile.
   *
   * @throws InvalidInputError with every fault; ConflictingIdError when the id is taken and `replaceExisting` is not said.
   */
  addJob<T extends TaskReference, const A extends GivenArgs = undefined, const K extends GivenKwargs = undefined>(
    definition: TypedJobDefinition<T, A, K>,
  ): Promise<Job> {
    try {
      return this.parts.directory.add(this.parts.checks.definition(definition));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Adds jobs: all of them, or none. In one step of their store, and so much faster than one by one.
   *
   * @throws InvalidInputError with every fault of the first job that has one; ConflictingIdError when an id is taken, or comes twice.
   */
  async addJobs(definitions: readonly JobDefinition[]): Promise<readonly Job[]> {
    if (!Array.isArray(definitions)) {
      const problem = `must be an array of definitions, got ${show(definitions)}`;
      throw new InvalidInputError('Invalid jobs', [{ field: 'definitions', problem }]);
    }
    return this.parts.directory.addAll(definitions.map((definition) => this.parts.checks.definition(definition)));
  }

  /**
   * Adds a job that this program declares, at each of its starts and on each of its nodes: they make one job. One that is
   * there keeps its pause, and its next run unless the trigger is another; then it goes on from its last nominal time. What a
   * later `release` has declared is left alone.
   *
   * @returns undefined, and nothing is added, when its last time is past.
   * @throws InvalidInputError with every fault.
   */
  async declareJob(definition: JobDefinition): Promise<Job | undefined> {
    return this.parts.declared.declare(this.parts.checks.definition(definition));
  }

  /**
   * To be called when all jobs are declared. From then on, at each start and at once if it is started, the log names jobs
   * that were declared once and are not any more; with `prune` those of earlier releases are removed.
   */
  completeDeclarations(): Promise<void> {
    return this.parts.declared.complete(this.running);
  }

  /** Jobs in the stores that were declared once, and are declared neither by this program nor by a later `release`. */
  undeclaredJobs(jobStore?: string): Promise<readonly Job[]> {
    return this.parts.declared.undeclared(jobStore);
  }

  /**
   * Says whether a job could be added, as far as that can be said without adding it.
   *
   * @throws InvalidInputError with every fault.
   */
  checkJob(definition: JobDefinition): void {
    this.parts.checks.definition(definition);
  }

  /** The job with an id: in a store, or in whichever store has it. @throws JobUnreadableError when it is there and cannot be read */
  getJob(id: string, jobStore?: string): Promise<Job | undefined> {
    return this.parts.directory.get(id, jobStore);
  }

  /**
   * All jobs: pending ones, then each store's by next run time.
   *
   * @param onUnreadable - called with each job that cannot be read, and so is not among them.
   */
  getJobs(jobStore?: string, onUnreadable?: OnUnreadable): Promise<readonly Job[]> {
    return this.parts.directory.list(jobStore, undefined, onUnreadable);
  }

  /**
   * Changes a job: all of the changes or none.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError with every fault; JobLookupError; StaleJobError when `ifVersion` is not its version any more.
   */
  modifyJob(id: string, changes: JobChanges, options?: string | ModifyJobOptions): Promise<Job> {
    return this.parts.editor.modify(id, changes, options);
  }

  /**
   * Says whether a job could be changed so. Whether there is such a job is not asked.
   *
   * @throws InvalidInputError with every fault.
   */
  checkChanges(id: string, changes: JobChanges): void {
    this.parts.editor.check(id, changes);
  }

  /**
   * Gives a job another trigger, and the next run time that this makes.
   *
   * @throws InvalidInputError, JobLookupError
   */
  async rescheduleJob(id: string, trigger: TriggerDefinition, options?: string | ModifyJobOptions): Promise<Job> {
    if (trigger?.trigger === undefined) {
      throw new InvalidInputError(`Invalid changes to job "${id}"`, [{ field: 'trigger', problem: 'is missing' }]);
    }
    return this.modifyJob(id, trigger, options);
  }

  /**
   * Runs the job no more until `resumeJob`. Active runs go on unless an option says otherwise.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError, JobLookupError
   */
  pauseJob(id: string, options?: string | PauseJobOptions): Promise<Job> {
    return this.parts.editor.pause(id, options);
  }

  /**
   * Goes on with a paused job from now on. One whose trigger has ended meanwhile is removed; one that is not `enabled` either
   * stays as it is.
   *
   * @returns the job; as it was last, without a next run time, when it has been removed.
   * @throws JobLookupError
   */
  resumeJob(id: string, jobStore?: string): Promise<Job> {
    return this.parts.editor.resume(id, jobStore);
  }

  /**
   * Removes a job, also one that cannot be read. Active runs go on unless an option says otherwise.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError, JobLookupError
   */
  async removeJob(id: string, options?: string | InterruptOptions): Promise<void> {
    const { jobStore, cancelRuns } = parseInterruption(options);
    return this.parts.directory.remove(id, jobStore, cancelRuns);
  }

  removeAllJobs(jobStore?: string): Promise<void> {
    return this.parts.directory.removeAll(jobStore);
  }

  /**
   * Runs a job now, beside its schedule, within its `maxInstances` and by its `overlap`; also on a stopped scheduler, as
   * long as the job's store is open: one in memory always is.
   * A caller that waits gets the outcome of the first attempt, and decides; without waiting, a failed run is tried again as the job says.
   *
   * @param options.wait - false: resolves as soon as the run is on its way. Default: true.
   * @param options.args, options.kwargs - in place of the job's own.
   * @returns what the task returned; without waiting, the run.
   * @throws InvalidInputError; JobLookupError; MaxInstancesReachedError; RunDeadlockError; SchedulerNotRunningError; and when it has waited:
   *   TaskFailedError, with the task's own message and its error as `cause`, RunTimedOutError, RunCancelledError; RunLostError
   *   when this node has lost its right to the run, also before it could begin: it may be made again elsewhere.
   */
  runJob(id: string, options: RunJobOptions & { wait: false }): Promise<Run>;
  runJob(id: string, options?: RunJobOptions): Promise<unknown>;
  async runJob(id: string, options: RunJobOptions = {}): Promise<unknown> {
    const { jobStore, wait, ...call } = parseManualRun(id, options);
    const given = call.args || call.kwargs ? call : null;
    const caller = this.parts.runner.caller()?.run ?? null;
    const job = await this.parts.directory.get(id, jobStore);
    const entry = job && this.parts.components.stores.get(job.jobStore);
    if (!entry) throw new JobLookupError(id, jobStore);
    if (wait) {
      return new Promise((resolve, reject) => {
        this.parts.runner.runNow(entry, job, 'manual', { resolve, reject, caller }, given).catch(reject);
      });
    }
    return asRun(await this.parts.runner.runNow(entry, job, 'manual', null, given), entry);
  }

  /**
   * What has run, runs, and was left out; newest first.
   *
   * @throws InvalidInputError with every fault of the query.
   *
   * @example
   * const { runs, nextCursor } = await scheduler.getRuns({ jobId: 'report', state: ['failed', 'timed_out'], limit: 20 });
   */
  getRuns(query: RunQuery = {}): Promise<RunPage> {
    return this.parts.runs.list(query);
  }

  /**
   * Says whether a query for runs can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  checkRunQuery(query: RunQuery): void {
    this.parts.runs.check(query);
  }

  /** The run with an id; undefined when there is none, or it is no longer kept. */
  getRun(id: string): Promise<Run | undefined> {
    return this.parts.runs.get(id);
  }

  /**
   * Aborts the signal of a run that is under way, and drops one that has not begun. A task that ignores its signal goes
   * on, and keeps its place; its run is `cancelled` all the same. A retry that is still to come is no run yet: it goes with
   * its job, and waits while that is paused. A run of another node is cancelled by that node, which is asked to.
   *
   * @returns the run as it is then: `running` still when another node has it, and has not done so within five seconds.
   * @throws RunLookupError; RunOverError when it is over, or has been aborted already.
   */
  cancelRun(id: string): Promise<Run> {
    return this.parts.runs.cancel(id);
  }

  /**
   * Removes a run that has ended from the history: with its retry, if that is still to come. It may be one that cannot be
   * read, which `getRun()` refuses with its raw record.
   *
   * @throws RunLookupError; RunActiveError when it is under way
   */
  removeRun(id: string): Promise<void> {
    return this.parts.runs.remove(id);
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
    const job = await this.parts.directory.get(id, jobStore);
    if (!job) throw new JobLookupError(id, jobStore);
    return previewJob(job, options, this);
  }

  /**
   * Calls a listener with each event that the mask lets through. What it throws is logged and affects no other listener.
   *
   * @param mask - a union of `EVENT_*`: `EVENT_JOB_EXECUTED | EVENT_JOB_ERROR`.
   */
  addListener(listener: SchedulerEventListener, mask: number = EVENT_ALL): void {
    this.parts.events.add(listener, mask);
  }

  removeListener(listener: SchedulerEventListener): void {
    this.parts.events.remove(listener);
  }

  /**
   * Adds a job store, and opens it when the scheduler runs.
   *
   * @throws InvalidInputError when the alias is taken; SchedulerError when it cannot be opened (and is not added).
   */
  async addJobStore(store: JobStore, alias = 'default'): Promise<void> {
    await this.parts.keeper.add(store, alias);
  }

  /** Closes a job store and forgets it; durable jobs stay in it. @throws InvalidInputError when there is none. */
  async removeJobStore(alias: string): Promise<void> {
    await this.parts.keeper.remove(alias);
  }

  /** What a job store can do; undefined when there is none of this alias. */
  capabilitiesOf(jobStore: string): StoreCapabilities | undefined {
    return this.parts.components.stores.get(jobStore)?.store.capabilities;
  }

  /** @throws InvalidInputError when the alias is taken. */
  addExecutor(executor: Executor, alias = 'default'): void {
    this.parts.components.addExecutor(executor, alias);
    this.reconsider();
  }

  /** Stops an executor and forgets it; its jobs wait for another of this alias. @throws InvalidInputError when there is none. */
  async removeExecutor(alias: string): Promise<void> {
    // An executor may stop only when its runs have ended.
    await this.parts.components.removeExecutor(alias, !this.parts.runner.isCalledOn(alias));
  }

  /**
   * Gives a function a name by which jobs may run it.
   *
   * @throws InvalidInputError when the name belongs to another function.
   */
  registerTask(name: string, task: TaskFunction, options?: TaskOptions): void {
    this.tasks.register(name, task, task, options);
  }

  /**
   * Gives a function a name by which a job's `retryIf` may ask it whether an error is worth another attempt.
   *
   * @throws InvalidInputError when the name belongs to another function.
   */
  registerPredicate(name: string, predicate: RetryPredicate): void {
    this.predicates.register(name, predicate as TaskFunction);
  }

  /**
   * Writes jobs as JSON; those that cannot be read as the store has them, beside the others.
   *
   * @param options.file - written as well, whole or not at all.
   * @returns the JSON text.
   * @throws InvalidInputError naming each job that JSON cannot hold: with a function that has no name, say.
   */
  exportJobs(options: ExportOptions = {}): Promise<string> {
    return this.parts.mover.exportJobs(options);
  }

  /**
   * Adds the jobs that `exportJobs` wrote: all of them, or none when one cannot be added.
   *
   * @param source - JSON text, or the file that has it.
   * @param options.jobStore - where they all go; else each goes to the store that it came from.
   * @throws InvalidInputError, ConflictingIdError
   */
  importJobs(source: string | { file: string }, options: ImportOptions = {}): Promise<readonly Job[]> {
    return this.parts.mover.importJobs(source, options);
  }

  /** Something appeared that jobs may have been waiting for. */
  private reconsider(): void {
    for (const { store } of this.parts.components.stores.values()) store.reconsider();
    this.parts.loop.wake(-Infinity);
  }
}
