import type { AsyncResource } from 'node:async_hooks';
import type { Executor } from '../executors/executor.js';
import type { JobSpec } from '../model/job.js';
import type { TaskFunction } from '../model/task.js';
import type { MissReason, RunOutcome } from '../model/run-record.js';
import type { TaskRegistry } from '../executors/tasks.js';
import { nodeLostOutcome } from './abort-outcome.js';
import { ActiveRuns } from './active-runs.js';
import { JobExecution, type ExecutionOwner } from './job-execution.js';
import { isAsked, JobConcurrency, type RunBatch } from './job-concurrency.js';
import { RunAborter } from './run-aborter.js';
import { RunLauncher } from './run-launcher.js';
import { WaitingRuns } from './waiting-runs.js';
import { TaskRunContext } from './run-context.js';
import { RunEndings, type RunEndingsParts } from './run-endings.js';
import type { RunEntry } from './run-entry.js';
import type { RunWithdrawer } from './run-withdrawer.js';
import { slotOf, type StoreEntry } from './store-entry.js';

export interface DispatcherParts extends RunEndingsParts {
  /** The async context of tasks. */
  readonly scope: AsyncResource;
  readonly tasks: TaskRegistry;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly withdrawer: RunWithdrawer;
}

/**
 * What may begin: everything (`running`), runs by hand only (`paused`, `stopped`), or nothing (`closing`).
 */
export type RunnerMode = 'running' | 'paused' | 'stopped' | 'closing';

/** Gives runs their places, within the instances of each job, and sees each to its end. */
export class Dispatcher implements ExecutionOwner {
  mode: RunnerMode = 'stopped';
  /** What is under way, or waits for its executor. */
  readonly active = new ActiveRuns();
  readonly aborter: RunAborter;
  readonly waiting: WaitingRuns;
  readonly launcher: RunLauncher;
  private readonly endings: RunEndings;
  readonly scope: AsyncResource;
  private spare: JobConcurrency | null = null;

  constructor(private readonly parts: DispatcherParts) {
    this.aborter = new RunAborter({ ...parts, withdraw: (execution) => execution.drop() });
    this.waiting = new WaitingRuns(this.active, parts.executors);
    const refused = (execution: JobExecution, error: Error): void => this.release(execution, error);
    this.launcher = new RunLauncher({ ...parts, active: this.active, refused });
    this.endings = new RunEndings(parts);
    this.scope = parts.scope;
  }

  /** What this node would need to run a job: its task, its executor. Null when it has both. */
  missingFor(job: JobSpec): string | null {
    if (this.taskOf(job) === undefined) return `task "${job.task}"`;
    return this.parts.executors.has(job.executor) ? null : `executor "${job.executor}"`;
  }

  /** Gives an instance a place, or lets it wait for one. */
  admit(entry: StoreEntry, batch: RunBatch, coalescedFrom: number | null): void {
    const { job, runs } = batch;
    const { barred } = runs[0] as RunEntry;
    if (barred !== null && barred !== 'node lost') return this.parts.withdrawer.miss(entry, batch, 0, barred);
    const slot = slotOf(entry, job.id);
    const isByHand = isAsked(batch);
    if (slot && !isByHand) slot.interrupted = null;
    if (!isByHand && this.mode !== 'running') {
      this.parts.withdrawer.miss(entry, batch, 0, this.reasonToHold());
    } else if (slot?.isFull(job)) {
      if (job.overlap === 'replace') {
        if (this.isOutdated(batch, slot)) return this.parts.withdrawer.supersede(entry, batch);
        this.replace(entry, slot);
        // What was replaced may not have begun: then its place is free, and its slot perhaps gone.
        if (!slot.isFull(job)) return this.admit(entry, batch, coalescedFrom);
      }
      this.holdBack(entry, runs);
      slot.enqueue(batch);
    } else {
      this.parts.reporter.submitted(entry, job, runs, coalescedFrom, this.launcher.handsOver(job.executor));
      if (slot) this.begin(entry, slot, batch);
      else this.beginAlone(entry, batch);
    }
  }

  /** Watches a run that has been handed over, and has its place. */
  adopt(entry: StoreEntry, job: JobSpec, run: RunEntry): JobExecution {
    let slot = entry.slots.get(job.id);
    if (!slot) entry.slots.set(job.id, (slot = new JobConcurrency()));
    slot.running++;
    return this.execute(entry, slot, { job, runs: [run], waiter: null }, 0);
  }

