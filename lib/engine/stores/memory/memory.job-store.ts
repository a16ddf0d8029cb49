import { SystemClock, type Clock } from '../../clock.js';
import { ConflictingIdError, JobCompletedError, JobLookupError } from '../../errors.js';
import type { JobRecord } from '../../model/job.js';
import { type RunRecord, snapshotOf } from '../../model/run-record.js';
import { BoundedMap } from '../../util/bounded-map.js';
import { COMPLETED_JOBS, completionTime } from '../completion-time.js';
import {
  claimSize,
  type AdoptedRun,
  type AdoptionRequest,
  type JobStore,
  type RecordResult,
  type RunFilter,
  type RunPlan,
  type StoreCapabilities,
  type StoreContext,
  type ClaimedJob,
  type ClaimedRetry,
  type ClaimRequest,
  type ClaimResult,
} from '../job-store.js';
import type { JobCounts } from '../../model/statistics.js';
import type { FoundJobs, JobSearch, KnownWork } from '../job-search.js';
import { DueWork } from './due-work.js';
import { countJobs, JobFinder, listJobs } from './job-finder.js';
import { MemoryEntry, JobRuns } from './memory-entry.js';
import { MemoryRecords } from './memory-records.js';
import { RunHistory } from './run-history.js';

/** How many jobs are handed out in one step: what else the process has to do waits for each of them. */
const MOST_AT_ONCE = 50;

/** Keeps jobs in this process. They are gone with it. */
export class MemoryJobStore extends MemoryRecords implements JobStore {
  readonly capabilities: StoreCapabilities = { durable: false, shared: false, notifying: false };
  private readonly entries = new Map<string, MemoryEntry>();
  private readonly due = new DueWork();
  private readonly finder = new JobFinder(this.entries, () => this.clock.yield());
  private readonly history = new RunHistory(({ entry }) => entry && this.finder.note(entry, 'lastRun'));
  /** The last times of declared jobs, by id. */
  private readonly completed = new BoundedMap<string, number>({ entries: COMPLETED_JOBS, weight: Infinity });

  private clock: Clock = new SystemClock();
  private heldRuns: StoreContext['heldRuns'] = () => new Set();

  attach({ audit, clock, heldRuns, history }: StoreContext): void {
    this.clock = clock;
    this.heldRuns = heldRuns;
    this.history.limits = history;
    this.audit.limits = audit;
  }

  async add(job: JobRecord, isDeclaration = false): Promise<void> {
    const isStale = isDeclaration && (job.nextNominalTime ?? Infinity) <= (this.completed.get(job.id) ?? -Infinity);
    if (isStale && !this.entries.has(job.id)) throw new JobCompletedError(job.id);
    this.insert(job);
  }

  async addMany(jobs: readonly JobRecord[]): Promise<void> {
    const ids = new Set<string>();
    for (const { id } of jobs)
      if (this.entries.has(id) || ids.size === ids.add(id).size) throw new ConflictingIdError(id);
    for (const job of jobs) this.insert(job);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.entries.get(id)?.record;
  }

  async list(which?: 'declared'): Promise<readonly JobRecord[]> {
    return listJobs(this.entries, which);
  }

  find(search: JobSearch): Promise<FoundJobs> {
    return this.finder.find(search);
  }

  countJobs(known: KnownWork): Promise<JobCounts> {
    return countJobs(this.entries, known, () => this.clock.yield());
  }

