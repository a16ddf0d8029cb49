import type { ActingFor } from './audit/acting.js';
import type { Clock } from './clock.js';
import { EVENT_ALL, type SchedulerEventListener } from './events.js';
import type { Executor } from './executors/executor.js';
import { healthOf, type SchedulerHealth } from './lifecycle/scheduler-health.js';
import { LocalExecutor } from './executors/local.executor.js';
import type { TaskFunction, RetryPredicate } from './model/task.js';
import type { ShutdownOptions, StartOptions, ScopeOptions } from './lifecycle/lifecycle-options.js';
import type { AuditPage, AuditQuery } from './model/audit.js';
import type { KnownTask } from './lifecycle/known-tasks.js';
import type { NodeList } from './model/node.js';
import type { NodeRoles } from './model/node-roles.js';
import type { Run, RunOutcome, RunPage, RunQuery } from './model/run-record.js';
import type { SchedulerOptions } from './scheduler-options.js';
import type { SchedulerStatistics } from './model/statistics.js';
import type { ClusterState } from './stores/cluster-state.js';
import { SchedulerJobs } from './scheduler-jobs.js';
import { makeParts, type SchedulerParts } from './scheduler-parts.js';
import { STATE_STOPPED, type SchedulerState } from './lifecycle/states.js';
import type { JobStore, StoreCapabilities } from './stores/job-store.js';
import { MemoryJobStore } from './stores/memory/memory.job-store.js';
import type { TaskOptions, TaskRegistry } from './executors/tasks.js';
import type { SchedulerChangeListener } from './watch/scheduler-change.js';

/**
 * Runs jobs when their triggers say. Needs no framework.
 *
 * @example
 * const scheduler = new Scheduler({ timezone: 'Europe/Berlin' });
 * await scheduler.addJob({ id: 'hello', task: () => console.log('hello'), trigger: 'interval', seconds: 5 });
 * await scheduler.start();
 */
export class Scheduler extends SchedulerJobs {
  readonly clock: Clock;
  readonly timezone: string;
  /** The tasks that jobs may name: `tasks.list()` says what they are and what they take. */
  readonly tasks: TaskRegistry;
  /** The functions that `retryIf` may name. */
  readonly predicates: TaskRegistry;
  /** @internal */
  protected readonly parts: SchedulerParts;

  /** @throws InvalidInputError naming each option that cannot be used. */
  constructor(options: SchedulerOptions = {}) {
    super();
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
    components.roles.assertKnown();
  }

  /** `STATE_STOPPED`, `STATE_RUNNING` or `STATE_PAUSED`. */
  get state(): SchedulerState {
    return this.parts.lifecycle.state;
  }

