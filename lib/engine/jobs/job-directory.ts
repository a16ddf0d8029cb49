import { NOBODY } from '../audit/acting.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { AuditAction } from '../model/audit.js';
import type { Clock } from '../clock.js';
import type { Loop } from '../dispatch/loop.js';
import { ConflictingIdError, JobCompletedError, JobLookupError, JobUnreadableError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_ALL_JOBS_REMOVED, EVENT_JOB_MODIFIED, EVENT_JOB_REMOVED } from '../events.js';
import type { JobFactory } from './job-factory.js';
import { JobIntake } from './job-intake.js';
import type { JobInput } from './job-input.js';
import type { JobPlacement, NewJob } from './job-placement.js';
import type { Job, JobRecord } from '../model/job.js';
import { pendingJobOf, type JobViews } from './job-view.js';
import type { Logger } from '../logger.js';
import { PendingJobs, type PendingJob } from './pending-jobs.js';
import type { Runner } from '../runs/runner.js';
import { jobsUnderWay, type StoreEntry } from '../runs/store-entry.js';
import { StoredJobs } from './stored-jobs.js';
import { StartJobs, type StartRun } from './start-jobs.js';
import type { OnUnreadable, UnreadableJob } from '../model/unreadable-job.js';

export interface DirectoryParts {
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly placement: JobPlacement;
  readonly factory: JobFactory;
  readonly events: EventBus;
  readonly logger: Logger;
  readonly runner: Runner;
  readonly views: JobViews;
  readonly loop: Loop;
  /** Whether jobs go to their stores at once, and not only at the start. */
  readonly isStarted: () => boolean;
  /** A job that is to run at the start has come to a started scheduler. */
  readonly runOnStart: StartRun;
}

/**
 * All jobs of a scheduler: those in its stores, and those that wait for its start. While the start moves the waiting
 * ones, everything else waits for it: a job is never in neither place, nor in both.
 */
export class JobDirectory {
  private readonly pending = new PendingJobs();
  private moving: Promise<void> | null = null;
  readonly startJobs: StartJobs;
  private readonly intake: JobIntake;
  private readonly stored: StoredJobs;

  private readonly views: JobViews;

  constructor(private readonly parts: DirectoryParts) {
    this.views = parts.views;
    this.startJobs = new StartJobs(parts.logger);
    this.stored = new StoredJobs(parts.stores);
    this.intake = new JobIntake(parts, this.startJobs);
  }

  /**
   * Adds a job to its store; before the start, to those that wait for it. What cannot be added to any is thrown at once.
   *
   * @throws InvalidInputError, ConflictingIdError
   */
  add(input: NewJob): Promise<Job> {
    const entry = this.parts.placement.storeFor(input);
    const record = this.parts.factory.create(input);
    return !this.moving && this.parts.isStarted()
      ? this.addStored(entry, record, input)
      : this.addAroundStart(entry, record, input);
  }

  /** Not an async function, nor are those that it calls: a million jobs wait for each of their steps. */
  private addStored(entry: StoreEntry, record: JobRecord, input: NewJob): Promise<Job> {
    return this.intake.store<Job>(entry, record, input, (stored) =>
      stored === record ? this.views.of(stored, entry, null) : this.views.afterChange(stored, entry),
    );
  }

  private async addAroundStart(entry: StoreEntry, record: JobRecord, input: NewJob): Promise<Job> {
    for (;;) {
      while (this.moving) await this.moving;
      if (this.parts.isStarted()) return this.addStored(entry, record, input);
      const stored = entry.open ? await this.stored.read(entry, record.id) : undefined;
      // The start may have come while the store was looking.
      if (!this.moving && !this.parts.isStarted()) return this.addPending(entry, record, input, stored);
    }
  }

  /**
   * Adds jobs: all of them, or none.
   *
   * @throws InvalidInputError; ConflictingIdError when an id is taken, or comes twice.
   */
  async addAll(inputs: readonly NewJob[]): Promise<readonly Job[]> {
    while (this.moving) await this.moving;
    const isPlain = this.parts.isStarted() && inputs.every(({ replaceExisting }) => !replaceExisting);
    if (isPlain) return this.addPlain(inputs);
    await this.assertAddable(inputs);
    const jobs: Job[] = [];
    for (const input of inputs) jobs.push(await this.add(input));
    return jobs;
  }

  /**
   * Moves the jobs that wait for the start to their stores.
   *
   * @param then - called in the same step as the last of them has moved: from there on jobs go to their stores.
   * @throws the signal's reason when it is aborted; what has not moved stays.
   */
  async flushPending(then: () => void, signal: AbortSignal): Promise<void> {
    const move = async (): Promise<void> => {
      for (const pending of this.pending.list()) {
        // Kept until its store has it: a start that fails can be tried again.
        await this.flush(pending);
        this.pending.remove(pending);
        signal.throwIfAborted();
      }
      then();
    };
    const moved = move();
    const moving = (this.moving = moved.catch(() => undefined));
    try {
      await moved;
    } finally {
      // One that was given up may end while another is under way.
      if (this.moving === moving) this.moving = null;
    }
  }

