import { JobLookupError, RunLookupError, SchedulerError, StoreFailedError } from '../errors.js';
import type { JobRecord } from '../model/job.js';
import type { OnUnreadable } from '../model/unreadable-job.js';
import type { RunRecord } from '../model/run-record.js';
import type { OnUnreadableRun } from '../model/unreadable-run.js';
import type { ClusterMethods, ClusterMode, ClusterState } from './cluster-state.js';
import type { AuditRecord } from '../model/audit.js';
import type { JobCounts, StatisticsCell, StatisticsSpan } from '../model/statistics.js';
import type { FoundJobs, JobSearch, KnownWork } from './job-search.js';
import type { StoredNode } from './stored-node.js';
import {
  RECOVERY_ATTEMPTS,
  type AdoptedRun,
  type AdoptionRequest,
  type AuditFilter,
  type JobStore,
  type RecordResult,
  type RunFilter,
  type StoreCapabilities,
  type StoreContext,
  type StoreStatus,
  type ClaimRequest,
  type ClaimResult,
} from './job-store.js';

/** A job store whose own failures say whose they are: what it throws that is no SchedulerError becomes a StoreFailedError. */
export class GuardedJobStore implements JobStore, ClusterMethods {
  constructor(
    private readonly store: JobStore,
    private readonly alias: string,
    /** It has done what it was asked for. */
    private readonly onAnswer: () => void,
  ) {}

  get capabilities(): StoreCapabilities {
    return this.store.capabilities;
  }

  get recoveryAttempts(): number {
    return this.store.recoveryAttempts ?? RECOVERY_ATTEMPTS;
  }

  attach(context: StoreContext): void {
    this.store.attach?.(context);
  }

  // Opening and closing have words of their own for what goes wrong.
  async start(): Promise<void> {
    await this.store.start?.();
  }

  async stop(): Promise<void> {
    await this.store.stop?.();
  }

  add(job: JobRecord, isDeclaration?: boolean): Promise<void> {
    return this.guard(() => this.store.add(job, isDeclaration));
  }

  addMany(jobs: readonly JobRecord[]): Promise<void> {
    return this.guard(() => this.store.addMany(jobs));
  }

  get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined> {
    return isStorable(id) ? this.guard(() => this.store.get(id, onUnreadable)) : Promise.resolve(undefined);
  }

  list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]> {
    return this.guard(() => this.store.list(which, onUnreadable));
  }

  find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    return this.guard(() => this.store.find(search, onUnreadable));
  }

  countJobs(known: KnownWork): Promise<JobCounts> {
    return this.guard(() => this.store.countJobs(known));
  }

  addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
    return this.guard(() => this.store.addStatistics(cells));
  }

  getStatistics(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    return this.guard(() => this.store.getStatistics(span, from));
  }

  appendAudit(entries: readonly AuditRecord[]): Promise<void> {
    return this.guard(() => this.store.appendAudit(entries));
  }

  findAudit(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]> {
    if (!isStorable(filter.jobId ?? 'any') || !isStorable(filter.actor ?? 'any')) return Promise.resolve([]);
    return this.guard(() => this.store.findAudit(filter, onUnreadable));
  }

  update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    return this.guard(() => this.store.update(id, change));
  }

  remove(id: string): Promise<void> {
    return isStorable(id) ? this.guard(() => this.store.remove(id)) : Promise.reject(new JobLookupError(id));
  }

  removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    return this.guard(() => this.store.removeIf(id, predicate));
  }

  removeIfEnded(id: string): Promise<boolean> {
    return this.guard(() => this.store.removeIfEnded(id));
  }

  removeAll(): Promise<void> {
    return this.guard(() => this.store.removeAll());
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.guard(() => this.store.claimDue(request));
  }

  adoptRuns(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    return this.guard(() => this.store.adoptRuns(request));
  }

  reconsider(): void {
    this.store.reconsider();
  }

  record(runs: readonly RunRecord[]): Promise<RecordResult> {
    return this.guard(() => this.store.record(runs));
  }

  removeRun(id: string): Promise<RecordResult> {
    return isStorable(id) ? this.guard(() => this.store.removeRun(id)) : Promise.reject(new RunLookupError(id));
  }

  getRun(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined> {
    return isStorable(id) ? this.guard(() => this.store.getRun(id, onUnreadable)) : Promise.resolve(undefined);
  }

  getRuns(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]> {
    if (!isStorable(filter.jobId ?? 'any')) return Promise.resolve([]);
    return this.guard(() => this.store.getRuns(filter, onUnreadable));
  }

  lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    return this.guard(() => this.store.lastRuns(jobIds));
  }

  clusterState(): Promise<ClusterState> {
    return this.guard(() => this.shared.clusterState());
  }

  turnCluster(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState> {
    return this.guard(() => this.shared.turnCluster(to, from));
  }

  cancelRun(runId: string): Promise<boolean> {
    return this.guard(() => this.shared.cancelRun(runId));
  }

  leaveRuns(runIds: readonly string[]): Promise<void> {
    return this.guard(() => this.shared.leaveRuns(runIds));
  }

  claimStart(jobId: string): Promise<boolean> {
    return this.guard(() => this.shared.claimStart(jobId));
  }

  getNodes(): Promise<readonly StoredNode[]> {
    return this.guard(() => this.shared.getNodes());
  }

  /** Only asked where the store is shared: it has been looked at when it was added. */
  private get shared(): ClusterMethods {
    return this.store as JobStore & ClusterMethods;
  }

  leaseHolds(): boolean {
    return this.store.leaseHolds?.() ?? true;
  }

  status(): StoreStatus | undefined {
    return this.store.status?.();
  }

  /** Everything goes by here: one promise more, and nothing else, as long as the store does not fail. */
  private guard<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return Promise.resolve(ask()).then(this.passOn, this.refuse) as Promise<T>;
    } catch (error) {
      // It ought to have been a promise that rejects.
      return Promise.reject(this.ownError(error));
    }
  }

  private readonly passOn = (answer: unknown): unknown => {
    this.onAnswer();
    return answer;
  };

  private readonly refuse = (error: unknown): never => {
    throw this.ownError(error);
  };

  private ownError(error: unknown): SchedulerError {
    if (!(error instanceof SchedulerError)) return new StoreFailedError(this.alias, error);
    if (error.code !== 'CONFIGURATION' && error.code !== 'NOT_RUNNING') return error;
    // A store does not know what it is called.
    return new SchedulerError(error.code, `Job store "${this.alias}": ${error.message}`, { cause: error });
  }
}

/** No record has another id: PostgreSQL cannot even be asked for a text with NUL. */
function isStorable(id: unknown): boolean {
  return typeof id === 'string' && id !== '' && !id.includes('\0') && id.isWellFormed();
}
