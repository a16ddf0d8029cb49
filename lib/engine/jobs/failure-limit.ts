import { NOBODY } from '../audit/acting.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { Clock } from '../clock.js';
import { JobLookupError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { JobRecord, JobSpec } from '../model/job.js';
import type { RunRecord } from '../model/run-record.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { withoutFailures } from './job-attributes.js';
import type { JobDirectory } from './job-directory.js';
import type { JobFactory } from './job-factory.js';

export interface FailureLimitParts {
  readonly clock: Clock;
  readonly directory: JobDirectory;
  readonly factory: JobFactory;
  readonly logger: Logger;
  readonly trail: AuditTrail;
}

/**
 * Pauses jobs that have failed too often in a row (`pauseAfterFailures`). The count is part of the job: it goes on over
 * restarts and on other nodes, and only jobs with such a limit that fail cost a write.
 */
export class FailureLimit {
  /** Jobs that have failed here: what a run knows of its job may be older than the failure. */
  private readonly failing = new Set<string>();

  constructor(private readonly parts: FailureLimitParts) {}

  /** Counts a run that has ended. One that is retried has not failed yet, and who runs a job by hand sees how it went. */
  count(entry: StoreEntry, job: JobSpec, { cause, retryAt, state }: RunRecord): void {
    if (cause === 'manual' || retryAt !== null) return;
    const key = JSON.stringify([entry.alias, job.id]);
    const hasFailed = state === 'failed' || state === 'timed_out';
    if (!hasFailed && (state !== 'succeeded' || (job.failures === undefined && !this.failing.has(key)))) return;
    if (hasFailed) this.failing.add(key);
    else this.failing.delete(key);
    const { clock, logger } = this.parts;
    const counted = (hasFailed ? this.addFailure(entry, job.id) : this.forgive(entry, job.id)).catch(
      (error: unknown) => {
        this.failing.delete(key);
        // Its last run: nothing is left to pause.
        if (error instanceof JobLookupError) return;
        logger.error(`A failure of job "${job.id}" could not be counted`, error);
      },
    );
    clock.track?.(counted);
  }

  /**
   * Pauses a job that has nothing left: its last run was lost, and it is not known whether its work is done. One that has a next time
   * goes on.
   */
  park(entry: StoreEntry, id: string): void {
    const { clock, logger } = this.parts;
    let isParked = false;
    let before: JobRecord | undefined;
    const update = entry.store.update(id, (current) => {
      before = current;
      isParked = current.nextRunTime === null && !current.paused;
      return isParked ? { ...current, paused: true } : current;
    });
    const told = update.then(
      (record) => {
        if (!isParked) return;
        this.parts.directory.changed(entry, record, before);
        logger.error(`Job "${id}" is paused: its last run was lost with its worker, as often as it may be tried`);
      },
      (error: unknown) => {
        if (!(error instanceof JobLookupError)) logger.error(`Job "${id}" could not be paused`, error);
      },
    );
    clock.track?.(told);
  }

  private async addFailure(entry: StoreEntry, id: string): Promise<void> {
    const { directory, factory, logger, trail } = this.parts;
    let count = 0;
    let isLimit = false;
    let before: JobRecord | undefined;
    const record = await entry.store.update(id, (current) => {
      before = current;
      const { failures = 0, pauseAfterFailures: limit } = current;
      if (!limit) return withoutFailures(current);
      count = failures + 1;
      const counted = { ...current, failures: count };
      isLimit = count >= limit && !current.paused;
      return isLimit
        ? factory.pause(counted, { reason: 'failures', note: `It failed ${count} times in a row` })
        : counted;
    });
    // A count alone is not an event.
    if (!isLimit) return;
    directory.changed(entry, record, before);
    const by = { ...NOBODY, note: record.pause?.note ?? null };
    await trail.record(entry, { action: 'job.pause', jobId: id, before, after: record, by });
    logger.warn(`Job "${id}" is paused: it failed ${count} times in a row`);
  }

  private async forgive(entry: StoreEntry, id: string): Promise<void> {
    await entry.store.update(id, withoutFailures);
  }
}
