import { isDeepStrictEqual } from 'node:util';
import type { Clock } from './clock.js';
import {
  InvalidInputError,
  JobLookupError,
  MaxInstancesReachedError,
  SchedulerNotRunningError,
  TaskFailedError,
} from './errors.js';
import type { EventBus } from './event-bus.js';
import { EVENT_JOB_MAX_INSTANCES, EVENT_JOB_REMOVED, EVENT_JOB_SUBMITTED, type MissReason } from './events.js';
import type { Executor } from './executors/executor.js';
import { JobExecution, type ExecutionOwner, type RunWaiter } from './job-execution.js';
import type { JobRecord, TaskFunction } from './job.js';
import type { Logger } from './logger.js';
import { TaskRunContext } from './run-context.js';
import { RunReporter } from './run-reporter.js';
import type { RunOutcome } from './run.js';
import { slotOf, type JobSlot, type StoreEntry } from './store-entry.js';
import type { DueRun, TakenJob } from './stores/job-store.js';
import type { TaskRegistry } from './tasks.js';

export interface RunnerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly tasks: TaskRegistry;
  readonly executors: ReadonlyMap<string, Executor>;
  /** What the ids of this node's runs begin with. */
  readonly runIdPrefix: string;
  /** A job is due again then (epoch milliseconds). */
  readonly wake: (at: number) => void;
}

/**
 * What may begin: everything (`running`), runs by hand only (`paused`, `stopped`), or nothing (`closing`).
 */
export type RunnerMode = 'running' | 'paused' | 'stopped' | 'closing';

/** Hands runs to executors, keeps each job within its instances, and says how each run went. */
export class Runner implements ExecutionOwner {
  mode: RunnerMode = 'stopped';
  private readonly active = new Set<JobExecution>();
  private readonly idleWaiters = new Set<() => void>();
  private readonly reporter: RunReporter;
  private runCount = 0;

  constructor(private readonly parts: RunnerParts) {
    this.reporter = new RunReporter(parts.events, parts.logger);
  }

  /** How many runs are under way or wait for their executor. */
  get activeRuns(): number {
    return this.active.size;
  }

  /** Whether this node could run a job: it knows its task and its executor. */
  canRun(job: JobRecord): boolean {
    return this.taskOf(job) !== undefined && this.parts.executors.has(job.executor);
  }

  /** Starts what a store has handed out. */
  submit(entry: StoreEntry, taken: TakenJob): void {
    const { job, plan } = taken;
    if (plan.dropped) this.reporter.missed(entry, job, plan.dropped.from, plan.dropped.to, 'catch-up limit');
    const slot = slotOf(entry, job.id);
    slot.interrupted = null;
    if (this.mode !== 'running') {
      this.withdraw(entry, slot, job, plan.runs, this.reasonToHold());
      this.discardIfIdle(entry, slot, job);
    } else if (slot.running < job.maxInstances) {
      this.begin(entry, slot, taken);
    } else if (plan.next === null) {
      slot.waiting.push(taken);
    } else {
      if (!slot.isSkipTold) this.reporter.overlap(job);
      slot.isSkipTold = true;
      this.reporter.submission(EVENT_JOB_MAX_INSTANCES, entry, job, plan);
    }
  }

