import { InvalidInputError } from '../engine/errors.js';
import { EVENT_ALL, type SchedulerEventListener } from '../engine/events.js';
import type { Executor } from '../engine/executors/executor.js';
import type { SchedulerHealth } from '../engine/lifecycle/scheduler-health.js';
import type { JobChanges, JobDefinition, TriggerDefinition, TriggerInput } from '../engine/jobs/job-definition.js';
import type { ExportOptions, ImportOptions } from '../engine/transfer/job-mover.js';
import type { Job } from '../engine/model/job.js';
import type { TaskFunction, RetryPredicate } from '../engine/model/task.js';
import type { OnUnreadable } from '../engine/model/unreadable-job.js';
import type { Logger } from '../engine/logger.js';
import type { ShutdownOptions, StartOptions, ScopeOptions } from '../engine/lifecycle/lifecycle-options.js';
import type { PreviewOptions, TriggerPreview } from '../engine/jobs/preview.js';
import type { InterruptOptions, RunJobOptions } from '../engine/jobs/run-options.js';
import type { Run, RunPage, RunQuery } from '../engine/model/run-record.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { SchedulerState } from '../engine/lifecycle/states.js';
import type { ClusterState } from '../engine/stores/cluster-state.js';
import type { JobStore } from '../engine/stores/job-store.js';
import type { TaskOptions, TaskRegistry } from '../engine/executors/tasks.js';
import type { AuthenticateCallback } from './scheduler-options.js';
import type { SchedulerHost } from './scheduler.host.js';

/** What {@link SchedulerService} is made of. */
export interface SchedulerServiceParts {
  readonly engine: Scheduler;
  readonly host: SchedulerHost;
  readonly logger: Logger;
  readonly authenticate: AuthenticateCallback | undefined;
}

/**
 * The application's scheduler: injectable everywhere once `SchedulerModule.forRoot()` is imported somewhere.
 * Can be used as soon as it is injected; jobs added before the application has started wait for it.
 *
 * @example
 * constructor(private readonly scheduler: SchedulerService) {}
 *
 * remindLater(customerId: number): Promise<Job> {
 *   return this.scheduler.addJob({ task: 'remind', args: [customerId], trigger: 'date', runDate: tomorrow() });
 * }
 */
export class SchedulerService {
  private readonly engine: Scheduler;
  private readonly host: SchedulerHost;
  private readonly logger: Logger;
  private authenticator: AuthenticateCallback | undefined;

  /** Not for you to call: Nest makes it, inject it. */
  constructor({ engine, host, logger, authenticate }: SchedulerServiceParts) {
    this.engine = engine;
    this.host = host;
    this.logger = logger;
    this.authenticator = authenticate;
  }

  /** `STATE_STOPPED`, `STATE_RUNNING` or `STATE_PAUSED`. */
  get state(): SchedulerState {
    return this.engine.state;
  }

  /** Whether it has been started and not shut down; true while paused. */
  get running(): boolean {
    return this.engine.running;
  }

  /**
   * The order that all nodes that share a job store with this one follow, and who gave it. Null while no shared store is open.
   */
  get clusterState(): ClusterState | null {
    return this.engine.clusterState;
  }

  /** The time zone of triggers that have none of their own. */
  get timezone(): string {
    return this.engine.timezone;
  }

  /** The tasks that jobs may name. */
  get tasks(): TaskRegistry {
    return this.engine.tasks;
  }

  /** The functions that `retryIf` may name. */
  get predicates(): TaskRegistry {
    return this.engine.predicates;
  }

  /** This computer's name, in lower case. */
  get hostName(): string {
    return this.host.name;
  }

  /** The hosts that run jobs; `*` stands for all. */
  get allowedHosts(): readonly string[] {
    return this.host.allowedHosts;
  }

  /**
   * How the scheduler and its job stores are, on this node: what is known at once, without asking them. For health checks.
   *
   * @example
   * if (scheduler.health().status === 'down') alarm();
   */
  health(): SchedulerHealth {
    return this.engine.health();
  }

  /** What decides who may use the REST API: set by `authenticate()`, else by the option. */
  get authenticateCallback(): AuthenticateCallback | undefined {
    return this.authenticator;
  }

