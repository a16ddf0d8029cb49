import type { Clock } from '../clock.js';
import { RunTimedOutError, SchedulerNotRunningError } from '../errors.js';
import type { Executor } from '../executors/executor.js';
import type { Logger } from '../logger.js';
import type { AbortReason } from '../model/run-record.js';
import { DAY_MS, SECOND_MS } from '../time/civil.js';
import { within } from '../util/deadline.js';
import { concludeRun, decide } from './conclude-run.js';
import { cancelledOutcome, lostOutcome, type AbortOutcome } from './abort-outcome.js';
import type { JobExecution } from './job-execution.js';
import type { RunLimits } from './run-limits.js';
import type { RunRecorder } from './run-recorder.js';
import type { RunReporter } from './run-reporter.js';

export interface AborterParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RunLimits;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly recorder: RunRecorder;
  readonly reporter: RunReporter;
  /** Called for a run that has not started, and will not. */
  readonly withdraw: (execution: JobExecution) => void;
}

/**
 * Aborts runs: on a time-out, on request, or when the scheduler stops. It can only abort their signal; a task that ignores it
 * counts towards `maxInstances` until it ends, and its record says so. Some executors end it (`endsWithinMs`).
 */
export class RunAborter {
  constructor(private readonly parts: AborterParts) {}

  /** Starts the time-out of a run that has started. */
  watch(execution: JobExecution): void {
    const { deadline, job } = execution;
    if (deadline === null) return;
    this.countDown(execution, job.timeout as number, Math.max(0, deadline - this.parts.clock.now()));
  }

  cancel(execution: JobExecution, reason: AbortReason): void {
    this.end(execution, cancelledOutcome(execution.job.id, reason));
  }

  /** Aborts a run because the scheduler stops. Runs that continue become lost. */
  stop(execution: JobExecution): void {
    this.end(execution, { state: 'cancelled', reason: 'shutdown', error: new SchedulerNotRunningError() });
  }

  /** Aborts a run because this node has lost its lease: another node may run it by now. */
  revoke(execution: JobExecution): void {
    this.end(execution, lostOutcome(execution.job.id, 'node lost'));
  }

  /** Records a run as lost because the scheduler ends before it. */
  lose(execution: JobExecution): void {
    if (execution.isOver || execution.run.finishedAt !== null) return;
    execution.abortOutcome = lostOutcome(execution.job.id, 'shutdown');
    this.declare(execution);
  }

  /** Records a run as succeeded that has stopped the scheduler, and with it who could say how the run ended. */
  conclude(execution: JobExecution): void {
    const { clock, limits, recorder, reporter } = this.parts;
    const { entry, run } = execution;
    if (execution.isOver || run.finishedAt !== null) return;
    execution.timeout?.cancel();
    concludeRun(run, { state: 'succeeded', returnValue: undefined }, null, clock.now(), limits);
    recorder.put(entry, run);
    reporter.succeeded(execution, undefined);
  }

  /** Waits for the end of a run that has been aborted: a turn of the event loop, or as long as its executor takes to end it. */
  async endOf(execution: JobExecution): Promise<void> {
    const { clock, executors } = this.parts;
    const endsWithinMs = executors.get(execution.job.executor)?.endsWithinMs;
    await (endsWithinMs === undefined ? clock.yield() : within(clock, endsWithinMs / SECOND_MS, execution.ended()));
  }

  /** In steps, since time-outs may exceed the limit of timers. */
  private countDown(execution: JobExecution, timeout: number, leftMs: number): void {
    const { id } = execution.job;
    const stepMs = Math.min(leftMs, DAY_MS);
    execution.timeout = this.parts.clock.setTimer(() => {
      if (leftMs > stepMs) this.countDown(execution, timeout, leftMs - stepMs);
      else this.end(execution, { state: 'timed_out', reason: 'timeout', error: new RunTimedOutError(id, timeout) });
    }, stepMs);
  }

  private end(execution: JobExecution, abortOutcome: AbortOutcome): void {
    if (execution.isOver || execution.abortOutcome) return;
    execution.abortOutcome = abortOutcome;
    execution.timeout?.cancel();
    execution.abort(abortOutcome.error);
    if (!execution.hasBegun) this.parts.withdraw(execution);
    else if (abortOutcome.reason !== 'shutdown') void this.declareUnlessOver(execution);
  }

  private async declareUnlessOver(execution: JobExecution): Promise<void> {
    // A task that reacts to its signal ends now, and is reported once, as ended.
    await this.endOf(execution);
    if (execution.isOver || execution.run.finishedAt !== null) return;
    this.declare(execution);
    this.parts.logger.warn(
      `A run of job "${execution.job.id}" goes on though its signal is aborted; it keeps its place until it ends`,
    );
  }

  private declare(execution: JobExecution): void {
    const { clock, recorder, reporter } = this.parts;
    const { entry, run, batch, abortOutcome } = execution;
    if (!abortOutcome) return;
    run.finishedAt = clock.now();
    decide(run, abortOutcome);
    recorder.put(entry, run);
    reporter.failed(execution, abortOutcome.error);
    batch.waiter?.reject(abortOutcome.error);
  }
}
