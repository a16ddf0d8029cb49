import { ConflictingIdError, InvalidInputError, JobLookupError, type Fault } from './errors.js';
import type { EventBus } from './event-bus.js';
import { EVENT_ALL_JOBS_REMOVED, EVENT_JOB_ADDED, EVENT_JOB_MODIFIED, EVENT_JOB_REMOVED } from './events.js';
import type { TaskReference } from './job-definition.js';
import type { JobFactory } from './job-factory.js';
import type { JobInput } from './job-input.js';
import type { Job, JobRecord } from './job.js';
import type { Logger } from './logger.js';
import { PendingJobs, type PendingJob } from './pending-jobs.js';
import type { StoreEntry } from './store-entry.js';

/** A definition that has been checked. */
export type NewJob = JobInput & { readonly task: TaskReference };

export interface DirectoryParts {
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly executorAliases: () => readonly string[];
  readonly factory: JobFactory;
  readonly events: EventBus;
  readonly logger: Logger;
  /** A job is due then (epoch milliseconds). */
  readonly wake: (at: number) => void;
}

/** All jobs of a scheduler: those in its stores, and those that wait for its start. */
export class JobDirectory {
  private readonly pending = new PendingJobs();

  constructor(private readonly parts: DirectoryParts) {}

  /**
   * Adds a job to its store.
   *
   * @throws InvalidInputError, ConflictingIdError
   */
  async add(input: NewJob): Promise<Job> {
    const entry = this.entryFor(input);
    const record = this.parts.factory.create(input);
    const stored = await this.store(entry, record, input);
    return asJob(stored, entry.alias);
  }

  /**
   * Keeps a job for the start.
   *
   * @throws InvalidInputError, ConflictingIdError
   */
  async addPending(input: NewJob): Promise<Job> {
    const entry = this.entryFor(input);
    const created = this.parts.factory.create(input);
    const there = this.pending.find(created.id, entry.alias);
    if (!input.replaceExisting && (there || (entry.open && (await entry.store.get(created.id))))) {
      throw new ConflictingIdError(created.id, entry.alias);
    }
    const record = there ? this.parts.factory.replace(there.record, created, input) : created;
    const timeGiven = input.nextRunTime !== undefined || record.paused;
    const pending = { record, jobStore: entry.alias, input, timeGiven };
    this.pending.set(pending);
    return asPendingJob(pending);
  }

  /** Moves the jobs that waited for the start to their stores; more may be added meanwhile. */
  async flushPending(): Promise<void> {
    for (let [pending] = this.pending.list(); pending; [pending] = this.pending.list()) {
      for (const one of this.pending.list()) {
        // Kept until its store has it: a start that fails can be tried again.
        await this.flush(one);
        this.pending.remove(one);
      }
    }
  }

  async get(id: string, jobStore?: string): Promise<Job | undefined> {
    const pending = this.pending.find(id, jobStore);
    if (pending) return asPendingJob(pending);
    for (const { store, alias } of this.entries(jobStore)) {
      const record = await store.get(id);
      if (record) return asJob(record, alias);
    }
    return undefined;
  }

  async list(jobStore?: string): Promise<readonly Job[]> {
    const jobs: Job[] = this.pending.list(jobStore).map(asPendingJob);
    for (const { store, alias } of this.entries(jobStore)) {
      for (const record of await store.list()) jobs.push(asJob(record, alias));
    }
    return jobs;
  }

  /**
   * Changes a job in one step.
   *
   * @param change - may throw, and nothing is changed.
   * @param timeGiven - for a pending job: whether the change says its next run time.
   * @throws JobLookupError
   */
  async change(
    id: string,
    jobStore: string | undefined,
    change: (current: JobRecord) => JobRecord,
    timeGiven?: boolean,
  ): Promise<Job> {
    const pending = this.pending.find(id, jobStore);
    if (pending) {
      const record = change(pending.record);
      const changed = { ...pending, record, timeGiven: timeGiven ?? (pending.timeGiven || record.paused) };
      this.pending.set(changed);
      return asPendingJob(changed);
    }
    const entry = await this.locate(id, jobStore);
    let before: JobRecord | undefined;
    const record = await this.inStore(entry, id, () => entry.store.update(id, (current) => change((before = current))));
    if (record !== before) {
      this.parts.events.emit({ code: EVENT_JOB_MODIFIED, jobId: id, jobStore: entry.alias });
      if (record.nextRunTime !== null) this.parts.wake(record.nextRunTime);
    }
    return asJob(record, entry.alias);
  }