  /**
   * Begins to run jobs. On a host that is not among `allowedHosts` it says so in the log and does nothing. While all nodes
   * are paused it starts paused; while all are stopped it waits for them.
   *
   * @param options.paused - start without running anything until `resume()`.
   * @param options.scope - `cluster` starts all nodes that were stopped so. Default: `node`.
   * @throws InvalidInputError; SchedulerAlreadyRunningError; StoreFailedError; SchedulerError while the application is closing, or when a job store cannot be opened.
   */
  async start(options?: StartOptions): Promise<void> {
    this.host.assertOpen();
    if (this.host.isAllowed) return this.engine.start(options);
    const { name, allowedHosts } = this.host;
    this.logger.info(`Host "${name}" runs no jobs: allowedHosts is ${JSON.stringify(allowedHosts)}`);
  }

  /**
   * Runs nothing more, and waits for what is running. `start()` goes on afterwards.
   *
   * @param options.wait - whether to wait for running jobs. Default: true.
   * @param options.timeout - how long to wait: seconds, or a duration such as `1m`; then their signals are aborted. Default: the option `shutdownTimeout`.
   * @param options.scope - `cluster` stops all nodes that share a job store with this one, until one is asked to start them
   *   all. The end of an application only ever stops its own. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed.
   */
  shutdown(options?: ShutdownOptions): Promise<void> {
    return this.engine.shutdown(options);
  }

  /**
   * Runs nothing until `resume()`. Does nothing when paused already.
   *
   * @param options.scope - `cluster` pauses all nodes that share a job store with this one, also those that start later:
   *   once it has resolved, none of them takes due work. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed.
   *
   * @example
   * await scheduler.pause({ scope: 'cluster' });
   */
  pause(options?: ScopeOptions): Promise<void> {
    return this.engine.pause(options);
  }

  /**
   * Goes on after `pause()`. Does nothing when not paused. A node goes on when neither it nor all nodes are paused.
   *
   * @param options.scope - `cluster` lets all nodes go on, and this one whatever paused it. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed.
   */
  resume(options?: ScopeOptions): Promise<void> {
    return this.engine.resume(options);
  }

  /**
   * Adds a job. Before the start it is pending: it gets its first run time when the scheduler starts.
   *
   * @throws InvalidInputError with every fault; ConflictingIdError when the id is taken and `replaceExisting` is not said.
   */
  addJob(definition: JobDefinition): Promise<Job> {
    return this.engine.addJob(definition);
  }

  /**
   * Adds jobs: all of them, or none. In one step of their store, and so much faster than one by one.
   *
   * @throws InvalidInputError with every fault of the first job that has one; ConflictingIdError when an id is taken, or comes twice.
   */
  addJobs(definitions: readonly JobDefinition[]): Promise<readonly Job[]> {
    return this.engine.addJobs(definitions);
  }

  /**
   * Says whether a job could be added, as far as that can be said without adding it: its id may be taken.
   *
   * @throws InvalidInputError with every fault.
   */
  checkJob(definition: JobDefinition): void {
    this.engine.checkJob(definition);
  }

  /** The job with an id, in a store or in whichever has it; undefined when there is none. @throws JobUnreadableError when it is there and cannot be read */
  getJob(id: string, jobStore?: string): Promise<Job | undefined> {
    return this.engine.getJob(id, jobStore);
  }

  /**
   * All jobs, of one store or of all: pending ones, then by next run time.
   *
   * @param onUnreadable - called with each job that cannot be read, and so is not among them.
   */
  getJobs(jobStore?: string, onUnreadable?: OnUnreadable): Promise<readonly Job[]> {
    return this.engine.getJobs(jobStore, onUnreadable);
  }

  /**
   * Jobs that an application has declared once, by decorators or the option `jobs`, and that neither this one nor a later
   * `release` declares.
   */
  undeclaredJobs(jobStore?: string): Promise<readonly Job[]> {
    return this.engine.undeclaredJobs(jobStore);
  }

