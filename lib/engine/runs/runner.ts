import { InvalidInputError, MaxInstancesReachedError, RunDeadlockError, SchedulerNotRunningError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_JOB_REMOVED } from '../events.js';
import type { Random } from '../triggers/jitter.js';
import type { JobSpec } from '../model/job.js';
import type { GivenArguments } from '../model/run-record.js';
import type { ClaimedJob, ClaimedRetry } from '../stores/job-store.js';
import type { TaskRegistry } from '../executors/tasks.js';
import { cancelledOutcome, nodeLostOutcome, type AbortOutcome } from './abort-outcome.js';
import { JobExecution } from './job-execution.js';
import { type RunWaiter, isAsked, placesOf } from './job-concurrency.js';
import { enclosingRun } from './current-run.js';
import { Dispatcher, type DispatcherParts, type RunnerMode } from './dispatcher.js';
import { FirstRecords } from './first-records.js';
import { HandedOverRuns, withGiven } from './handed-over-runs.js';
import { RetryDecider } from './retry-decider.js';
import { RunEntry, type RunMaker } from './run-entry.js';
import { RunRecorder } from './run-recorder.js';
import { RunReporter } from './run-reporter.js';
import { RunWithdrawer } from './run-withdrawer.js';
import type { RunStatistics } from './run-statistics.js';
import type { StoreEntry } from './store-entry.js';

export interface RunnerParts extends Omit<DispatcherParts, 'recorder' | 'reporter' | 'withdrawer' | 'retries'> {
  readonly events: EventBus;
  readonly statistics: RunStatistics;
  /** What `retryIf` may name. */
  readonly predicates: TaskRegistry;
  readonly random: Random;
  readonly maker: RunMaker;
  /** A job is due again then (epoch milliseconds). */
  readonly wake: (at: number, entry: StoreEntry) => void;
}

/** Hands runs to executors, and sees to it that they begin and end as their jobs, and those who ask, want them to. */
export class Runner {
  readonly recorder: RunRecorder;
  readonly handedOver: HandedOverRuns;
  private readonly dispatcher: Dispatcher;
  private readonly reporter: RunReporter;
  private readonly withdrawer: RunWithdrawer;
  /** Runs by hand that are being recorded before they start. */
  private readonly first = new FirstRecords();
  /** How often the scheduler has begun to stop. */
  private stops = 0;

  constructor(private readonly parts: RunnerParts) {
    const { clock, events, logger, predicates, random, scope } = parts;
    const recorder = new RunRecorder(parts);
    const reporter = new RunReporter(events, logger, clock);
    const withdrawer = new RunWithdrawer({ clock, recorder, reporter });
    const retries = new RetryDecider({ logger, predicates, random, scope });
    this.dispatcher = new Dispatcher({ ...parts, recorder, reporter, withdrawer, retries });
    this.handedOver = new HandedOverRuns({ ...parts, dispatcher: this.dispatcher, recorder, reporter });
    this.recorder = recorder;
    this.reporter = reporter;
    this.withdrawer = withdrawer;
  }

  /** What may begin. */
  get mode(): RunnerMode {
    return this.dispatcher.mode;
  }

  set mode(mode: RunnerMode) {
    if (mode === 'closing') this.stops++;
    if (mode === 'stopped') this.dispatcher.launcher.progress.stop();
    this.dispatcher.mode = mode;
  }

  /** How many runs are waited for when the scheduler stops: those that stop it are not. */
  get waitedRuns(): number {
    return this.dispatcher.active.waited.length;
  }

  /** How many runs are under way or wait for their executor. */
  get activeRuns(): number {
    return this.dispatcher.active.size;
  }

  /** Whether the calling code is part of a run on an executor, or of one that such a run waits for. */
  isCalledOn(executor: string): boolean {
    const caller = this.caller();
    return caller !== null && this.dispatcher.waiting.waitersOf(caller).some(({ job }) => job.executor === executor);
  }

  /** The run of this scheduler that the calling code is part of, while it is under way. */
  caller(): JobExecution | null {
    const run = enclosingRun();
    return run instanceof JobExecution && run.owner === this.dispatcher && !run.isOver ? run : null;
  }

  /** What this node would need to run a job: its task, its executor. Null when it has both. */
  missingFor(job: JobSpec): string | null {
    return this.dispatcher.missingFor(job);
  }

