import type { Clock } from '../clock.js';
import { TaskFailedError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { JobSpec } from '../model/job.js';
import type { RunOutcome } from '../model/run-record.js';
import { RECOVERY_ATTEMPTS } from '../stores/job-store.js';
import { concludeRun } from './conclude-run.js';
import type { JobExecution } from './job-execution.js';
import type { RetryDecider } from './retry-decider.js';
import type { RunEntry } from './run-entry.js';
import type { RunLimits } from './run-limits.js';
import type { RunRecorder } from './run-recorder.js';
import type { RunReporter } from './run-reporter.js';
import type { StoreEntry } from './store-entry.js';

export interface RunEndingsParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RunLimits;
  readonly recorder: RunRecorder;
  readonly reporter: RunReporter;
  readonly retries: RetryDecider;
  /** A run of a job with `pauseAfterFailures` has ended. */
  readonly countOutcome: (entry: StoreEntry, job: JobSpec, run: RunEntry) => void;
  /** A run is lost with its worker, and is not tried again. */
  readonly lostForGood: (entry: StoreEntry, job: JobSpec) => void;
}

/** Records how executions ended, decides whether they are tried again, and tells those who wait for them. */
export class RunEndings {
  constructor(private readonly parts: RunEndingsParts) {}

  conclude(execution: JobExecution, outcome: RunOutcome): void {
    const { entry, job, run, abortOutcome, batch } = execution;
    const { waiter } = batch;
    const isTold = run.finishedAt !== null;
    const now = this.parts.clock.now();
    if (isTold && run.state === 'succeeded') return this.afterStop(execution, outcome);
    concludeRun(run, outcome, abortOutcome, now, this.parts.limits);
    const error = abortOutcome && run.state !== 'failed' ? abortOutcome.error : (outcome as { error?: unknown }).error;
    this.decideOnRetry(execution, error, now);
    this.parts.recorder.put(entry, run);
    if (job.pauseAfterFailures) this.parts.countOutcome(entry, job, run);
    if (run.state === 'succeeded') {
      const { returnValue } = outcome as { returnValue: unknown };
      this.parts.reporter.succeeded(execution, returnValue);
      waiter?.resolve(returnValue);
    } else if (!isTold) {
      this.parts.reporter.failed(execution, error);
      waiter?.reject(run.state === 'failed' ? new TaskFailedError(job.id, error) : error);
    }
  }

  private decideOnRetry({ batch, entry, job, run, slot }: JobExecution, error: unknown, now: number): void {
    const { lostForGood, retries } = this.parts;
    // Who waits for a run by hand sees how it went, and decides.
    const mayRetry = !batch.waiter && slot.interrupted !== 'removed';
    if (run.reason !== 'worker lost') {
      if (mayRetry) retries.decide(job, run, error, now);
      return;
    }
    if (mayRetry) retries.decideLost(job, run, entry.store.recoveryAttempts ?? RECOVERY_ATTEMPTS, now);
    if (run.retryAt === null) lostForGood(entry, job);
  }

  /** It has been recorded as succeeded when it stopped the scheduler. */
  private afterStop({ job, batch }: JobExecution, outcome: RunOutcome): void {
    if (outcome.state === 'succeeded') return batch.waiter?.resolve(outcome.returnValue);
    this.parts.logger.error(`Job "${job.id}" failed after it had stopped the scheduler`, outcome.error);
    batch.waiter?.reject(new TaskFailedError(job.id, outcome.error));
  }
}