  /**
   * Changes a job: all of the changes or none. A new trigger makes a new next run time.
   *
   * @throws InvalidInputError with every fault; JobLookupError.
   */
  modifyJob(id: string, changes: JobChanges, jobStore?: string): Promise<Job> {
    return this.engine.modifyJob(id, changes, jobStore);
  }

  /**
   * Says whether a job could be changed so. Whether there is such a job is not asked.
   *
   * @throws InvalidInputError with every fault.
   */
  checkChanges(id: string, changes: JobChanges): void {
    this.engine.checkChanges(id, changes);
  }

  /** Gives a job another trigger. @throws InvalidInputError with every fault; JobLookupError. */
  rescheduleJob(id: string, trigger: TriggerDefinition, jobStore?: string): Promise<Job> {
    return this.engine.rescheduleJob(id, trigger, jobStore);
  }

  /**
   * Runs a job no more until `resumeJob`. Runs that are under way go on, unless `cancelRuns` is said.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError; JobLookupError.
   */
  pauseJob(id: string, options?: string | InterruptOptions): Promise<Job> {
    return this.engine.pauseJob(id, options);
  }

  /** Goes on with a paused job from now on. @throws JobLookupError */
  resumeJob(id: string, jobStore?: string): Promise<Job> {
    return this.engine.resumeJob(id, jobStore);
  }

  /**
   * Removes a job. Runs that are under way go on, unless `cancelRuns` is said; the runs that it had stay in the history.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError; JobLookupError.
   */
  removeJob(id: string, options?: string | InterruptOptions): Promise<void> {
    return this.engine.removeJob(id, options);
  }

  /** Removes the jobs of one store, or of all. */
  removeAllJobs(jobStore?: string): Promise<void> {
    return this.engine.removeAllJobs(jobStore);
  }

  /**
   * Runs a job now, beside its schedule, within its `maxInstances` and by its `overlap`; also while the scheduler is
   * stopped. A caller that waits gets the outcome of the first attempt, and decides; without waiting, a failed run is tried again as the
   * job says.
   *
   * @param options.wait - false: resolves as soon as the run is on its way. Default: true.
   * @param options.args, options.kwargs - in place of the job's own.
   * @returns what the task returned, once it is over; without waiting, the run.
   * @throws InvalidInputError; JobLookupError; MaxInstancesReachedError; HostNotAllowedError; SchedulerError while the
   *   application is closing; and when it has waited: TaskFailedError with the task's own message and its error as
   *   `cause`, RunTimedOutError, RunCancelledError; RunLostError when this node has lost its right to the run, also before it
   *   could begin: it may be made again elsewhere.
   *
   * @example
   * const report = await scheduler.runJob('report', { args: [2030] });
   * const { id } = await scheduler.runJob('report', { wait: false });
   */
  runJob(id: string, options: RunJobOptions & { wait: false }): Promise<Run>;
  runJob(id: string, options?: RunJobOptions): Promise<unknown>;
  async runJob(id: string, options?: RunJobOptions): Promise<unknown> {
    this.host.assertOpen();
    this.host.assertAllowed();
    return this.engine.runJob(id, options);
  }

  /**
   * What has run, runs, and was left out; newest first. How much is kept, the option `history` says.
   *
   * @throws InvalidInputError with every fault of the query.
   *
   * @example
   * const { runs, nextCursor } = await scheduler.getRuns({ jobId: 'report', state: ['failed', 'timed_out'], limit: 20 });
   */
  getRuns(query?: RunQuery): Promise<RunPage> {
    return this.engine.getRuns(query);
  }

  /**
   * Says whether a query for runs can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  checkRunQuery(query: RunQuery): void {
    this.engine.checkRunQuery(query);
  }

  /** The run with an id; undefined when there is none, or it is no longer kept. */
  getRun(id: string): Promise<Run | undefined> {
    return this.engine.getRun(id);
  }

  /**
   * Aborts the signal of a run that is under way, and drops one that has not begun. A task that ignores its signal goes
   * on, and keeps its place; its run is `cancelled` all the same. A run of another node is cancelled by that node.
   *
   * @returns the run as it is then: `running` still when another node has it, and has not done so within five seconds.
   * @throws RunLookupError; RunOverError when it is over, or has been aborted already.
   */
  cancelRun(id: string): Promise<Run> {
    return this.engine.cancelRun(id);
  }

