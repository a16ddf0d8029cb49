import type { Clock } from './clock.js';
import { InvalidInputError, MaxInstancesReachedError, SchedulerNotRunningError, TaskFailedError } from './errors.js';
import type { EventBus } from './event-bus.js';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_REMOVED,
  EVENT_JOB_SUBMITTED,
  type MissReason,
} from './events.js';
import type { Executor } from './executors/executor.js';
import { JobExecution, type ExecutionOwner, type RunWaiter } from './job-execution.js';
import type { JobRecord, TaskFunction } from './job.js';
import type { Logger } from './logger.js';
import { TaskRunContext } from './run-context.js';
import type { RunOutcome } from './run.js';
import type { StoreEntry } from './store-entry.js';
import type { DueRun, RunPlan, TakenJob } from './stores/job-store.js';
import type { TaskRegistry } from './tasks.js';

export interface RunnerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly tasks: TaskRegistry;
  readonly executors: ReadonlyMap<string, Executor>;
  /** What the ids of this node's runs begin with. */
  readonly runIdPrefix: string;
}

/** Hands runs to executors, keeps each job within its instances, and says how each run went. */
export class Runner implements ExecutionOwner {
  private readonly active = new Set<JobExecution>();
  private readonly idleWaiters = new Set<() => void>();
  private runCount = 0;

  constructor(private readonly parts: RunnerParts) {}

  /** How many runs are under way or wait for their executor. */
  get activeRuns(): number {
    return this.active.size;
  }

  /** Whether this node could run a job: it knows its task and its executor. */
  canRun(job: JobRecord): boolean {
    return this.taskOf(job) !== undefined && this.parts.executors.has(job.executor);
  }

  /** Starts what a store has handed out. */
  submit(entry: StoreEntry, { job, plan }: TakenJob): void {
    if (plan.next === null) entry.ending.add(job.id);
    if (plan.dropped) this.miss(entry, job, plan.dropped.from, 'catch-up limit', plan.dropped.to);
    if ((entry.instances.get(job.id) ?? 0) >= job.maxInstances) {
      this.skip(entry, job, plan);
      return;
    }
    entry.overlapping.delete(job.id);
    this.take(entry, job);
    this.emitSubmission(EVENT_JOB_SUBMITTED, entry, job, plan.runs, plan.coalescedFrom);
    this.launch(entry, job, plan.runs, null);
  }

