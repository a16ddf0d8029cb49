import type { EventBus } from '../event-bus.js';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
} from '../events.js';
import { stackOf } from '../util/inspect.js';
import type { JobSpec } from '../jobs/job.js';
import type { Logger } from '../logger.js';
import type { MissReason, SkipReason } from './run-record.js';
import type { RunPlan } from '../stores/job-store.js';
import type { JobExecution } from './job-execution.js';
import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

/** How many failing jobs are told apart. Beyond, the oldest one's next failure counts as a first. */
const MAX_EPISODES = 1000;

/** Tells listeners and the log what becomes of runs. */
export class RunReporter {
  /** Jobs whose runs fail, and how many have in a row. */
  private readonly failing = new Map<string, number>();

  constructor(
    private readonly events: EventBus,
    private readonly logger: Logger,
  ) {}

  submitted(entry: StoreEntry, job: JobSpec, runs: readonly RunEntry[], coalescedFrom: number | null): void {
    if (!this.events.wants(EVENT_JOB_SUBMITTED)) return;
    const [first] = runs;
    const scheduledRunTimes =
      first && runs.length === 1 ? [first.nominalTime] : runs.map(({ nominalTime }) => nominalTime);
    this.events.emit({
      code: EVENT_JOB_SUBMITTED,
      jobId: job.id,
      jobStore: entry.alias,
      scheduledRunTimes,
      coalescedFrom,
    });
  }

  /** Times of a plan that nobody runs for. */
  leftOut(entry: StoreEntry, job: JobSpec, { leftOut, skippedTimes }: RunPlan): void {
    for (const run of leftOut) {
      // Told by the run that makes up for them.
      if (run.reason === 'coalesced') continue;
      if (run.state === 'missed') this.missed(entry, run);
      else this.skipped(entry, job, run, skippedTimes ?? [run.nominalTime]);
    }
  }

  skipped(entry: StoreEntry, job: JobSpec, run: RunEntry, scheduledRunTimes: readonly number[]): void {
    const reason = run.reason as SkipReason;
    // One line an episode: a record that has grown was told of before.
    if (run.lastNominalTime === scheduledRunTimes.at(-1) && run.nominalTime === scheduledRunTimes[0]) {
      this.logger.warn(`Run of job "${job.id}" skipped: ${inWords(reason, job)}`);
    }
    this.events.emit({
      code: EVENT_JOB_MAX_INSTANCES,
      jobId: job.id,
      jobStore: entry.alias,
      scheduledRunTimes,
      coalescedFrom: null,
      reason,
    });
  }

  /** A run, or a range of them, was not made. */
  missed({ alias }: StoreEntry, run: RunEntry): void {
    const { id, jobId, nominalTime: from, lastNominalTime: to } = run;
    const times = from === to ? isoOf(from) : `${isoOf(from)} to ${isoOf(to)}`;
    const reason = run.reason as MissReason;
    this.logger.warn(`Run of job "${jobId}" for ${times} was missed: ${reason}`);
    this.events.emit({
      code: EVENT_JOB_MISSED,
      jobId,
      jobStore: alias,
      runId: id,
      scheduledRunTime: from,
      lastScheduledRunTime: to,
      reason,
    });
  }

  succeeded({ entry, run }: JobExecution, returnValue: unknown): void {
    if (this.failing.size > 0) this.recovered(entry, run);
    if (!this.events.wants(EVENT_JOB_EXECUTED)) return;
    this.events.emit({
      code: EVENT_JOB_EXECUTED,
      jobId: run.jobId,
      jobStore: entry.alias,
      runId: run.id,
      scheduledRunTime: run.nominalTime,
      attempt: run.attempt,
      returnValue,
    });
  }

  /** A run did not succeed. */
  failed({ entry, run }: Pick<JobExecution, 'entry' | 'run'>, error: unknown): void {
    this.logFailure(entry, run, error);
    this.events.emit({
      code: EVENT_JOB_ERROR,
      jobId: run.jobId,
      jobStore: entry.alias,
      runId: run.id,
      scheduledRunTime: run.nominalTime,
      state: run.state as 'failed' | 'timed_out' | 'cancelled' | 'lost',
      attempt: run.attempt,
      retryAt: run.retryAt,
      exception: error,
      traceback: stackOf(error),
    });
  }

  /** The first of an episode with all its details, the others for those who look closely: the history has them all. */
  private logFailure(entry: StoreEntry, run: RunEntry, error: unknown): void {
    const what = `Job "${run.jobId}" ${WORDS[run.state as keyof typeof WORDS]}`;
    if (run.state === 'cancelled') return this.logger.warn(`${what}: ${run.reason}`);
    if (run.state === 'lost') return this.logger.error(what, error);
    const key = JSON.stringify([entry.alias, run.jobId]);
    const before = this.failing.get(key) ?? 0;
    this.count(key, before + 1);
    const after = run.retryAt === null ? '' : `; it is tried again at ${isoOf(run.retryAt)}`;
    if (before > 0) this.logger.debug(`${what}, ${before + 1} times in a row${after}`);
    else this.logger.error(what + after, error);
  }

  private count(key: string, failures: number): void {
    // Jobs that run once fail once, and are gone: they must not add up.
    if (this.failing.size >= MAX_EPISODES && !this.failing.has(key))
      this.failing.delete(this.failing.keys().next().value as string);
    this.failing.set(key, failures);
  }

  private recovered({ alias }: StoreEntry, { jobId }: RunEntry): void {
    const key = JSON.stringify([alias, jobId]);
    const failures = this.failing.get(key);
    if (failures === undefined) return;
    this.failing.delete(key);
    this.logger.info(`Job "${jobId}" succeeds again, after ${failures} failure(s)`);
  }
}

const WORDS = { failed: 'failed', timed_out: 'timed out', cancelled: 'was cancelled', lost: 'was lost' } as const;

function inWords(reason: SkipReason, { maxInstances, maxQueued }: JobSpec): string {
  if (reason === 'queue full') return `${maxQueued} run(s) wait already, its maxQueued`;
  if (reason === 'replaced') return 'a newer one took its place';
  return `it is running ${maxInstances} time(s) already, its maxInstances`;
}

function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