  /**
   * Watches a run that has been handed over no longer: whoever adopts it settles it.
   *
   * @param error - what a caller hears that waits for the run.
   */
  release(execution: JobExecution, error: Error): void {
    if (execution.isOver) return;
    execution.timeout?.cancel();
    execution.letGo();
    if (execution.hasBegun) this.parts.executors.get(execution.job.executor)?.release?.(execution);
    execution.batch.waiter?.reject(error);
    this.proceed(execution);
  }

  /** A run that waits for its place must not be adopted by another node: it might get more places than it has. */
  private holdBack(entry: StoreEntry, runs: readonly RunEntry[]): void {
    for (const run of runs) {
      if (run.state !== 'handed_over') continue;
      run.state = 'running';
      this.parts.recorder.put(entry, run);
    }
  }

  /** Most runs that are alone end in the step that begins them: one slot serves them all, and is kept only where a run goes on. */
  private beginAlone(entry: StoreEntry, batch: RunBatch): void {
    const slot = this.spare ?? new JobConcurrency();
    this.spare = null;
    this.begin(entry, slot, batch);
    if (slot.running > 0 || slot.waiting.length > 0) entry.slots.set(batch.job.id, slot);
    else this.spare = slot.clear();
  }

  /** A retry takes no place from a run for a later time: the newest is what counts. */
  private isOutdated({ runs }: RunBatch, slot: JobConcurrency): boolean {
    const { cause, nominalTime } = runs[0] as RunEntry;
    if (cause !== 'retry') return false;
    const underWay = this.active.list().filter((execution) => execution.slot === slot);
    const others = [...underWay.map(({ run }) => run), ...slot.waiting.flatMap((batch) => batch.runs)];
    return others.some((run) => run.nominalTime > nominalTime);
  }

  /** Makes room for a newer run: what waits is left out, and the oldest run under way is cancelled. */
  private replace(entry: StoreEntry, slot: JobConcurrency): void {
    for (const batch of slot.takeWaiting()) this.parts.withdrawer.supersede(entry, batch);
    const oldest = this.active.list().find((execution) => execution.slot === slot && !execution.abortOutcome);
    if (oldest) this.aborter.cancel(oldest, 'replaced');
  }

  private begin(entry: StoreEntry, slot: JobConcurrency, batch: RunBatch, index = 0): void {
    slot.leftOut = null;
    slot.running++;
    this.launch(entry, slot, batch, index);
  }

  private launch(entry: StoreEntry, slot: JobConcurrency, batch: RunBatch, index: number): void {
    this.launcher.launch(this.execute(entry, slot, batch, index));
  }

  private execute(entry: StoreEntry, slot: JobConcurrency, batch: RunBatch, index: number): JobExecution {
    const run = batch.runs[index] as RunEntry;
    const context = new TaskRunContext(run, this.parts);
    const task = this.taskOf(batch.job) as TaskFunction;
    const execution = new JobExecution(this, entry, slot, batch, index, run, task, context);
    this.active.add(execution);
    return execution;
  }

  /** After a run: the next one of the same instance, or the end of the instance. */
  private proceed(execution: JobExecution): void {
    const { entry, slot, job, batch } = execution;
    const { runs } = batch;
    const next = nextUnsettled(runs, execution.index + 1);
    if (next !== undefined) {
      const held = slot.interrupted ?? this.reasonNotToProceed(job);
      if (held === null) {
        this.active.remove(execution);
        this.launch(entry, slot, batch, next);
        return;
      }
      this.parts.withdrawer.miss(entry, batch, next, held);
    }
    this.leave(execution);
  }

  private reasonNotToProceed(job: JobSpec): MissReason | null {
    if (this.mode !== 'running') return this.reasonToHold();
    return this.missingFor(job) === null ? null : 'executor removed';
  }

  /** The end of an instance: its place is free. */
  private leave(execution: JobExecution): void {
    const { entry, slot, job } = execution;
    this.active.remove(execution);
    slot.running--;
    this.advance(entry, slot);
    this.discardIfIdle(entry, slot, job);
    this.active.answerIfIdle();
  }

