import type { Clock } from '../clock.js';
import type { Failing } from '../health/trouble.js';
import type { JobRecord, JobSpec } from '../model/job.js';
import type { OnUnreadable } from '../model/unreadable-job.js';
import type { Logger } from '../logger.js';
import type { RunRecord, RunState } from '../model/run-record.js';
import type { OnUnreadableRun } from '../model/unreadable-run.js';
import type { AuditAction, AuditRecord } from '../model/audit.js';
import type { JobCounts, StatisticsCell, StatisticsSpan } from '../model/statistics.js';
import type { AuditLimits } from './audit-options.js';
import type { FoundJobs, JobSearch, KnownWork } from './job-search.js';
import type { ClusterMethods, ClusterState } from './cluster-state.js';

/** What a store can do. Asked for here, never by `instanceof`. */
export interface StoreCapabilities {
  /** Jobs outlive the process. They must have ids of their own and registered tasks. */
  readonly durable: boolean;
  /** Several nodes may use the same jobs at once. */
  readonly shared: boolean;
  /** Notifies of changes that other nodes make. */
  readonly notifying: boolean;
}

/** How much of what happened is kept. The latest run of each job stays whatever the limits are. */
export interface HistoryLimits {
  /** How many ended runs of one job. */
  readonly perJob: number;
  /** How many ended runs in all. */
  readonly total: number;
  /** For how long after their end, in milliseconds. */
  readonly maxAgeMs: number;
  /** How many bytes the arguments, results, errors and logs of all ended runs may take; about. */
  readonly maxBytes: number;
}

/** What a store knows of the scheduler that it belongs to. */
export interface StoreContext {
  /** The alias that this scheduler knows the store by. */
  readonly alias: string;
  /** The name of this node. */
  readonly node: string;
  /** What no other scheduler is called, not even this node's next one. */
  readonly instance: string;
  /** For timers of the store's own: nothing else may wait. */
  readonly clock: Clock;
  readonly history: HistoryLimits;
  readonly audit: AuditLimits;
  readonly logger: Logger;
  /** To be called when jobs or retries are due at an instant (epoch milliseconds) that this scheduler has not heard of. */
  readonly wake: (at: number) => void;
  /**
   * The ids of all runs of this store that this node holds: those under way or waiting, those that a `claimDue()` which has
   * not resolved has planned, and those whose record has not reached the store. A run that stands under this node's lease
   * and is not held for three heartbeats in a row is lost, or up for adoption if it was handed over: only the store knows of it.
   * Made anew by each call.
   */
  readonly heldRuns: () => ReadonlySet<string>;
  /**
   * To be called, by a shared store, at each heartbeat with the ids of all runs that stand under this node's lease: a
   * handed-over run that is held and is not among them three times in a row has been adopted, or settled, by another node.
   */
  readonly runsUnderLease: (ids: ReadonlySet<string>) => void;
  /**
   * What this node says of itself to those that share the store: text of at most 64 KiB, made anew by each call. A shared store
   * keeps it with the lease, and returns it by {@link ClusterMethods.getNodes}; it calls this at each heartbeat, and writes the
   * text where it has changed, and with a new lease.
   */
  readonly describeNode: () => string;
  /**
   * To be called when this node has lost its lease: the runs that it holds are aborted. Those that have not started do not
   * start, nor do those that a `claimDue()` which has not resolved has planned so far.
   */
  readonly lost: () => void;
  /**
   * To be called when the store has lost jobs behind the backs of its nodes: it was emptied, or an older backup was restored.
   * Declared jobs that are missing are declared again. Not for jobs that were removed or have completed.
   */
  readonly jobsLost: () => void;
  /**
   * To be called, by a shared store, when the clock that it goes by has been set back by a minute or more, which this node's
   * monotonic clock shows: jobs are scheduled anew.
   */
  readonly clockSetBack: (byMs: number) => void;
  /** To be called, by a shared store, when the order for all nodes may have changed. A needless call does no harm. */
  readonly cluster: (state: ClusterState) => void;
  /** To be called, by a shared store, when another node wants runs to be cancelled that this node has under way. */
  readonly cancel: (runIds: readonly string[]) => void;
}