  /**
   * Runs a job now, whatever its trigger says, within its instances.
   *
   * @returns what the task returned, once it is over.
   * @throws InvalidInputError when its task or its executor is not here, MaxInstancesReachedError, TaskFailedError.
   */
  runNow(entry: StoreEntry, job: JobRecord): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.assertRunnable(job);
      if ((entry.instances.get(job.id) ?? 0) >= job.maxInstances) {
        throw new MaxInstancesReachedError(job.id, job.maxInstances);
      }
      const now = this.parts.clock.now();
      const runs = [{ nominalTime: now, fireTime: now }];
      this.take(entry, job);
      this.emitSubmission(EVENT_JOB_SUBMITTED, entry, job, runs, null);
      this.launch(entry, job, runs, { resolve, reject });
    });
  }

  /** Resolves once nothing is under way any more. */
  idle(): Promise<void> {
    if (this.active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.add(resolve));
  }

  /** Aborts the signal of every run under way. */
  abort(reason: unknown): void {
    for (const execution of this.active) execution.context.abort(reason);
  }

  mayBegin(execution: JobExecution): boolean {
    const { job, run, waiter, entry } = execution;
    const grace = job.misfireGraceTime;
    if (grace === null || waiter || this.parts.clock.now() - run.fireTime <= grace * 1000) return true;
    this.miss(entry, job, run.nominalTime, 'misfire', run.nominalTime, execution.context.runId);
    this.proceed(execution, execution.following);
    return false;
  }

  ended(execution: JobExecution, outcome: RunOutcome | null): void {
    if (outcome === null) this.dropped(execution);
    else this.report(execution, outcome);
    this.proceed(execution, outcome === null ? [] : execution.following);
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

  private launch(entry: StoreEntry, job: JobRecord, runs: readonly DueRun[], waiter: RunWaiter | null): void {
    const { executors, logger, runIdPrefix } = this.parts;
    const run = runs[0] as DueRun;
    const following = runs.length > 1 ? runs.slice(1) : [];
    const runId = runIdPrefix + (this.runCount++).toString(36);
    const context = new TaskRunContext(job.id, runId, run.nominalTime, logger);
    const execution = new JobExecution(
      this,
      entry,
      job,
      run,
      following,
      waiter,
      this.taskOf(job) as TaskFunction,
      context,
    );
    this.active.add(execution);
    try {
      (executors.get(job.executor) as Executor).submit(execution);
    } catch (error) {
      execution.settle({ state: 'failed', error });
    }
  }

  /** After a run: the next one of the same instance, or the end of the instance. */
  private proceed(execution: JobExecution, following: readonly DueRun[]): void {
    const { entry, job } = execution;
    this.active.delete(execution);
    if (following.length > 0 && this.canRun(job)) {
      this.launch(entry, job, following, null);
      return;
    }
    this.release(entry, job);
    if (this.active.size > 0) return;
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters.clear();
  }

  private take(entry: StoreEntry, job: JobRecord): void {
    entry.instances.set(job.id, (entry.instances.get(job.id) ?? 0) + 1);
  }

  private release(entry: StoreEntry, job: JobRecord): void {
    const left = (entry.instances.get(job.id) ?? 1) - 1;
    if (left > 0) {
      entry.instances.set(job.id, left);
      return;
    }
    entry.instances.delete(job.id);
    if (entry.ending.delete(job.id)) void this.removeEnded(entry, job.id);
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

  private skip(entry: StoreEntry, job: JobRecord, plan: RunPlan): void {
    if (!entry.overlapping.has(job.id)) {
      entry.overlapping.add(job.id);
      this.parts.logger.warn(
        `Run of job "${job.id}" skipped: it is running ${job.maxInstances} time(s) already, its maxInstances`,
      );
    }
    this.emitSubmission(EVENT_JOB_MAX_INSTANCES, entry, job, plan.runs, plan.coalescedFrom);
  }

  private emitSubmission(
    code: typeof EVENT_JOB_SUBMITTED | typeof EVENT_JOB_MAX_INSTANCES,
    entry: StoreEntry,
    job: JobRecord,
    runs: readonly DueRun[],
    coalescedFrom: number | null,
  ): void {
    const { events } = this.parts;
    if (!events.wants(code)) return;
    const scheduledRunTimes = runs.map(({ nominalTime }) => nominalTime);
    events.emit({ code, jobId: job.id, jobStore: entry.alias, scheduledRunTimes, coalescedFrom });
  }

  private miss(entry: StoreEntry, job: JobRecord, from: number, reason: MissReason, to: number, runId = ''): void {
    const { events, logger } = this.parts;
    const times = from === to ? time(from) : `${time(from)} to ${time(to)}`;
    logger.warn(`Run of job "${job.id}" for ${times} was missed: ${reason}`);
    events.emit({
      code: EVENT_JOB_MISSED,
      jobId: job.id,
      jobStore: entry.alias,
      runId,
      scheduledRunTime: from,
      lastScheduledRunTime: to,
      reason,
    });
  }

  private report({ entry, job, run, context, waiter }: JobExecution, outcome: RunOutcome): void {
    const { events, logger } = this.parts;
    const about = { jobId: job.id, jobStore: entry.alias, runId: context.runId, scheduledRunTime: run.nominalTime };
    if (outcome.state === 'succeeded') {
      if (events.wants(EVENT_JOB_EXECUTED)) {
        events.emit({ code: EVENT_JOB_EXECUTED, ...about, returnValue: outcome.returnValue });
      }
      waiter?.resolve(outcome.returnValue);
      return;
    }
    const { error } = outcome;
    logger.error(`Job "${job.id}" failed`, error);
    const traceback = error instanceof Error ? (error.stack ?? null) : null;
    events.emit({ code: EVENT_JOB_ERROR, ...about, exception: error, traceback });
    waiter?.reject(new TaskFailedError(job.id, error));
  }

  /** Its executor gave a run up before it began: the scheduler is stopping. */
  private dropped({ entry, job, run, following, context, waiter }: JobExecution): void {
    if (waiter) {
      waiter.reject(new SchedulerNotRunningError());
      return;
    }
    const last = (following.at(-1) ?? run).nominalTime;
    this.miss(entry, job, run.nominalTime, 'shutdown', last, context.runId);
    if (entry.ending.delete(job.id)) void this.giveBack(entry, job, run);
  }

  /** The last run of a job never began. The job stays, due for it, until some start makes up for it. */
  private async giveBack(entry: StoreEntry, job: JobRecord, run: DueRun): Promise<void> {
    try {
      await entry.store.update(job.id, (current) =>
        current.nextRunTime === null && !current.paused
          ? { ...current, nextRunTime: run.fireTime, nextNominalTime: run.nominalTime }
          : current,
      );
    } catch (error) {
      this.parts.logger.error(`The last run of job "${job.id}" could not be given back to its job store`, error);
    }
  }
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
