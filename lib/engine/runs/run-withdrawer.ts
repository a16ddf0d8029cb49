import type { Clock } from '../clock.js';
import { InvalidInputError, JobLookupError, RunCancelledError, SchedulerNotRunningError } from '../errors.js';
import type { JobSpec } from '../jobs/job.js';
import type { MissReason } from './run-record.js';
import { decide } from './conclude-run.js';
import type { AbortOutcome, RunWaiter } from './job-execution.js';
import type { RunBatch } from './job-concurrency.js';
import type { RunEntry } from './run-entry.js';
import type { RunRecorder } from './run-recorder.js';
import type { RunReporter } from './run-reporter.js';
import type { StoreEntry } from './store-entry.js';

export interface WithdrawerParts {
  readonly clock: Clock;
  readonly recorder: RunRecorder;
  readonly reporter: RunReporter;
}

/** Sees to runs that were handed out and will not begin: each is recorded and told with its reason. */
export class RunWithdrawer {
  constructor(private readonly parts: WithdrawerParts) {}

  /**
   * Runs that cannot begin now: their job is due for them again, unless it is gone, and a retry is still to be made.
   *
   * @param from - the first of the instance's runs that has not begun.
   */
  giveBack(entry: StoreEntry, { job, runs, next, waiter }: RunBatch, from: number, reason: MissReason): void {
    const { clock, recorder, reporter } = this.parts;
    const now = clock.now();
    const [first, ...others] = runs.slice(from).filter(({ settled }) => !settled);
    if (!first) return;
    first.leaveOut('missed', reason, now, (others.at(-1) ?? first).nominalTime);
    if (first.cause === 'retry' && reason !== 'removed') first.retryAt = now;
    reporter.missed(entry, first);
    if (first.cause === 'schedule' && reason !== 'removed') recorder.giveBack(entry, first, job.trigger, next);
    else recorder.put(entry, first);
    for (const run of others) {
      run.leaveOut('missed', reason, now).isAbsorbed = true;
      recorder.put(entry, run);
    }
    waiter?.reject(errorOf(job, reason));
  }

  /** Runs whose place a newer one has taken. */
  supersede(entry: StoreEntry, { job, runs, waiter }: RunBatch): void {
    const { clock, recorder, reporter } = this.parts;
    for (const run of runs) {
      if (run.settled) continue;
      recorder.put(entry, run.leaveOut('skipped', 'replaced', clock.now()));
      reporter.skipped(entry, job, run, [run.nominalTime]);
    }
    waiter?.reject(new RunCancelledError(job.id, 'replaced'));
  }

  /** A run that was told to end before it began. */
  end(entry: StoreEntry, run: RunEntry, waiter: RunWaiter | null, abortOutcome: AbortOutcome): void {
    decide(run, abortOutcome);
    run.settled = true;
    run.finishedAt = this.parts.clock.now();
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
