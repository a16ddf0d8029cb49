import type { Clock } from '../clock.js';
import type { EventBus } from '../event-bus.js';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
} from '../events.js';
import { messageOf, stackOf } from '../util/inspect.js';
import type { JobSpec } from '../model/job.js';
import type { Logger } from '../logger.js';
import type { MissReason, SkipReason } from '../model/run-record.js';
import type { RunPlan } from '../stores/job-store.js';
import type { JobExecution } from './job-execution.js';
import { placesOf } from './job-concurrency.js';
import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

/** How many failing jobs are remembered. Beyond, the oldest one's next failure counts as a first. */
const MAX_EPISODES = 1000;

/** How many different messages of a series of failures are logged at once; each further one waits for a minute. */
const MAX_MESSAGES = 10;
const NEXT_MESSAGE_MS = 60_000;
const MAX_MESSAGE_LENGTH = 200;

/** How long a job's further skips are only counted. */
const SKIPS_MS = 60_000;

/** Failures of a job in a row. */
interface FailureSeries {
  count: number;
  /** The latest messages that were logged, and when the last of them was. */
  readonly messages: string[];
  loggedAt: number;
}

/** Tells listeners and the log what becomes of runs. */
export class RunReporter {
  private readonly failing = new Map<string, FailureSeries>();
  private readonly skipping = new Map<string, { loggedAt: number; count: number }>();

  constructor(
    private readonly events: EventBus,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  submitted(
    entry: StoreEntry,
    job: JobSpec,
    runs: readonly RunEntry[],
    coalescedFrom: number | null,
    isHandedOver: boolean,
  ): void {
    if (!this.events.wants(EVENT_JOB_SUBMITTED)) return;
    const [first] = runs;
    const scheduledRunTimes =
      first && runs.length === 1 ? [first.nominalTime] : runs.map(({ nominalTime }) => nominalTime);
    this.events.emit({
      code: EVENT_JOB_SUBMITTED,
      jobId: job.id,
      jobStore: entry.alias,
      scheduledRunTimes,
      runIds: first && runs.length === 1 ? [first.id] : runs.map(({ id }) => id),
      coalescedFrom,
      ...(isHandedOver && { handedOver: true }),
    });
  }

  /** Fire times of a plan that are not run. */
  leftOut(entry: StoreEntry, job: JobSpec, { leftOut, skippedTimes }: RunPlan<RunEntry>): void {
    for (const run of leftOut) {
      // The run that stands for them reports them.
      if (run.reason === 'coalesced') continue;
      if (run.state === 'missed') this.missed(entry, run);
      else this.skipped(entry, job, run, skippedTimes ?? [run.nominalTime]);
    }
  }

  skipped(entry: StoreEntry, job: JobSpec, run: RunEntry, scheduledRunTimes: readonly number[]): void {
    const reason = run.reason as SkipReason;
    // One line an episode: a record that has grown was logged before.
    if (run.lastNominalTime === scheduledRunTimes.at(-1) && run.nominalTime === scheduledRunTimes[0]) {
      this.logSkip(`${entry.alias}/${job.id}`, `Run of job "${job.id}" skipped: ${inWords(reason, job)}`);
    }
    this.events.emit({
      code: EVENT_JOB_MAX_INSTANCES,
      jobId: job.id,
      jobStore: entry.alias,
      scheduledRunTimes,
      runIds: [run.id],
      coalescedFrom: null,
      reason,
    });
  }

  /** A job that is too slow for its schedule says so once a minute. */
  private logSkip(key: string, message: string): void {
    const now = this.clock.now();
    const known = this.skipping.get(key);
    if (known && Math.abs(now - known.loggedAt) < SKIPS_MS) {
      known.count++;
      return;
    }
    const others = known && known.count > 0 ? `; ${known.count} more since the last such line` : '';
    this.logger.warn(message + others);
    this.skipping.delete(key);
    if (this.skipping.size >= MAX_EPISODES) this.skipping.delete(this.skipping.keys().next().value as string);
    this.skipping.set(key, { loggedAt: now, count: 0 });
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

  succeeded({ entry, run }: Pick<JobExecution, 'entry' | 'run'>, returnValue: unknown): void {
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

  /** The first of a series with all its details, and those with another message; the rest only at level debug. */
  private logFailure(entry: StoreEntry, run: RunEntry, error: unknown): void {
    const what = `Job "${run.jobId}" ${WORDS[run.state as keyof typeof WORDS]}`;
    if (run.state === 'cancelled') return this.logger.warn(`${what}: ${run.reason}`);
    if (run.state === 'lost') return this.logger.error(what, error);
    const key = JSON.stringify([entry.alias, run.jobId]);
    const series = this.seriesOf(key);
    series.count++;
    const times = series.count === 1 ? '' : `, ${series.count} times in a row`;
    const after = run.retryAt === null ? '' : `; it is tried again at ${isoOf(run.retryAt)}`;
    if (this.isNews(series, error)) this.logger.error(what + times + after, error);
    else this.logger.debug(what + times + after);
  }

  private seriesOf(key: string): FailureSeries {
    const known = this.failing.get(key);
    if (known) return known;
    // Jobs that run once fail once, and are gone: they must not add up.
    if (this.failing.size >= MAX_EPISODES) this.failing.delete(this.failing.keys().next().value as string);
    const series = { count: 0, messages: [], loggedAt: 0 };
    this.failing.set(key, series);
    return series;
  }

  /** Whether the log has not had this failure's message, and may have it now. */
  private isNews(series: FailureSeries, error: unknown): boolean {
    const { messages } = series;
    const now = this.clock.now();
    const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH);
    if (messages.includes(message)) return false;
    if (messages.length === MAX_MESSAGES) {
      if (Math.abs(now - series.loggedAt) < NEXT_MESSAGE_MS) return false;
      messages.shift();
    }
    messages.push(message);
    series.loggedAt = now;
    return true;
  }

  private recovered({ alias }: StoreEntry, { jobId }: RunEntry): void {
    const key = JSON.stringify([alias, jobId]);
    const series = this.failing.get(key);
    if (series === undefined) return;
    this.failing.delete(key);
    this.logger.info(`Job "${jobId}" succeeds again, after ${series.count} failure(s)`);
  }
}

const WORDS = { failed: 'failed', timed_out: 'timed out', cancelled: 'was cancelled', lost: 'was lost' } as const;

function inWords(reason: SkipReason, job: JobSpec): string {
  if (reason === 'queue full') return `${job.maxQueued} run(s) wait already, its maxQueued`;
  if (reason === 'replaced') return 'a newer one took its place';
  const limit = job.overlap === 'allow' ? 'the most that any job may' : 'its maxInstances';
  return `it is running ${placesOf(job)} time(s) already, ${limit}`;
}

function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