/** A time at which a run is due. */
export interface DueRun {
  /** In epoch milliseconds. */
  readonly nominalTime: number;
  /** The nominal time and its jitter, in epoch milliseconds. */
  readonly fireTime: number;
}

/** Where a due job stands. */
export interface DueJob extends DueRun {
  /** How many runs its schedule has left, of a job with `maxRuns`. */
  readonly runsLeft?: number | undefined;
}

/** What becomes of a due job: the runs to make now, and where it goes on. */
export interface RunPlan<R extends RunRecord = RunRecord> {
  /** To be made now, one after the other; they are recorded as under way in the same step. */
  readonly runs: readonly R[];
  /** Fire times that are not run, each a range with its reason; recorded in the same step. One may have been recorded before, and be longer now. */
  readonly leftOut: readonly R[];
  /** For events: the nominal times that overlap has left out just now; of coalesced ones the first and the last. Not for the store. */
  readonly skippedTimes?: readonly number[];
  /** Null when the trigger has ended: the job stays until its runs have an outcome. */
  readonly next: DueRun | null;
  /** The trigger could not say its next time: the job is paused, and stays for whoever looks into it. */
  readonly pausesJob: boolean;
  /** How many runs the schedule has left after this, of a job with `maxRuns`: kept with the next time. */
  readonly runsLeft?: number;
}

/** Asks a store for due work. */
export interface ClaimRequest {
  /** By this node's clock, in epoch milliseconds. A shared store goes by a clock of its own. */
  readonly now: number;
  /**
   * At most this many runs of due jobs, and this many retries. No further job is planned once the plans have so many runs
   * and records of runs left out, where a plan without any counts as one; only the last plan may exceed it.
   */
  readonly limit: number;
  /**
   * Only jobs of these executors, and their retries, are wanted; all of them if it is undefined. A store may ignore it: `plan` and
   * `retry` answer null for the others. One that does keeps its nodes from reading, and locking, what they leave to one another.
   */
  readonly executors?: readonly string[];
  /**
   * Decides about one due job. Null leaves the job where it is: this node cannot run it now. Must not throw.
   *
   * @param now - by the store's clock, in epoch milliseconds.
   * @param runningElsewhere - how many runs of the job other nodes have under way. It must not grow before the claim is committed.
   */
  readonly plan: (job: JobSpec, due: DueJob, now: number, runningElsewhere?: number) => RunPlan | null;
  /**
   * Makes the next attempt of a run whose `retryAt` has come. Null leaves it where it is. Must not throw.
   *
   * @param runningElsewhere - as for `plan`.
   */
  readonly retry: (job: JobSpec, failed: RunRecord, now: number, runningElsewhere?: number) => RunRecord | null;
}

/** Which handed-over runs a node takes over. */
export type AdoptionRequest =
  /** At most so many of these executors' runs that stand under no lease. */
  | { readonly executors: readonly string[]; readonly limit: number }
  /** This one, whoever watches it: its outcome is here. */
  | { readonly runId: string };

/** A handed-over run that this node watches from now on. */
export interface AdoptedRun {
  readonly run: RunRecord;
  /** Null when its job is gone, has been replaced by another of its id, or cannot be read. */
  readonly job: JobSpec | null;
}

/** A job that a store has handed out: moved on, and its runs recorded, in one step. */
export interface ClaimedJob<R extends RunRecord = RunRecord> {
  readonly job: JobSpec;
  /** The object that {@link ClaimRequest.plan} answered. */
  readonly plan: RunPlan<R>;
  /** Set when the plan had neither runs nor a next time, and nothing of the job was left: it was removed in the same step. */
  readonly isRemoved?: boolean;
}

/** The next attempt of a run, recorded in the step that took the first one's `retryAt` away. */
export interface ClaimedRetry<R extends RunRecord = RunRecord> {
  readonly job: JobSpec;
  /** The object that {@link ClaimRequest.retry} answered. */
  readonly run: R;
}

export interface ClaimResult<R extends RunRecord = RunRecord> {
  readonly claimed: readonly ClaimedJob<R>[];
  readonly retries: readonly ClaimedRetry<R>[];
  /** When the next job or retry falls due, or the store wants to be asked again, by this node's clock; not later than now when more are due already. Null when none will. */
  readonly nextDue: number | null;
}