  /** @throws JobLookupError */
  async remove(id: string, jobStore?: string): Promise<void> {
    const pending = this.pending.find(id, jobStore);
    if (pending) {
      this.pending.remove(pending);
      this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore: pending.jobStore });
      return;
    }
    const entry = await this.locate(id, jobStore);
    await this.inStore(entry, id, () => entry.store.remove(id));
    this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore: entry.alias });
  }

  /** Removes a job that has no time left. */
  async removeIfEnded(id: string, jobStore: string): Promise<void> {
    const pending = this.pending.find(id, jobStore);
    if (pending) return this.remove(id, jobStore);
    const removed = await this.parts.stores.get(jobStore)?.store.removeIfEnded(id);
    if (removed) this.parts.events.emit({ code: EVENT_JOB_REMOVED, jobId: id, jobStore });
  }

  async removeAll(jobStore?: string): Promise<void> {
    this.pending.clear(jobStore);
    for (const { store } of this.entries(jobStore)) await store.removeAll();
    this.parts.events.emit({ code: EVENT_ALL_JOBS_REMOVED, alias: jobStore ?? null });
  }

  /**
   * The store that has a job.
   *
   * @throws JobLookupError
   */
  async locate(id: string, jobStore?: string): Promise<StoreEntry> {
    for (const entry of this.entries(jobStore)) {
      if (await entry.store.get(id)) return entry;
    }
    throw new JobLookupError(id, jobStore);
  }

  /**
   * The store that a new job goes to.
   *
   * @throws InvalidInputError when its store or its executor is not there, or the store cannot hold it.
   */
  entryFor(input: NewJob): StoreEntry {
    const faults: Fault[] = [];
    const { stores } = this.parts;
    const alias = input.jobStore ?? 'default';
    const entry = stores.get(alias);
    if (!entry) faults.push(unknownAlias('jobStore', alias, [...stores.keys()]));
    if (entry?.store.capabilities.durable) faults.push(...this.faultsOfDurable(input, alias));
    faults.push(...this.executorFaults(input));
    if (!entry || faults.length > 0) throw new InvalidInputError(subjectOf(input), faults);
    return entry;
  }

  /**
   * Makes sure that all of several jobs can be added.
   *
   * @throws InvalidInputError; ConflictingIdError when an id is taken, or comes twice.
   */
  async assertAddable(inputs: readonly NewJob[]): Promise<void> {
    const seen = new Set<string>();
    for (const input of inputs) {
      const { alias } = this.entryFor(input);
      // A trigger that is over is found by making the record.
      const { id } = this.parts.factory.create(input);
      const key = JSON.stringify([alias, id]);
      if (seen.has(key) || (!input.replaceExisting && (await this.get(id, alias)))) {
        throw new ConflictingIdError(id, alias);
      }
      seen.add(key);
    }
  }

  executorFaults({ executor }: JobInput): readonly Fault[] {
    const aliases = this.parts.executorAliases();
    return executor === undefined || aliases.includes(executor) ? [] : [unknownAlias('executor', executor, aliases)];
  }

  private faultsOfDurable(input: NewJob, alias: string): readonly Fault[] {
    const faults: Fault[] = [];
    if (input.id === undefined) {
      faults.push({ field: 'id', problem: `is missing: job store "${alias}" keeps jobs across restarts` });
    }
    if (typeof input.task === 'function' && this.parts.factory.isAnonymous(input.task)) {
      const problem = `must be registered by name: job store "${alias}" keeps jobs across restarts`;
      faults.push({ field: 'task', problem });
    }
    return faults;
  }

  private async store(entry: StoreEntry, record: JobRecord, input: JobInput): Promise<JobRecord> {
    const { events, factory, wake } = this.parts;
    const { store, alias } = entry;
    let stored = record;
    for (;;) {
      try {
        await store.add(record);
        break;
      } catch (error) {
        if (!(error instanceof ConflictingIdError)) throw error;
        if (!input.replaceExisting) throw new ConflictingIdError(record.id, alias);
      }
      let before: JobRecord | undefined;
      try {
        stored = await store.update(record.id, (current) => factory.replace((before = current), record, input));
        if (stored === before) return stored;
        break;
      } catch (error) {
        // It went away between the two steps: add it after all.
        if (!(error instanceof JobLookupError)) throw error;
      }
    }
    events.emit({ code: EVENT_JOB_ADDED, jobId: record.id, jobStore: alias });
    if (stored.nextRunTime !== null) wake(stored.nextRunTime);
    return stored;
  }

  private async flush({ record, jobStore, input, timeGiven }: PendingJob): Promise<void> {
    const { factory, logger, stores } = this.parts;
    const entry = stores.get(jobStore);
    const scheduled = timeGiven ? record : factory.reschedule(record);
    if (!entry) logger.warn(`Job "${record.id}" was not added: job store "${jobStore}" has been removed`);
    else if (!scheduled) logger.warn(`Job "${record.id}" was not added: its last time passed before the start`);
    else await this.store(entry, scheduled, input);
  }

  private entries(jobStore?: string): readonly StoreEntry[] {
    return [...this.parts.stores.values()].filter(
      ({ alias, open }) => open && (jobStore === undefined || alias === jobStore),
    );
  }

  /** A store knows neither its alias nor that somebody else looked first; its errors are told with both. */
  private async inStore<T>(entry: StoreEntry, id: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof JobLookupError) throw new JobLookupError(id, entry.alias);
      throw error;
    }
  }
}

function asJob(record: JobRecord, jobStore: string): Job {
  return { ...record, jobStore, pending: false };
}

function asPendingJob({ record, jobStore, timeGiven }: PendingJob): Job {
  const job = { ...record, jobStore, pending: true };
  return timeGiven ? job : { ...job, nextRunTime: null, nextNominalTime: null };
}

function unknownAlias(field: string, alias: string, known: readonly string[]): Fault {
  return { field, problem: `"${alias}" is not known; known are ${known.join(', ') || 'none'}` };
}

function subjectOf({ id }: JobInput): string {
  return id === undefined ? 'Invalid job' : `Invalid job "${id}"`;
}
