import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.js';
import { RunLostError, SchedulerNotRunningError, TaskFailedError } from '../errors.js';
import type { Executor } from '../executors/executor.js';
import type { Logger } from '../logger.js';
import type { JobSpec } from '../model/job.js';
import type { GivenArguments, RunOutcome } from '../model/run-record.js';
import type { AdoptedRun } from '../stores/job-store.js';
import { UnheldRuns } from '../stores/unheld-runs.js';
import { messageOf } from '../util/inspect.js';
import { concludeRun } from './conclude-run.js';
import type { Dispatcher } from './dispatcher.js';
import type { JobExecution } from './job-execution.js';
import { RunEntry, type RunMaker } from './run-entry.js';
import type { RunLimits } from './run-limits.js';
import type { RunRecorder } from './run-recorder.js';
import type { RunReporter } from './run-reporter.js';
import type { StoreEntry } from './store-entry.js';

export interface HandedOverParts {
  readonly scope: AsyncResource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RunLimits;
  readonly maker: RunMaker;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly dispatcher: Dispatcher;
  readonly recorder: RunRecorder;
  readonly reporter: RunReporter;
}

/**
 * The runs that have left this process: a queue has them, for example. This node watches those that stand under its lease, and
 * takes up those that others have left.
 */
export class HandedOverRuns {
  /** Runs that this node watches, and that no longer stand under its lease. */
  private readonly adoptedElsewhere = new WeakMap<StoreEntry, UnheldRuns>();

  private leaving: Promise<void> = Promise.resolve();

  constructor(private readonly parts: HandedOverParts) {}

  /** Watches a run that this node has adopted. Its executor finds out how it stands. */
  adopt(entry: StoreEntry, { run: record, job }: AdoptedRun): void {
    const { dispatcher, scope } = this.parts;
    const run = RunEntry.adopt(this.parts.maker, record);
    if (job === null) return this.giveUp(entry, run);
    const execution = dispatcher.adopt(entry, jobOf(run, job), run);
    scope.runInAsyncScope(() => dispatcher.launcher.submit(execution));
  }

  /** Ends a run that this node has adopted because it has the outcome. */
  adoptEnded(entry: StoreEntry, { run: record, job }: AdoptedRun, outcome: RunOutcome): void {
    const run = RunEntry.adopt(this.parts.maker, record);
    if (job === null) this.concludeWithoutJob(entry, run, outcome);
    else this.parts.dispatcher.adopt(entry, jobOf(run, job), run).settle(outcome);
  }

  /**
   * Ends a run that this node watches.
   *
   * @returns whether it watches it.
   */
  settle(runId: string, outcome: RunOutcome): boolean {
    const execution = this.watched.find(({ run }) => run.id === runId);
    if (!execution) return false;
    // It may stand in a queue still.
    this.parts.executors.get(execution.job.executor)?.release?.(execution);
    execution.settle(outcome);
    return true;
  }

  /** Whether the runs of an executor leave the process. */
  isFor(executor: string): boolean {
    return this.parts.dispatcher.launcher.handsOver(executor);
  }

  /** Lets go of runs that their store has given to others, or will. @param errorOf - what a caller hears that waits for a run of a job. */
  release(predicate: (execution: JobExecution) => boolean, errorOf: (jobId: string) => Error): readonly JobExecution[] {
    const released = this.watched.filter(predicate);
    for (const execution of released) this.parts.dispatcher.release(execution, errorOf(execution.job.id));
    return released;
  }

  /**
   * Lets go of runs, for others to adopt them at once, or this node when it goes on.
   *
   * @returns when their stores know. Never rejects.
   */
  leave(predicate: (execution: JobExecution) => boolean = () => true): Promise<void> {
    const left = this.release(predicate, () => new SchedulerNotRunningError());
    if (left.length > 0) this.leaving = Promise.all([this.leaving, this.tellStores(left)]).then(() => undefined);
    return this.leaving;
  }

  /** Resolves when the stores know what this node has left. Never rejects. */
  left(): Promise<void> {
    return this.leaving;
  }

  private async tellStores(left: readonly JobExecution[]): Promise<void> {
    const { logger, recorder } = this.parts;
    // One may not be recorded as handed over yet.
    await recorder.flushed();
    for (const entry of new Set(left.map((execution) => execution.entry))) {
      const ids = left.filter((execution) => execution.entry === entry).map(({ run }) => run.id);
      if (!entry.open || !entry.store.capabilities.shared) continue;
      // The store notices by itself after three heartbeats.
      await entry.store.leaveRuns?.(ids).catch((error: unknown) => {
        logger.debug(`Job store "${entry.alias}" was not told what this node has left: ${messageOf(error)}`);
      });
    }
  }

  /** Looks for runs that another node has adopted: see {@link StoreContext.runsUnderLease}. */
  async compareWithLease(entry: StoreEntry, ids: ReadonlySet<string>): Promise<void> {
    const watched = this.watched.filter((execution) => execution.entry === entry);
    let elsewhere = this.adoptedElsewhere.get(entry);
    if (!elsewhere) this.adoptedElsewhere.set(entry, (elsewhere = new UnheldRuns()));
    const gone = new Set(
      elsewhere.compare(
        Array.from(watched, ({ run }) => run.id),
        ids,
      ),
    );
    for (const execution of watched) if (gone.has(execution.run.id)) await this.leaveToOthers(execution);
  }

  /** Also those whose end has been recorded, and that go on all the same. */
  private get watched(): readonly JobExecution[] {
    const isWatched = ({ isOver, job, run }: JobExecution): boolean =>
      !isOver && (run.state === 'handed_over' || (run.finishedAt !== null && this.isFor(job.executor)));
    return this.parts.dispatcher.active.list().filter(isWatched);
  }

  /** Another node watches the run, or has settled it: then who waits for it hears how it ended. */
  private async leaveToOthers(execution: JobExecution): Promise<void> {
    const { batch, entry, job, run } = execution;
    const record = batch.waiter === null ? undefined : await entry.store.getRun(run.id).catch(() => undefined);
    if (record?.state === 'succeeded') batch.waiter?.resolve(record.result);
    const error = record?.error ? new TaskFailedError(job.id, record.error) : new RunLostError(job.id);
    this.parts.dispatcher.release(execution, error);
  }

  /** Its job is gone, and with it the arguments that it would be published with. */
  private giveUp(entry: StoreEntry, run: RunEntry): void {
    this.concludeWithoutJob(entry, run, { state: 'lost', error: new RunLostError(run.jobId) });
  }

  private concludeWithoutJob(entry: StoreEntry, run: RunEntry, outcome: RunOutcome): void {
    const { clock, limits, recorder, reporter } = this.parts;
    concludeRun(run, outcome, null, clock.now(), limits);
    recorder.put(entry, run);
    if (outcome.state === 'succeeded') reporter.succeeded({ entry, run }, outcome.returnValue);
    else reporter.failed({ entry, run }, outcome.error);
  }
}

/** The job as the run was made for it: it may have another executor by now. */
function jobOf({ executor, given }: RunEntry, job: JobSpec): JobSpec {
  return { ...withGiven(job, given), executor: executor ?? job.executor };
}

/** A job with the arguments that a run by hand was given. */
export function withGiven(job: JobSpec, given: GivenArguments | null): JobSpec {
  return given ? { ...job, ...given } : job;
}