  /** Lets the next one in that waits for a place. */
  private advance(entry: StoreEntry, slot: JobConcurrency): void {
    for (let next = slot.waiting.shift(); next; next = slot.waiting.shift()) {
      const { job, runs } = next;
      const index = nextUnsettled(runs, 0);
      if (index === undefined) continue;
      const isHeld = isAsked(next)
        ? this.mode === 'closing' || this.missingFor(job) !== null
        : this.reasonNotToProceed(job);
      if (!isHeld) {
        this.parts.reporter.submitted(entry, job, runs, null, this.launcher.handsOver(job.executor));
        this.begin(entry, slot, next, index);
        return;
      }
      this.parts.withdrawer.miss(entry, next, 0, this.reasonNotToProceed(job) ?? 'shutdown');
    }
  }

  private discardIfIdle({ slots }: StoreEntry, slot: JobConcurrency, job: JobSpec): void {
    if (slot.running > 0 || slot.waiting.length > 0) return;
    if (slots.size > 0 && slots.get(job.id) === slot) slots.delete(job.id);
  }

  mayBegin(execution: JobExecution): boolean {
    const { entry, job, run, batch, index } = execution;
    const { clock, recorder, reporter, withdrawer } = this.parts;
    if (run.barred === 'node lost' || entry.store.leaseHolds?.() === false) return this.refuseLost(execution);
    // It was let in when it was handed over.
    if (run.isAdopted) {
      if (run.startedAt !== null) this.aborter.watch(execution);
      return true;
    }
    const now = clock.now();
    const held = this.reasonNotToBegin(execution);
    if (held !== null) {
      withdrawer.miss(entry, batch, index, held);
      this.leave(execution);
      return false;
    }
    const grace = job.misfireGraceTime;
    if (grace !== null && !isAsked(batch) && run.attempt === 1 && now - run.fireTime > grace * 1000) {
      reporter.missed(entry, run.leaveOut('missed', 'misfire', now));
      recorder.put(entry, run);
      this.proceed(execution);
      return false;
    }
    // A run that is handed over starts where it is handed to.
    if (run.state === 'handed_over') return true;
    run.startedAt = now;
    this.aborter.watch(execution);
    return true;
  }

  private refuseLost(execution: JobExecution): false {
    const { entry, job, run, batch } = execution;
    const outcome = nodeLostOutcome(job.id);
    if (run.state === 'handed_over') this.release(execution, outcome.error);
    else {
      this.parts.withdrawer.end(entry, run, batch.waiter, outcome);
      this.proceed(execution);
    }
    return false;
  }

  private reasonNotToBegin({ batch, slot }: JobExecution): MissReason | null {
    if (isAsked(batch)) return null;
    return slot.interrupted ?? (this.mode === 'running' ? null : this.reasonToHold());
  }

  started(execution: JobExecution): void {
    if (!execution.abortOutcome) this.aborter.watch(execution);
  }

  ended(execution: JobExecution, outcome: RunOutcome | null): void {
    execution.timeout?.cancel();
    if (outcome === null) return this.dropped(execution);
    this.endings.conclude(execution, outcome);
    this.launcher.confirmEnd(execution);
    this.proceed(execution);
  }

  private taskOf(job: JobSpec): TaskFunction | undefined {
    return job.handler ?? this.parts.tasks.get(job.task);
  }

  /** Why scheduled runs may not begin, when they may not. */
  private reasonToHold(): MissReason {
    return this.mode === 'paused' ? 'paused' : 'shutdown';
  }

  /** Its executor gave a run up before it began, or it was cancelled by then. */
  private dropped(execution: JobExecution): void {
    const { entry, slot, job, run, batch, index, abortOutcome } = execution;
    const { executors, withdrawer } = this.parts;
    // A run that has not started when the scheduler stops is missed, not cancelled: it is tried again.
    if (abortOutcome && abortOutcome.reason !== 'shutdown') {
      withdrawer.end(entry, run, batch.waiter, abortOutcome);
      this.proceed(execution);
      return;
    }
    const reason = executors.has(job.executor) ? this.reasonToHold() : 'executor removed';
    withdrawer.miss(entry, batch, index, slot.interrupted ?? reason);
    this.leave(execution);
  }
}

/** Where an instance goes on: past runs that were cancelled while they waited. */
function nextUnsettled(runs: readonly RunEntry[], from: number): number | undefined {
  for (let index = from; index < runs.length; index++) {
    if (!(runs[index] as RunEntry).settled) return index;
  }
  return undefined;
}