  /**
   * Runs a job now, whatever its trigger says, within its instances.
   *
   * @returns what the task returned, once it is over.
   * @throws InvalidInputError when its task or its executor is not here; MaxInstancesReachedError; TaskFailedError;
   *   SchedulerNotRunningError when the scheduler is closing, or stops before the run is over.
   */
  runNow(entry: StoreEntry, job: JobRecord): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.mode === 'closing') throw new SchedulerNotRunningError();
      this.assertRunnable(job);
      if ((entry.slots.get(job.id)?.running ?? 0) >= job.maxInstances) {
        throw new MaxInstancesReachedError(job.id, job.maxInstances);
      }
      const now = this.parts.clock.now();
      const runs = [{ nominalTime: now, fireTime: now }];
      const slot = slotOf(entry, job.id);
      slot.running++;
      this.reporter.submission(EVENT_JOB_SUBMITTED, entry, job, { runs, coalescedFrom: null });
      this.launch(entry, slot, job, runs, { resolve, reject });
    });
  }

  /** No further run of a job may begin: it has been paused or removed. */
  interrupt(entry: StoreEntry, jobId: string, why: 'paused' | 'removed'): void {
    const slot = entry.slots.get(jobId);
    if (!slot) return;
    slot.interrupted = why;
    if (why === 'removed') entry.slots.delete(jobId);
    for (const { job, plan } of slot.waiting.splice(0)) this.withdraw(entry, slot, job, plan.runs, why);
  }

  /** Resolves once nothing is under way any more. Runs that have been told to end already are not waited for again. */
  idle(): Promise<void> {
    if ([...this.active].every(({ context }) => context.isAborted)) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.add(resolve));
  }

  /** Aborts the signal of every run under way. */
  abort(reason: unknown): void {
    for (const execution of this.active) execution.context.abort(reason);
  }

  /** Nobody waits any longer for runs by hand that heed no signal. They keep their places until they end. */
  abandonWaiters(): void {
    for (const { waiter } of this.active) waiter?.reject(new SchedulerNotRunningError());
  }

  mayBegin(execution: JobExecution): boolean {
    const { entry, slot, job, run, waiter, following } = execution;
    const held = waiter ? null : (slot.interrupted ?? (this.mode === 'running' ? null : this.reasonToHold()));
    if (held !== null) {
      this.withdraw(entry, slot, job, [run, ...following], held, execution.context.runId);
      this.leave(execution);
      return false;
    }
    const grace = job.misfireGraceTime;
    if (grace === null || waiter || this.parts.clock.now() - run.fireTime <= grace * 1000) return true;
    this.reporter.missed(entry, job, run.nominalTime, run.nominalTime, 'misfire', execution.context.runId);
    this.proceed(execution);
    return false;
  }

  ended(execution: JobExecution, outcome: RunOutcome | null): void {
    if (outcome === null) {
      this.dropped(execution);
      this.leave(execution);
      return;
    }
    const { job, waiter } = execution;
    this.reporter.outcome(execution, outcome);
    if (outcome.state === 'succeeded') waiter?.resolve(outcome.returnValue);
    else waiter?.reject(new TaskFailedError(job.id, outcome.error));
    this.proceed(execution);
  }

  private taskOf(job: JobRecord): TaskFunction | undefined {
    return job.handler ?? this.parts.tasks.get(job.task);
  }

  private assertRunnable(job: JobRecord): void {
    const faults = [];
    if (!this.taskOf(job)) faults.push({ field: 'task', problem: `"${job.task}" is not registered` });
    if (!this.parts.executors.has(job.executor)) {
      faults.push({ field: 'executor', problem: `"${job.executor}" is not among the executors` });
    }
    if (faults.length > 0) throw new InvalidInputError(`Job "${job.id}" cannot run`, faults);
  }

  /** Why scheduled runs may not begin, when they may not. */
  private reasonToHold(): MissReason {
    return this.mode === 'paused' ? 'paused' : 'shutdown';
  }

  private begin(entry: StoreEntry, slot: JobSlot, { job, plan }: TakenJob): void {
    slot.ending ||= plan.next === null && !plan.parks;
    slot.isSkipTold = false;
    slot.running++;
    this.reporter.submission(EVENT_JOB_SUBMITTED, entry, job, plan);
    this.launch(entry, slot, job, plan.runs, null);
  }

  private launch(
    entry: StoreEntry,
    slot: JobSlot,
    job: JobRecord,
    runs: readonly DueRun[],
    waiter: RunWaiter | null,
  ): void {
    const { executors, logger, runIdPrefix } = this.parts;
    const run = runs[0] as DueRun;
    const following = runs.length > 1 ? runs.slice(1) : [];
    const runId = runIdPrefix + (this.runCount++).toString(36);
    const context = new TaskRunContext(job.id, runId, run.nominalTime, logger);
    const task = this.taskOf(job) as TaskFunction;
    const execution = new JobExecution(this, entry, slot, job, run, following, waiter, task, context);
    this.active.add(execution);
    try {
      (executors.get(job.executor) as Executor).submit(execution);
    } catch (error) {
      execution.settle({ state: 'failed', error });
    }
  }

  /** After a run: the next one of the same instance, or the end of the instance. */
  private proceed(execution: JobExecution): void {
    const { entry, slot, job, following } = execution;
    if (following.length > 0) {
      const held = slot.interrupted ?? this.reasonNotToProceed(job);
      if (held === null) {
        this.active.delete(execution);
        this.launch(entry, slot, job, following, null);
        return;
      }
      this.withdraw(entry, slot, job, following, held);
    }
    this.leave(execution);
  }

  private reasonNotToProceed(job: JobRecord): MissReason | null {
    if (this.mode !== 'running') return this.reasonToHold();
    return this.canRun(job) ? null : 'executor removed';
  }

  /** The end of an instance: its place is free. */
  private leave(execution: JobExecution): void {
    const { entry, slot, job } = execution;
    this.active.delete(execution);
    slot.running--;
    const next = slot.waiting.shift();
    if (next && this.mode === 'running' && this.canRun(next.job)) this.begin(entry, slot, next);
    else if (next)
      this.withdraw(entry, slot, next.job, next.plan.runs, this.reasonNotToProceed(next.job) ?? 'shutdown');
    this.discardIfIdle(entry, slot, job);
    if (this.active.size > 0) return;
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters.clear();
  }

  private discardIfIdle(entry: StoreEntry, slot: JobSlot, job: JobRecord): void {
    if (slot.running > 0 || slot.waiting.length > 0) return;
    if (entry.slots.get(job.id) === slot) entry.slots.delete(job.id);
    if (slot.ending && slot.interrupted !== 'removed') void this.removeEnded(entry, job.id);
  }

  private async removeEnded(entry: StoreEntry, jobId: string): Promise<void> {
    const { events, logger } = this.parts;
    try {
      const removed = await entry.store.removeIfEnded(jobId);
      if (removed) events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: entry.alias });
    } catch (error) {
      logger.error(`Job "${jobId}" has ended and could not be removed from job store "${entry.alias}"`, error);
    }
  }

  /** Its executor gave a run up before it began. */
  private dropped({ entry, slot, job, run, following, context, waiter }: JobExecution): void {
    const isRemoved = !this.parts.executors.has(job.executor);
    if (!waiter) {
      const reason = slot.interrupted ?? (isRemoved ? 'executor removed' : this.reasonToHold());
      this.withdraw(entry, slot, job, [run, ...following], reason, context.runId);
    } else if (isRemoved) {
      const problem = `"${job.executor}" was removed before the run began`;
      waiter.reject(new InvalidInputError(`Job "${job.id}" did not run`, [{ field: 'executor', problem }]));
    } else {
      waiter.reject(new SchedulerNotRunningError());
    }
  }

  /** Runs that will not begin now are told, and their job is due for them again, unless it is gone. */
  private withdraw(
    entry: StoreEntry,
    slot: JobSlot,
    job: JobRecord,
    runs: readonly DueRun[],
    reason: MissReason,
    runId?: string,
  ): void {
    const first = runs[0] as DueRun;
    this.reporter.missed(entry, job, first.nominalTime, (runs.at(-1) as DueRun).nominalTime, reason, runId);
    if (reason === 'removed') return;
    slot.ending = false;
    void this.giveBack(entry, job, first);
  }

  private async giveBack({ store }: StoreEntry, job: JobRecord, run: DueRun): Promise<void> {
    try {
      await store.update(job.id, (current) => {
        const isLater = current.nextRunTime === null || current.nextRunTime > run.fireTime;
        const isSame = isDeepStrictEqual(current.trigger.toJSON(), job.trigger.toJSON());
        if (current.paused || !isLater || !isSame) return current;
        return { ...current, nextRunTime: run.fireTime, nextNominalTime: run.nominalTime };
      });
      this.parts.wake(run.fireTime);
    } catch (error) {
      if (error instanceof JobLookupError) return;
      this.parts.logger.error(`A run of job "${job.id}" could not be given back to its job store`, error);
    }
  }
}