  /** Starts what a store has handed out. */
  submit(entry: StoreEntry, { job, plan, isRemoved }: ClaimedJob<RunEntry>): void {
    const { leftOut, runs } = plan;
    if (leftOut.length > 0) {
      this.reporter.leftOut(entry, job, plan);
      for (const run of leftOut) this.parts.statistics.add(entry, run);
    }
    if (runs.length > 0) {
      const coalesced = leftOut.length > 0 ? leftOut.find(({ reason }) => reason === 'coalesced') : undefined;
      this.dispatcher.admit(entry, { job, runs, waiter: null }, coalesced?.nominalTime ?? null);
    }
    if (isRemoved) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: job.id, jobStore: entry.alias });
  }

  /** Starts the next attempt of a run that failed. */
  submitRetry(entry: StoreEntry, { job, run }: ClaimedRetry<RunEntry>): void {
    this.dispatcher.admit(entry, { job: withGiven(job, run.given), runs: [run], waiter: null }, null);
  }

  /**
   * Runs a job now, whatever its trigger says, within its instances.
   *
   * @param waiter - receives the outcome; null when no caller waits.
   * @param given - args and kwargs in place of the job's own.
   * @returns the run, recorded and on its way.
   * @throws RunDeadlockError when a run waits for one that would wait for it. InvalidInputError when its task or its executor is not here; MaxInstancesReachedError; SchedulerNotRunningError
   *   when the scheduler is closing, or the job's store is closed; RunLostError when this node has lost its right to the run
   *   before it could begin: it may be made again by whoever finds it.
   */
  async runNow(
    entry: StoreEntry,
    job: JobSpec,
    cause: 'manual' | 'start',
    waiter: RunWaiter | null,
    given: GivenArguments | null = null,
  ): Promise<RunEntry> {
    this.assertMayRun(entry, job, waiter, given);
    const { stops } = this;
    const now = this.parts.clock.now();
    const run = new RunEntry(this.parts.maker, job, cause, now, now, now);
    run.given = given;
    if (!(await this.first.record(entry, run))) {
      const abortOutcome = nodeLostOutcome(job.id);
      this.withdrawer.end(entry, run, null, abortOutcome);
      throw abortOutcome.error;
    }
    try {
      // Much may have happened while it was recorded: a whole shutdown, even.
      if (this.stops !== stops) throw new SchedulerNotRunningError();
      this.assertMayRun(entry, job, waiter, given);
    } catch (error) {
      this.recorder.put(entry, run.leaveOut('missed', 'shutdown', now));
      throw error;
    }
    const batch = { job: withGiven(job, given), runs: [run], waiter };
    this.parts.scope.runInAsyncScope(() => this.dispatcher.admit(entry, batch, null));
    return run;
  }

  /** Resolves when no run by hand is being recorded that has not begun. */
  recordedFirst(): Promise<void> {
    return this.first.settled();
  }

  /** What waits for a place will not get it: the scheduler stops, or is drained. */
  missWaiting(entries: Iterable<StoreEntry>, reason: 'shutdown' | 'paused'): void {
    for (const entry of entries) {
      for (const slot of entry.slots.values()) {
        for (const batch of slot.takeWaiting()) this.withdrawer.miss(entry, batch, 0, reason);
      }
    }
  }

  /**
   * Cancels a run that this node has under way or waiting.
   *
   * @returns the run; undefined when this node has no such run, or has aborted it already.
   */
  cancel(entries: Iterable<StoreEntry>, runId: string): RunEntry | undefined {
    for (const execution of this.dispatcher.active.list()) {
      const { abortOutcome, run } = execution;
      if (run.id !== runId || run.finishedAt !== null) continue;
      if (abortOutcome) return undefined;
      this.dispatcher.aborter.cancel(execution, 'cancelled');
      return run;
    }
    const predicate = ({ id }: RunEntry): boolean => id === runId;
    for (const entry of entries) {
      const [run] = this.endUnbegun(entry, predicate, (jobId) => cancelledOutcome(jobId, 'cancelled'));
      if (run) return run;
    }
    return undefined;
  }

  /** The runs that are under way here, by their ids. */
  activeById(): ReadonlyMap<string, RunEntry> {
    return new Map(this.dispatcher.active.list().map(({ run }) => [run.id, run]));
  }

  /** The ids of all runs of a store that this node holds, in whatever step they are: see {@link StoreContext.heldRuns}. */
  heldRuns(entry: StoreEntry): ReadonlySet<string> {
    const ids = new Set<string>();
    const add = (runs: Iterable<RunEntry>): void => {
      for (const { id } of runs) ids.add(id);
    };
    add(entry.claiming);
    add(this.first.runs);
    add(this.recorder.unrecorded(entry));
    for (const { waiting } of entry.slots.values()) for (const { runs } of waiting) add(runs);
    for (const { entry: its, index, batch } of this.dispatcher.active.list()) {
      if (its === entry) add(batch.runs.slice(index));
    }
    return ids;
  }

  /** This node has lost its lease: the store's runs under way are aborted, and no other one that it holds starts. */
  revoke(entry: StoreEntry): void {
    for (const run of entry.claiming) run.barred = 'node lost';
    // First, for a place that is free goes to the next that waits.
    this.endUnbegun(entry, () => true, nodeLostOutcome);
    this.handedOver.release(
      (execution) => execution.entry === entry,
      (jobId) => nodeLostOutcome(jobId).error,
    );
    for (const execution of this.dispatcher.active.list()) {
      if (execution.entry === entry) this.dispatcher.aborter.revoke(execution);
    }
  }

  /** Ends runs that wait for a place, or for one under way to end. Answers which they were. */
  private endUnbegun(
    entry: StoreEntry,
    predicate: (run: RunEntry) => boolean,
    outcomeOf: (jobId: string) => AbortOutcome,
  ): readonly RunEntry[] {
    const ended: RunEntry[] = [];
    const end = (runs: readonly RunEntry[], waiter: RunWaiter | null): void => {
      for (const run of runs) {
        if (run.settled || !predicate(run)) continue;
        this.withdrawer.end(entry, run, waiter, outcomeOf(run.jobId));
        ended.push(run);
      }
    };
    for (const slot of entry.slots.values()) {
      for (const { runs, waiter } of slot.waiting) end(runs, waiter);
      slot.discardSettled();
    }
    for (const { entry: its, index, batch } of this.dispatcher.active.list()) {
      if (its === entry) end(batch.runs.slice(index + 1), null);
    }
    return ended;
  }

  /**
   * No further run of a job may begin: it has been paused or removed.
   *
   * @param cancelsRunning - whether those under way are cancelled.
   */
  interrupt(entry: StoreEntry, jobId: string, why: 'paused' | 'removed', cancelsRunning = false): void {
    for (const run of entry.claiming) if (run.jobId === jobId) run.barred ??= why;
    const slot = entry.slots.get(jobId);
    if (!slot) return;
    slot.interrupted = why;
    if (why === 'removed') entry.slots.delete(jobId);
    for (const batch of slot.takeWaiting()) {
      // A pause holds the schedule, not runs by hand.
      if (why === 'paused' && isAsked(batch)) slot.enqueue(batch);
      else this.withdrawer.miss(entry, batch, 0, why);
    }
    if (!cancelsRunning) return;
    for (const execution of this.dispatcher.active.list()) {
      if (execution.slot === slot) this.dispatcher.aborter.cancel(execution, why);
    }
  }

  /**
   * From now on nothing waits for the end of the calling run, nor of those that wait for it: it waits for the scheduler.
   *
   * @returns what ends that.
   */
  exemptCaller(): () => void {
    const caller = this.caller();
    return caller ? this.dispatcher.active.exempt(this.dispatcher.waiting.waitersOf(caller)) : () => undefined;
  }

  /** Resolves once nothing is under way any more. Runs that have been aborted already are not waited for again. */
  idle(): Promise<void> {
    if (this.dispatcher.active.waited.every(({ context }) => context.isAborted)) return Promise.resolve();
    return this.dispatcher.active.idle();
  }

  /** Tells every run under way to end. */
  abort(): void {
    for (const execution of this.dispatcher.active.waited) this.dispatcher.aborter.stop(execution);
  }

  /** Waits for the runs that have been told to end: a turn of the event loop, or as long as their executors take to end them. */
  async endOfAborted(): Promise<void> {
    const { active, aborter } = this.dispatcher;
    await Promise.all([this.parts.clock.yield(), ...active.waited.map((execution) => aborter.endOf(execution))]);
  }

  /** Records runs that ignore their signal as lost. Each keeps its place until it ends. */
  abandon(): void {
    for (const execution of this.dispatcher.active.exempted) this.dispatcher.aborter.conclude(execution);
    for (const execution of this.dispatcher.active.waited) {
      execution.batch.waiter?.reject(new SchedulerNotRunningError());
      this.dispatcher.aborter.lose(execution);
    }
  }

  private assertMayRun(entry: StoreEntry, job: JobSpec, waiter: RunWaiter | null, given: GivenArguments | null): void {
    // A job that waits for the start may be known while its store is closed, which could not record its run.
    if (this.mode === 'closing' || !entry.open) throw new SchedulerNotRunningError();
    const { tasks } = this.parts;
    const { args, kwargs } = withGiven(job, given);
    // What is stored may be wrong, too: that is a failed run.
    const faults = given && !job.handler ? [...tasks.argumentFaults(job.task, args, kwargs)] : [];
    if (!job.handler && !tasks.has(job.task))
      faults.push({ field: 'task', problem: `"${job.task}" is not registered` });
    if (!this.parts.executors.has(job.executor)) {
      faults.push({ field: 'executor', problem: `"${job.executor}" is not among the executors` });
    }
    if (faults.length > 0) throw new InvalidInputError(`Job "${job.id}" cannot run`, faults);
    const slot = entry.slots.get(job.id);
    const caller = waiter?.caller ? this.caller() : null;
    const isQueued = job.overlap === 'queue' && slot !== undefined && slot.waiting.length < job.maxQueued;
    if (slot?.isFull(job) && job.overlap !== 'replace' && !isQueued)
      throw new MaxInstancesReachedError(job.id, placesOf(job));
    if (caller && this.dispatcher.waiting.wouldDeadlock(caller, job, slot))
      throw new RunDeadlockError(job.id, caller.job.id);
  }
}
