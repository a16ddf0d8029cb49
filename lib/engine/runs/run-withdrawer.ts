import type { Clock } from '../clock.js';
import { InvalidInputError, JobLookupError, RunCancelledError, SchedulerNotRunningError } from '../errors.js';
import type { JobSpec } from '../model/job.js';
import type { MissReason } from '../model/run-record.js';
import { decide } from './conclude-run.js';
import type { AbortOutcome } from './abort-outcome.js';
import type { RunWaiter, RunBatch } from './job-concurrency.js';
import type { RunEntry } from './run-entry.js';
import type { RunRecorder } from './run-recorder.js';
import type { RunReporter } from './run-reporter.js';
import type { StoreEntry } from './store-entry.js';

export interface WithdrawerParts {
  readonly clock: Clock;
  readonly recorder: RunRecorder;
  readonly reporter: RunReporter;
}

/** Closes claimed runs that will not start: each is recorded, and emits an event, with its reason. */
export class RunWithdrawer {
  constructor(private readonly parts: WithdrawerParts) {}

  /**
   * Runs that cannot start now: each is closed as missed. A scheduled one is retried at once, unless its job has been removed.
   *
   * @param from - the index of the batch's first run that has not started.
   */
  miss(entry: StoreEntry, { job, runs, waiter }: RunBatch, from: number, reason: MissReason): void {
    const { clock, recorder, reporter } = this.parts;
    const now = clock.now();
    for (const run of runs.slice(from)) {
      if (run.settled) continue;
      run.leaveOut('missed', reason, now);
      if ((run.cause === 'schedule' || run.cause === 'retry') && reason !== 'removed') run.retryAt = now;
      reporter.missed(entry, run);
      recorder.put(entry, run);
    }
    waiter?.reject(errorOf(job, reason));
  }

  /** Runs that a newer run replaces. */
  supersede(entry: StoreEntry, { job, runs, waiter }: RunBatch): void {
    const { clock, recorder, reporter } = this.parts;
    for (const run of runs) {
      if (run.settled) continue;
      recorder.put(entry, run.leaveOut('skipped', 'replaced', clock.now()));
      reporter.skipped(entry, job, run, [run.nominalTime]);
    }
    waiter?.reject(new RunCancelledError(job.id, 'replaced'));
  }

  /** A run that was aborted before it started. */
  end(entry: StoreEntry, run: RunEntry, waiter: RunWaiter | null, abortOutcome: AbortOutcome): void {
    const now = this.parts.clock.now();
    decide(run, abortOutcome);
    run.settled = true;
    run.finishedAt = now;
    // The store refuses this when another node has rescued the run; otherwise the run is still this node's to retry.
    if (abortOutcome.reason === 'node lost') run.retryAt = now;
    this.parts.recorder.put(entry, run);
    this.parts.reporter.failed({ entry, run }, abortOutcome.error);
    waiter?.reject(abortOutcome.error);
  }
}

function errorOf({ id, executor }: JobSpec, reason: MissReason): Error {
  if (reason === 'removed') return new JobLookupError(id);
  if (reason !== 'executor removed') return new SchedulerNotRunningError();
  const problem = `"${executor}" was removed before the run began`;
  return new InvalidInputError(`Job "${id}" did not run`, [{ field: 'executor', problem }]);
}