export interface RecordResult {
  /** Jobs that had no time left, and went when their last run had an outcome, or was removed. */
  readonly removed: readonly string[];
  /** Ids of runs that this node has lost its right to: what it says of them is not kept. */
  readonly refused?: readonly string[];
}

/** What a store knows of itself, and whoever works with it does not. */
export interface StoreStatus {
  /** How far its clock is ahead of this node's, in milliseconds; null when it goes by this node's. */
  readonly clockSkewMs: number | null;
  /** What it does by itself and fails to do: to renew a lease, say. Null when it does not fail. */
  readonly failing: Failing | null;
}

/** Which runs to find. */
export interface RunFilter {
  readonly jobId?: string;
  readonly states?: readonly RunState[];
  /** Nominal times from here, in epoch milliseconds. */
  readonly from?: number;
  /** Nominal times before this, in epoch milliseconds. */
  readonly to?: number;
  /** Only runs whose id sorts before this one. */
  readonly before?: string;
  readonly limit: number;
  /** In epoch milliseconds: what is too old by then is not found. */
  readonly now: number;
}

/** Which entries of the audit trail to find. */
export interface AuditFilter {
  readonly jobId?: string;
  readonly actor?: string;
  readonly actions?: readonly AuditAction[];
  /** Not before this, in epoch milliseconds. */
  readonly from?: number;
  /** Before this, in epoch milliseconds. */
  readonly to?: number;
  /** Only entries whose id sorts before this one. */
  readonly before?: string;
  readonly limit: number;
  /** In epoch milliseconds, by the store's clock: what is too old by then is not found. */
  readonly now: number;
}

/** How often a run is made at most when its nodes or workers go away under it, where a store does not say so. */
export const RECOVERY_ATTEMPTS = 3;

/**
 * Where jobs and their runs live. Every method is one atomic step.
 * A store that is not durable also answers before `start` and after `stop`: its jobs are in this process.
 * One that is shared has the methods of {@link ClusterMethods} too.
 */
