import type { AuditTrail } from '../audit/audit-trail.js';
import type { Loop } from '../dispatch/loop.js';
import { ConflictingIdError, JobLookupError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_JOB_ADDED } from '../events.js';
import type { JobFactory } from './job-factory.js';
import type { JobInput } from './job-input.js';
import type { JobRecord } from '../model/job.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { StartJobs } from './start-jobs.js';

export interface JobIntakeParts {
  readonly trail: AuditTrail;
  readonly factory: JobFactory;
  readonly events: EventBus;
  readonly loop: Loop;
  readonly isStarted: () => boolean;
  /** Runs a job at once because it is to run at the start. False when that is not possible just now. */
  readonly runOnStart: (entry: StoreEntry, job: JobRecord) => boolean;
}

/** Brings new jobs into their stores. */
export class JobIntake {
  constructor(
    private readonly parts: JobIntakeParts,
    private readonly startJobs: StartJobs,
  ) {}

  /**
   * Adds a job, or lets it take the place of the one that has its id.
   *
   * @param answer - makes what is answered of the job as it is then: in the same step, for there may be a million.
   * @throws ConflictingIdError when it may not.
   */
  store<T>(
    entry: StoreEntry,
    record: JobRecord,
    input: JobInput,
    answer: (stored: JobRecord) => T | Promise<T>,
  ): Promise<T> {
    this.startJobs.note(entry, record);
    return entry.store.add(record, input.declares !== undefined).then(
      () => this.whenNoted(entry, record, null, input, answer),
      (error: unknown) => this.storeInstead(entry, record, input, error).then(answer),
    );
  }

  /** @param refusal - why it could not simply be added. */
  private async storeInstead(
    entry: StoreEntry,
    record: JobRecord,
    input: JobInput,
    refusal: unknown,
  ): Promise<JobRecord> {
    const { factory } = this.parts;
    const { store, alias } = entry;
    if (!(refusal instanceof ConflictingIdError)) throw refusal;
    if (!input.replaceExisting) throw new ConflictingIdError(record.id, alias);
    let before: JobRecord | undefined;
    let stored: JobRecord;
    try {
      stored = await store.update(record.id, (current) => factory.replace((before = current), record, input));
    } catch (error) {
      if (!(error instanceof JobLookupError)) throw error;
      // It went away between the two steps: add it after all.
      return this.store(entry, record, input, (added) => added);
    }
    return stored === before ? stored : this.whenNoted(entry, stored, before ?? null, input, (job) => job);
  }

  /** Tells everybody of a job that is in its store now. */
  private whenNoted<T>(
    entry: StoreEntry,
    job: JobRecord,
    before: JobRecord | null,
    { declares }: JobInput,
    answer: (stored: JobRecord) => T | Promise<T>,
  ): T | Promise<T> {
    const action = declares ? 'job.declare' : before ? 'job.replace' : 'job.add';
    const room = this.parts.trail.record(entry, { action, jobId: job.id, before, after: job });
    const stored = this.stored(entry, job);
    return room ? room.then(() => answer(stored)) : answer(stored);
  }

  private stored(entry: StoreEntry, job: JobRecord): JobRecord {
    const { events, loop } = this.parts;
    events.emit({ code: EVENT_JOB_ADDED, jobId: job.id, jobStore: entry.alias });
    if (job.nextRunTime !== null) loop.wake(job.nextRunTime, entry);
    this.runOnStart(entry, job);
    return job;
  }

  /** Adds jobs of one store in one step. @throws ConflictingIdError, and then none is added. */
  async storeAll(entry: StoreEntry, records: readonly JobRecord[]): Promise<void> {
    const { events, loop, trail } = this.parts;
    try {
      await entry.store.addMany(records);
    } catch (error) {
      throw error instanceof ConflictingIdError ? new ConflictingIdError(error.jobId, entry.alias) : error;
    }
    let first = Infinity;
    for (const record of records) {
      this.startJobs.note(entry, record);
      events.emit({ code: EVENT_JOB_ADDED, jobId: record.id, jobStore: entry.alias });
      first = Math.min(first, record.nextRunTime ?? Infinity);
    }
    if (first !== Infinity) loop.wake(first, entry);
    for (const record of records) this.runOnStart(entry, record);
    await trail.recordAdded(entry, records);
  }

  /** Added to a started scheduler: it runs at once, or when the scheduler goes on. */
  private runOnStart(entry: StoreEntry, job: JobRecord): void {
    const { isStarted, runOnStart } = this.parts;
    if (!job.runOnStart || job.paused || !isStarted()) return;
    if (!runOnStart(entry, job)) this.startJobs.demand(entry, job.id);
  }
}