  /**
   * What a trigger means, and when a job with it would fire next if it was added at `from`. Nothing is added.
   *
   * @returns nominal times, without jitter: fewer than asked for when the trigger ends.
   * @throws InvalidInputError with every fault; also when the trigger never fires.
   *
   * @example
   * const { description, times } = await scheduler.preview({ trigger: 'cron', hour: 9 }, { count: 3 });
   */
  preview(trigger: TriggerInput, options?: PreviewOptions): Promise<TriggerPreview> {
    return this.engine.preview(trigger, options);
  }

  /**
   * What the trigger of a job means, and when the job fires next; a paused one, if it went on.
   *
   * @returns nominal times, without jitter: none when the job has ended.
   * @throws InvalidInputError with every fault; JobLookupError.
   */
  previewJob(id: string, options?: PreviewOptions & { jobStore?: string }): Promise<TriggerPreview> {
    return this.engine.previewJob(id, options);
  }

  /**
   * Calls a listener with each event that a mask lets through. What it throws is logged and affects no other listener.
   *
   * @param mask - a union of `EVENT_*`. Default: `EVENT_ALL`.
   */
  addListener(listener: SchedulerEventListener, mask: number = EVENT_ALL): void {
    this.engine.addListener(listener, mask);
  }

  removeListener(listener: SchedulerEventListener): void {
    this.engine.removeListener(listener);
  }

  /**
   * Sets what decides who may use the REST API, in place of the option `authenticate`.
   *
   * @returns the callback.
   * @throws InvalidInputError when it is no function.
   */
  authenticate(callback: AuthenticateCallback): AuthenticateCallback {
    if (typeof callback !== 'function') {
      const problem = `must be a function, got ${typeof callback}`;
      throw new InvalidInputError('Invalid authentication', [{ field: 'callback', problem }]);
    }
    this.authenticator = callback;
    return callback;
  }

  /**
   * Gives a function a name by which jobs, and the REST API's `func`, may run it.
   *
   * @param options.rest - false keeps it off the REST API.
   * @throws InvalidInputError when the name belongs to another function.
   */
  registerTask(name: string, task: TaskFunction, options?: TaskOptions): void {
    this.engine.registerTask(name, task, options);
  }

  /**
   * Gives a function a name by which a job's `retryIf`, and the REST API's `retry_if`, may ask it whether an error is worth
   * another attempt. Tasks cannot be named there.
   *
   * @throws InvalidInputError when the name belongs to another function.
   */
  registerPredicate(name: string, predicate: RetryPredicate): void {
    this.engine.registerPredicate(name, predicate);
  }

  /** Adds a job store, and opens it when the scheduler runs. @throws InvalidInputError when the alias is taken. */
  addJobStore(store: JobStore, alias?: string): Promise<void> {
    return this.engine.addJobStore(store, alias);
  }

  /** Closes a job store and forgets it; durable jobs stay in it. @throws InvalidInputError when there is none. */
  removeJobStore(alias: string): Promise<void> {
    return this.engine.removeJobStore(alias);
  }

  /** @throws InvalidInputError when the alias is taken. */
  addExecutor(executor: Executor, alias?: string): void {
    this.engine.addExecutor(executor, alias);
  }

  /** Stops an executor and forgets it; its jobs wait for another of this alias. @throws InvalidInputError when there is none. */
  removeExecutor(alias: string): Promise<void> {
    return this.engine.removeExecutor(alias);
  }

  /**
   * Writes jobs as JSON.
   *
   * @param options.file - written as well, whole or not at all.
   * @returns the JSON text.
   * @throws InvalidInputError naming each job that JSON cannot hold.
   */
  exportJobs(options?: ExportOptions): Promise<string> {
    return this.engine.exportJobs(options);
  }

  /**
   * Adds the jobs that `exportJobs` wrote: all of them, or none when one cannot be added.
   *
   * @param source - JSON text, or the file that has it.
   * @throws InvalidInputError; ConflictingIdError
   */
  importJobs(source: string | { file: string }, options?: ImportOptions): Promise<readonly Job[]> {
    return this.engine.importJobs(source, options);
  }
}