export interface JobStore extends Partial<ClusterMethods> {
  readonly capabilities: StoreCapabilities;
  /** How often a run is made at most when its nodes or workers go away under it; a job's own `retry.attempts` counts where it is more. @default 3 */
  readonly recoveryAttempts?: number;
  /** Called once, before anything else: when a scheduler takes the store on. */
  attach?(context: StoreContext): void;
  /**
   * Called before anything durable is asked for, again after each `stop`, and again after a failure while a start waits.
   *
   * @throws SchedulerError with the code CONFIGURATION when waiting does not mend it; any other error when it may.
   */
  start?(): Promise<void>;
  /** Releases what `start` took. */
  stop?(): Promise<void>;
  /**
   * @param isDeclaration - refuses a job whose next nominal time is not after the time that the store has noted of its id
   *   ({@link completionTime}): another node may have run it after this one declared it.
   * @throws ConflictingIdError when the id is taken; JobCompletedError.
   */
  add(job: JobRecord, isDeclaration?: boolean): Promise<void>;
  /**
   * Adds all of these jobs, or none.
   *
   * @throws ConflictingIdError naming the first whose id is taken, or comes twice.
   */
  addMany(jobs: readonly JobRecord[]): Promise<void>;
  /** @param onUnreadable - called with the job when it is there and cannot be read; undefined is answered then. */
  get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined>;
  /**
   * All jobs: by next run time, those without one last.
   *
   * @param which - `declared`: only those that have `declaredBy`. It is asked for at every start: without reading the others.
   * @param onUnreadable - called with each job that cannot be read, which is left out: one must not hide the others.
   */
  list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]>;
  /**
   * Finds some of the jobs, in an order. Not one step: of jobs that change meanwhile it may find the old or the new state.
   * Answered from indexes: a page costs about the same however many jobs there are. None should keep the event loop for more
   * than a few milliseconds at a time.
   *
   * @param onUnreadable - called with each job found that cannot be read. It counts for the limit.
   */
  find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs>;
  /** How many jobs are in each state, as `find()` finds them. Not one step; it may look at all jobs, a few at a time. */
  countJobs(known: KnownWork): Promise<JobCounts>;
  /** Adds to the counts of cells. Cells that are older than their span is kept may go. */
  addStatistics(cells: readonly StatisticsCell[]): Promise<void>;
  /** The cells of a span that are not over at an instant (epoch milliseconds), as far as they are kept. */
  getStatistics(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]>;
  /** Adds entries to the audit trail, and prunes it to `StoreContext.audit`; at once or in the background. */
  appendAudit(entries: readonly AuditRecord[]): Promise<void>;
  /**
   * Entries of the audit trail by id, the latest first. A store with a server answers from indexes.
   *
   * @param onUnreadable - called with the id of each entry that cannot be read, which is left out, and counts for the limit.
   */
  findAudit(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]>;
  /**
   * Replaces a job with what `change` makes of it; leaves it when `change` throws.
   *
   * @returns the new record.
   * @throws JobLookupError; JobUnreadableError
   */
  update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord>;
  /** Removes a job, also one that cannot be read. Its runs stay in the history; they are tried again no more, and their `retryAt` goes. @throws JobLookupError */
  remove(id: string): Promise<void>;
  /** Removes a job, as `remove` does, if it is meant as it stands then. False when it is not, or is not there. */
  removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean>;
  /** Removes a job that has nothing left: no next run time, no pause, no run under way, none to be tried again. False when it is not such a one. */
  removeIfEnded(id: string): Promise<boolean>;
  /** Removes all jobs, as `remove` does. The history stays. */
  removeAll(): Promise<void>;
  /**
   * Takes due jobs, in order of their run times, and retries that are due. A job whose plan has neither runs nor a next
   * time is removed in the same step if nothing of it is under way or to be tried again ({@link ClaimedJob.isRemoved}).
   * The last time of a declared job is noted in the same step, and stays when the job goes ({@link completionTime}).
   * A shared store claims nothing while its nodes are ordered to pause or stop, and reports that by `StoreContext.cluster`.
   */
  claimDue(request: ClaimRequest): Promise<ClaimResult>;
  /** Looks again at jobs and retries that were left where they are: a task or an executor has appeared. */
  reconsider(): void;
  /**
   * Takes handed-over runs over: they stand under this node's lease from now on. A run in the state `handed_over` stands under
   * the lease of the node that watches it. When that lease ends, or the node does not hold the run any more, the run is not lost:
   * it stands under no lease, and counts as under way, until a node adopts it. Of a store that is not shared: those that
   * {@link StoreContext.heldRuns} does not have.
   */
  adoptRuns(request: AdoptionRequest): Promise<readonly AdoptedRun[]>;
  /**
   * Keeps runs as they are now: new ones are added, known ones replaced. The caller changes a record in place until it has
   * settled, and records it again then. Recording is idempotent for as long as the history keeps the run, in one call or in
   * two: what was settled with a `retryAt` is tried again once, though it is recorded again after its retry was claimed.
   * A run of a job that is gone, or has been replaced by another of its id, is kept as history only, without its `retryAt`.
   */
  record(runs: readonly RunRecord[]): Promise<RecordResult>;
  /**
   * Removes a run that has settled from the history, also one that cannot be read. It is not retried any more; a job that has
   * nothing left without it is removed too.
   *
   * @throws RunLookupError; RunActiveError
   */
  removeRun(id: string): Promise<RecordResult>;
  /** @param onUnreadable - called with the run when it is there and cannot be read; undefined is answered then. */
  getRun(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined>;
  /**
   * Runs by id, the latest first.
   *
   * @param onUnreadable - called with each run that cannot be read, which is left out, and counts for the limit.
   */
  getRuns(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]>;
  /** The latest run that was begun, of each of these jobs that has one. */
  lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>>;
  /** What is known at once, without asking a server. Undefined while it is not open. */
  status?(): StoreStatus | undefined;
}

/** The cluster methods of a store; null if it is not shared. */
export function clusterOf(store: JobStore): ClusterMethods | null {
  return store.capabilities.shared ? (store as JobStore & ClusterMethods) : null;
}

/** What a due job counts towards the limit of a claim: its runs and records of runs left out, and at least 1. */
export function claimSize({ runs, leftOut }: RunPlan): number {
  return Math.max(1, runs.length + leftOut.length);
}