  async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    const entry = this.entryOf(id);
    const current = entry.record;
    const changed = change(current);
    if (changed !== current) {
      entry.record = changed;
      this.due.placeAgain(entry);
      this.finder.noteInAll(entry);
    }
    return changed;
  }

  async remove(id: string): Promise<void> {
    this.drop(this.entryOf(id));
  }

  async removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    return this.dropIf(id, ({ record }) => predicate(record));
  }

  async removeIfEnded(id: string): Promise<boolean> {
    return this.dropIf(id, ({ hasEnded }) => hasEnded);
  }

  async removeAll(): Promise<void> {
    for (const { runs } of this.entries.values()) if (runs) this.history.orphan(runs);
    this.entries.clear();
    this.finder.clear();
    this.due.clear();
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const claimed = this.takeJobs(request);
    const retries = this.takeRetries(request);
    return { claimed, retries, nextDue: this.due.nextDue };
  }

  reconsider(): void {
    this.due.reconsider();
  }

  async adoptRuns(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    const held = this.heldRuns();
    const isMeant = ({ executor, id, state }: RunRecord): boolean =>
      state === 'handed_over' &&
      ('runId' in request
        ? id === request.runId
        : executor !== null && request.executors.includes(executor) && !held.has(id));
    const runs = this.history.live(isMeant);
    return ('limit' in request ? runs.slice(0, request.limit) : runs).map(({ run, entry }) => ({
      run,
      job: entry?.spec ?? null,
    }));
  }

  async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const removed: string[] = [];
    for (const run of runs) {
      const entry = this.history.put(run, this.ownerOf(run))?.entry;
      // Its job is gone, and another may have its id by now.
      if (!entry) continue;
      if (run.retryAt !== null) this.due.addRetry(entry, run, run.retryAt);
      // A lost run does not complete its job.
      else if (run.state !== 'lost' && entry.hasEnded) {
        this.drop(entry);
        removed.push(run.jobId);
      }
    }
    return { removed };
  }

  async removeRun(id: string): Promise<RecordResult> {
    const { run, entry } = this.history.remove(id);
    if (!entry) return { removed: [] };
    this.due.removeRetry(entry, run);
    return { removed: this.dropIf(entry.id, ({ hasEnded }) => hasEnded) ? [entry.id] : [] };
  }

  async getRun(id: string): Promise<RunRecord | undefined> {
    const run = this.history.find(id);
    return run && this.copyOf(run);
  }

  async getRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.history.list(filter).map((run) => this.copyOf(run));
  }

  async lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    const found = new Map<string, RunRecord>();
    for (const id of jobIds) {
      const last = this.entries.get(id)?.runs?.last;
      if (last) found.set(id, this.copyOf(last));
    }
    return found;
  }

  /** A run as it is now, with its `retryAt` for as long as that retry is pending. */
  private copyOf(run: RunRecord): RunRecord {
    const copy = snapshotOf(run);
    const isPending = this.entries.get(run.jobId)?.runs?.retries?.has(run) ?? false;
    return run.settled && !isPending ? { ...copy, retryAt: null } : copy;
  }

  private insert(job: JobRecord): void {
    if (this.entries.has(job.id)) throw new ConflictingIdError(job.id);
    const entry = new MemoryEntry(job, job);
    this.entries.set(job.id, entry);
    this.due.place(entry);
    this.finder.noteInAll(entry);
  }

  private takeJobs({ now, limit, plan }: ClaimRequest): ClaimedJob[] {
    const claimed: ClaimedJob[] = [];
    const most = Math.min(limit, MOST_AT_ONCE);
    let size = 0;
    for (let entry = this.due.firstJob; entry && size < most; entry = this.due.firstJob) {
      if (entry.dueAt > now) break;
      const { spec } = entry;
      const decision = plan(spec, entry, now);
      if (decision === null) {
        this.due.leave(entry);
        continue;
      }
      const last = completionTime(spec, decision, entry);
      if (last !== null) this.completed.set(entry.id, last, 0);
      this.move(entry, decision);
      const isRemoved = decision.runs.length === 0 && entry.hasEnded;
      if (isRemoved) this.drop(entry);
      size += claimSize(decision);
      claimed.push({ job: spec, plan: decision, isRemoved });
    }
    return claimed;
  }

  private move(entry: MemoryEntry, { runs, leftOut, next, pausesJob, runsLeft }: RunPlan): void {
    entry.reschedule(next?.fireTime ?? null, next?.nominalTime ?? null, pausesJob, runsLeft);
    this.due.place(entry);
    this.finder.note(entry, 'nextRun');
    const owner = (entry.runs ??= new JobRuns(entry));
    for (const run of leftOut) this.history.put(run, owner);
    for (const run of runs) this.history.put(run, owner);
  }

  private takeRetries({ now, limit, retry }: ClaimRequest): ClaimedRetry[] {
    const claimed: ClaimedRetry[] = [];
    for (const due of this.due.takeRetries(now, limit)) {
      const { entry, run: failed } = due;
      const run = entry.paused ? null : retry(entry.spec, failed, now);
      if (run === null) {
        this.due.leaveRetry(due);
        continue;
      }
      const owner = entry.runs as JobRuns;
      owner.retries?.delete(failed);
      this.history.put(run, owner);
      claimed.push({ job: entry.spec, run });
    }
    return claimed;
  }

  private ownerOf({ jobId }: RunRecord): JobRuns {
    const entry = this.entries.get(jobId);
    return entry ? (entry.runs ??= new JobRuns(entry)) : this.history.strangers;
  }

  private entryOf(id: string): MemoryEntry {
    const entry = this.entries.get(id);
    if (entry) return entry;
    throw new JobLookupError(id);
  }

  private dropIf(id: string, predicate: (entry: MemoryEntry) => boolean): boolean {
    const entry = this.entries.get(id);
    if (!entry || !predicate(entry)) return false;
    this.drop(entry);
    return true;
  }

  private drop(entry: MemoryEntry): void {
    this.due.remove(entry);
    if (entry.runs) this.history.orphan(entry.runs);
    this.entries.delete(entry.id);
    this.finder.remove(entry);
  }
}