  async get(id: string, jobStore?: string): Promise<Job | undefined> {
    while (this.moving) await this.moving;
    const pending = this.pending.find(id, jobStore);
    if (pending) return pendingJobOf(pending);
    for (const entry of this.stored.entries(jobStore)) {
      const record = await this.stored.read(entry, id);
      if (record) return this.views.withLastRun(record, entry);
    }
    return undefined;
  }

  /** The jobs that wait for the start, in the order of their adding. */
  async pendingJobs(jobStore?: string): Promise<readonly Job[]> {
    while (this.moving) await this.moving;
    return this.pending.list(jobStore).map(pendingJobOf);
  }

  /**
   * @param which - `declared`: those in stores that some program has declared.
   * @param onUnreadable - called with each job that cannot be read.
   */
  async list(jobStore?: string, which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly Job[]> {
    const pendingJobs = await this.pendingJobs(jobStore);
    const jobs: Job[] = which ? [] : [...pendingJobs];
    for (const entry of this.stored.entries(jobStore)) {
      // One that waits for the start will take the place of the one in the store.
      const { alias } = entry;
      const unreadable = onUnreadable && ((job: UnreadableJob): void => onUnreadable({ ...job, jobStore: alias }));
      const records = (await entry.store.list(which, unreadable)).filter(({ id }) => !this.pending.find(id, alias));
      for (const job of await this.views.withLastRuns(records, entry)) jobs.push(job);
    }
    return jobs;
  }

  /**
   * Changes a job in one step.
   *
   * @param action - what the audit trail calls it.
   * @param change - may throw, and nothing is changed.
   * @param timeGiven - for a pending job: whether the change says its next run time.
   * @param cancelsRunning - whether a pause cancels what is under way.
   * @throws JobLookupError
   */
  async change(
    id: string,
    jobStore: string | undefined,
    action: AuditAction,
    change: (current: JobRecord) => JobRecord,
    timeGiven?: boolean,
    cancelsRunning?: boolean,
  ): Promise<Job> {
    while (this.moving) await this.moving;
    const pending = this.pending.find(id, jobStore);
    if (pending) {
      const record = change(pending.record);
      const isTimeGiven = timeGiven ?? (pending.timeGiven || record.paused);
      if (record === pending.record) return pendingJobOf(pending);
      const changed = { ...pending, record, timeGiven: isTimeGiven };
      this.pending.set(changed);
      this.parts.events.emit({ code: EVENT_JOB_MODIFIED, jobId: id, jobStore: pending.jobStore });
      return pendingJobOf(changed);
    }
    const entry = await this.stored.locate(id, jobStore);
    let before: JobRecord | undefined;
    const record = await this.stored.update(entry, id, (current) => change((before = current)));
    if (cancelsRunning && record.paused) this.parts.runner.interrupt(entry, id, 'paused', cancelsRunning);
    if (record !== before) {
      this.changed(entry, record, before);
      await this.parts.trail.record(entry, { action, jobId: id, before, after: record });
    }
    return this.views.afterChange(record, entry);
  }

  /** Tells everybody that a job has been changed. */
  changed(entry: StoreEntry, record: JobRecord, before: JobRecord | undefined): void {
    const { events, loop, runner } = this.parts;
    if (record.paused) runner.interrupt(entry, record.id, 'paused');
    events.emit({ code: EVENT_JOB_MODIFIED, jobId: record.id, jobStore: entry.alias });
    if (record.nextRunTime !== null) loop.wake(record.nextRunTime, entry);
    this.startJobs.note(entry, record);
    // Retries may have waited for this.
    if (before?.paused && !record.paused) loop.wake(-Infinity, entry);
  }

  /** Also one that cannot be read. @throws JobLookupError */
  async remove(id: string, jobStore?: string, cancelsRunning?: boolean): Promise<void> {
    while (this.moving) await this.moving;
    const pending = this.pending.find(id, jobStore);
    if (pending) this.pending.remove(pending);
    const entries = this.stored.entries(pending ? undefined : jobStore);
    const those = pending ? entries.filter(({ alias }) => alias === pending.jobStore) : entries;
    const before = this.parts.trail.isRecorded ? await this.stored.findReadable(id, those) : undefined;
    const entry = await this.stored.remove(id, those);
    if (entry) this.parts.runner.interrupt(entry, id, 'removed', cancelsRunning);
    if (!entry && !pending) throw new JobLookupError(id, jobStore);
    const alias = entry?.alias ?? pending?.jobStore ?? 'default';
    this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore: alias });
    if (entry) await this.parts.trail.record(entry, { action: 'job.remove', jobId: id, before });
  }

  /** Removes a stored job, which is not declared any more, if it is meant as it stands then. */
  async removeIf(id: string, jobStore: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    const entry = this.parts.stores.get(jobStore);
    let before: JobRecord | undefined;
    const isMeant = (current: JobRecord): boolean => predicate((before = current));
    if (!entry || !(await entry.store.removeIf(id, isMeant))) return false;
    this.parts.runner.interrupt(entry, id, 'removed');
    this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore });
    await this.parts.trail.record(entry, { action: 'job.undeclare', jobId: id, before, by: NOBODY });
    return true;
  }

  /** Removes a job that has no time left. */
  async removeIfEnded(id: string, jobStore: string): Promise<void> {
    if (this.pending.find(id, jobStore)) return this.remove(id, jobStore);
    if (await this.parts.stores.get(jobStore)?.store.removeIfEnded(id))
      this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore });
  }

  async removeAll(jobStore?: string): Promise<void> {
    while (this.moving) await this.moving;
    this.pending.clear(jobStore);
    for (const entry of this.stored.entries(jobStore)) {
      await entry.store.removeAll();
      for (const id of jobsUnderWay(entry)) this.parts.runner.interrupt(entry, id, 'removed');
      await this.parts.trail.record(entry, { action: 'job.remove_all' });
    }
    this.parts.events.emit({ code: EVENT_ALL_JOBS_REMOVED, alias: jobStore ?? null });
  }

  /**
   * Makes sure that all of several jobs can be added.
   *
   * @throws InvalidInputError; ConflictingIdError when an id is taken, or comes twice.
   */
  async assertAddable(inputs: readonly NewJob[]): Promise<void> {
    const seen = new Set<string>();
    for (const input of inputs) {
      const { alias } = this.parts.placement.storeFor(input);
      // A trigger that is over is found by making the record.
      const { id } = this.parts.factory.create(input);
      const key = JSON.stringify([alias, id]);
      if (seen.has(key) || (!input.replaceExisting && (await this.get(id, alias)))) {
        throw new ConflictingIdError(id, alias);
      }
      seen.add(key);
    }
  }

  /** Jobs that replace none, in one step of their store. */
  private async addPlain(inputs: readonly NewJob[]): Promise<readonly Job[]> {
    const { factory, placement } = this.parts;
    const added = inputs.map((input) => ({ entry: placement.storeFor(input), record: factory.create(input) }));
    const stores = new Set(added.map(({ entry }) => entry));
    // One store is one atomic step. With several, looking first is all that can be promised.
    if (stores.size > 1) await this.assertAddable(inputs);
    for (const entry of stores) {
      const records = added.filter((one) => one.entry === entry).map(({ record }) => record);
      await this.intake.storeAll(entry, records);
    }
    return added.map(({ entry, record }) => this.views.of(record, entry, null));
  }

  private addPending(entry: StoreEntry, created: JobRecord, input: NewJob, stored: JobRecord | undefined): Job {
    const there = this.pending.find(created.id, entry.alias)?.record ?? stored;
    if (there && !input.replaceExisting) throw new ConflictingIdError(created.id, entry.alias);
    const record = there ? this.parts.factory.replace(there, created, input) : created;
    // A stored job has had its time already; whatever else waits gets its own at the start.
    const timeGiven = input.nextRunTime !== undefined || record.paused || stored !== undefined;
    const by = this.parts.trail.acting.current;
    const pending = { record, jobStore: entry.alias, input, timeGiven, by };
    this.pending.set(pending);
    return pendingJobOf(pending);
  }

  private async flush({ record, jobStore, input, timeGiven, by }: PendingJob): Promise<void> {
    const { factory, logger, stores, trail } = this.parts;
    const entry = stores.get(jobStore);
    const scheduled = timeGiven ? record : factory.reschedule(record);
    if (!entry) logger.warn(`Job "${record.id}" was not added: job store "${jobStore}" has been removed`);
    else if (!scheduled) logger.warn(`Job "${record.id}" was not added: its last time passed before the start`);
    // For who has added it, and not for who has started the scheduler.
    else await trail.acting.runAs(by, () => this.storeFlushed(entry, scheduled, input));
  }

  /** A declared job that has completed, or whose record cannot be read, must not keep the others from starting. */
  private async storeFlushed(entry: StoreEntry, record: JobRecord, input: JobInput): Promise<void> {
    try {
      await this.intake.store(entry, record, input, (stored) => stored);
    } catch (error) {
      if (error instanceof JobCompletedError) this.parts.logger.info(error.message);
      else if (!(error instanceof JobUnreadableError) || !input.declares) throw error;
      else this.parts.logger.error(`Job "${record.id}" stays as it is in job store "${entry.alias}"`, error);
    }
  }
}