  /** Which part of the work of all nodes it does. */
  get roles(): NodeRoles {
    return this.parts.components.roles.given;
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
   * The nodes that share a job store with this one, and this one: their leases, how far their clocks are off, their runs, and what
   * they say of themselves, which is as old as their latest heartbeat. Job stores that fail, or do not answer within five seconds, are named
   * in `failed`; nodes that only they know are missing then.
   *
   * @example
   * const { nodes } = await scheduler.getNodes();
   * for (const { name, state, jobStores } of nodes) console.log(name, state, jobStores.default?.activeRuns);
   */
  getNodes(): Promise<NodeList> {
    return this.parts.nodes.list();
  }

  /**
   * The tasks of this node and of all nodes that share a job store with it, with the names of the nodes that have them. Those of other
   * nodes are missing where {@link getNodes} does not know the nodes, or not all of their tasks.
   */
  getTasks(): Promise<readonly KnownTask[]> {
    return this.parts.nodes.tasks();
  }

  /**
   * How many jobs there are, and how their runs went: in all job stores, and on all nodes that share them. What other nodes have
   * counted arrives within ten seconds.
   *
   * @throws StoreFailedError
   */
  statistics(): Promise<SchedulerStatistics> {
    return this.parts.statistics.read();
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
    return this.parts.control.start(options);
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
    return this.parts.control.shutdown(options);
  }

  /**
   * Ends what this node has under way, and begins nothing more: waits for runs as `shutdown()` does, then aborts them. What waits for
   * its turn goes back to the job store, for other nodes. The scheduler is paused then, with its stores open, until `resume()`,
   * which also ends the wait, or `shutdown()`. A stopped one ends runs by hand, and goes on being stopped.
   *
   * @param options.scope - `node` is the only one there is.
   * @throws InvalidInputError
   *
   * @example
   * await scheduler.drain({ scope: 'node', timeout: '5m' });
   */
  drain(options: ShutdownOptions = {}): Promise<void> {
    return this.parts.control.drain(options);
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
    return this.parts.control.pause(options);
  }

  /**
   * Goes on after `pause()`; what fell due meanwhile is late, and treated so. Does nothing when not paused. A node goes on
   * when neither it nor all nodes are paused.
   *
   * @param options.scope - `cluster` lets all nodes go on, and this one whatever paused it. Default: `node`.
   * @throws InvalidInputError; SchedulerNotRunningError; StoreFailedError, and nothing has changed
   */
  resume(options: ScopeOptions = {}): Promise<void> {
    return this.parts.control.resume(options);
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
  async cancelRun(id: string): Promise<Run> {
    const run = await this.parts.runs.cancel(id);
    await this.recordRun('run.cancel', run, run.id);
    return run;
  }

  /**
   * Records how a run ended that an executor had handed over (`handed_over`): for workers that report outcomes to any node, and not
   * to the queue that they have their runs from. The first outcome of a run counts; further ones change nothing.
   *
   * @param outcome - `{ state: 'succeeded', returnValue }`, or `failed`, `timed_out` or `lost` with an `error`. A run that is lost is
   *   tried again within the attempts of lost runs, the others as their job says.
   * @returns the run as it is recorded.
   * @throws RunLookupError; InvalidInputError when it is under way on a node, or the outcome is none; RunUnreadableError
   */
  settleRun(id: string, outcome: RunOutcome): Promise<Run> {
    return this.parts.runs.settle(id, outcome);
  }

  /**
   * Removes a run that has ended from the history: with its retry, if that is still to come. It may be one that cannot be
   * read, which `getRun()` refuses with its raw record.
   *
   * @throws RunLookupError; RunActiveError when it is under way
   */
  async removeRun(id: string): Promise<void> {
    const { runs, trail } = this.parts;
    // Whose run it was is not known afterwards.
    const run = trail.isRecorded ? await runs.get(id).catch(() => undefined) : undefined;
    const jobStore = await runs.remove(id);
    await this.recordRun('run.remove', { jobId: run?.jobId ?? null, jobStore }, id);
  }

  /**
   * Who did what to jobs, runs and the scheduler: over REST and in code, on all nodes that share a job store; the latest first.
   *
   * @throws InvalidInputError with every fault of the query.
   *
   * @example
   * const { entries, nextCursor } = await scheduler.getAudit({ jobId: 'report', action: ['job.pause', 'job.resume'] });
   */
  getAudit(query: AuditQuery = {}): Promise<AuditPage> {
    return this.parts.audit.list(query);
  }

  /**
   * Says whether a query for the audit trail can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  checkAuditQuery(query: AuditQuery): void {
    this.parts.audit.check(query);
  }

  /**
   * Does something for somebody: the audit trail names them, and why, in the entries of all that `work` changes.
   *
   * @returns what `work` returns.
   * @throws InvalidInputError with every fault of `by`.
   *
   * @example
   * await scheduler.actAs({ actor: 'ann', note: 'bank holiday' }, () => scheduler.pauseJob('transfers'));
   */
  actAs<T>(by: ActingFor, work: () => T): T {
    return this.parts.trail.acting.run(by, work);
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
   * Calls a listener with each change of jobs and runs, on all nodes that share a job store with this one: with this node's own
   * at once, while its events are emitted; with those of other nodes as they are found in the store, which is looked at
   * twice a second. Their runs are told within a second; at most 400 of them a second, with a `gap` beyond. Of their
   * changes of jobs 400 jobs a second are looked at, and none in a store with more than 10,000 jobs.
   *
   * @returns what ends it. While nobody watches, nothing is looked at.
   *
   * @example
   * const stop = scheduler.watch((change) => console.log(change.type, change.node));
   */
  watch(listener: SchedulerChangeListener): () => void {
    return this.parts.watcher.add(listener);
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
    const { components, keeper, runner } = this.parts;
    const removed = components.stores.get(alias);
    // Other nodes adopt them.
    void runner.handedOver.leave(({ entry }) => entry === removed);
    await keeper.remove(alias);
  }

  /** What a job store can do; undefined when there is none of this alias. */
  capabilitiesOf(jobStore: string): StoreCapabilities | undefined {
    return this.parts.components.stores.get(jobStore)?.store.capabilities;
  }

  /** @throws InvalidInputError when the alias is taken. */
  addExecutor(executor: Executor, alias = 'default'): void {
    const { components, lifecycle } = this.parts;
    components.addExecutor(executor, alias);
    if (lifecycle.isStarted) components.startAdded(alias);
    this.reconsider();
    this.parts.adoption.wake();
  }

  /** Stops an executor and forgets it; its jobs wait for another of this alias. @throws InvalidInputError when there is none. */
  async removeExecutor(alias: string): Promise<void> {
    // Other nodes that have it adopt them.
    void this.parts.runner.handedOver.leave(({ job }) => job.executor === alias);
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

  private async recordRun(
    action: 'run.cancel' | 'run.remove',
    { jobId, jobStore }: { readonly jobId: string | null; readonly jobStore: string },
    runId: string,
  ): Promise<void> {
    const entry = this.parts.components.stores.get(jobStore);
    if (entry) await this.parts.trail.record(entry, { action, jobId, runId });
  }

  /** Something appeared that jobs may have been waiting for. */
  private reconsider(): void {
    for (const { store } of this.parts.components.stores.values()) store.reconsider();
    this.parts.loop.wake(-Infinity);
  }
}
