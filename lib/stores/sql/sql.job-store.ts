import type { AuditRecord } from '../../engine/model/audit.js';
import type { JobCounts, StatisticsCell, StatisticsSpan } from '../../engine/model/statistics.js';
import type { FoundJobs, JobSearch, KnownWork } from '../../engine/stores/job-search.js';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { SystemClock } from '../../engine/clock.js';
import { SchedulerError } from '../../engine/errors.js';
import type { JobRecord } from '../../engine/model/job.js';
import type { OnUnreadable } from '../../engine/model/unreadable-job.js';
import { silentLogger } from '../../engine/logger.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import type { OnUnreadableRun } from '../../engine/model/unreadable-run.js';
import type { ClusterMethods, ClusterMode, ClusterState } from '../../engine/stores/cluster-state.js';
import type {
  AdoptedRun,
  AdoptionRequest,
  AuditFilter,
  JobStore,
  RecordResult,
  RunFilter,
  StoreCapabilities,
  StoreContext,
  StoreStatus,
  ClaimRequest,
  ClaimResult,
} from '../../engine/stores/job-store.js';
import { resolveAudit } from '../../engine/stores/audit-options.js';
import { resolveHistory } from '../../engine/stores/history-options.js';
import type { StoredNode } from '../../engine/stores/stored-node.js';
import { openStore, type OpenStore } from './open-store.js';
import { readOptions, type ResolvedSqlOptions } from './options/read-options.js';
import type { SqlStoreOptions } from './options/sql-store-options.js';

/**
 * Keeps jobs and runs in SQLite, PostgreSQL, MariaDB or MySQL. They outlive the process, and any number of processes may
 * share them: each scheduled time runs once.
 *
 * @example
 * new SqlJobStore({ url: 'sqlite:jobs.db' })
 * new SqlJobStore({ url: 'postgres://app:secret@db.example.com/app', namespace: 'reports' })
 */
export class SqlJobStore implements JobStore, ClusterMethods {
  readonly capabilities: StoreCapabilities;
  private readonly options: ResolvedSqlOptions;
  private context = withoutScheduler();
  private opened: OpenStore | null = null;

  /** @throws InvalidInputError */
  constructor(options: SqlStoreOptions) {
    this.options = readOptions(options);
    const { connector } = this.options;
    const notifying = connector.by === 'url' && connector.url.kind === 'postgres';
    this.capabilities = { durable: true, shared: true, notifying };
  }

  get recoveryAttempts(): number {
    return this.options.recoveryAttempts;
  }

  attach(context: StoreContext): void {
    this.context = context;
  }

  /** @throws SchedulerError when the database cannot be reached or used, or its driver is missing. */
  async start(): Promise<void> {
    this.opened ??= await openStore(this.options, this.context);
  }

  async stop(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.close();
  }

  async add(job: JobRecord, isDeclaration?: boolean): Promise<void> {
    const store = this.open();
    await store.newJobs.add([job], isDeclaration);
    store.reconsider(job.id);
  }

  async addMany(jobs: readonly JobRecord[]): Promise<void> {
    if (jobs.length === 0) return;
    const store = this.open();
    await store.newJobs.add(jobs);
    for (const { id } of jobs) store.reconsider(id);
  }

  async get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined> {
    return this.open().jobs.get(id, onUnreadable);
  }

  async list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]> {
    return this.open().jobs.list(which, onUnreadable);
  }

  async find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    return this.open().finder.find(search, onUnreadable);
  }

  async countJobs(known: KnownWork): Promise<JobCounts> {
    return this.open().counter.count(known);
  }

  async addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
    await this.open().statistics.add(cells);
  }

  async getStatistics(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    return this.open().statistics.list(span, from);
  }

  async appendAudit(entries: readonly AuditRecord[]): Promise<void> {
    const store = this.open();
    await store.audit.append(entries);
    store.auditPruner.add(entries.length);
  }

  async findAudit(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]> {
    return this.open().audit.find(filter, onUnreadable);
  }

  async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    const store = this.open();
    const changed = await store.jobs.update(id, change, await store.time.ask());
    store.reconsider(id);
    await this.tell(store, changed.nextRunTime ?? Infinity);
    return changed;
  }

  async remove(id: string): Promise<void> {
    const store = this.open();
    await store.jobs.remove(id);
    store.reader.forget(id);
  }

  async removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    const store = this.open();
    const isRemoved = await store.jobs.removeIf(id, predicate);
    if (isRemoved) store.reader.forget(id);
    return isRemoved;
  }

  async removeIfEnded(id: string): Promise<boolean> {
    const { jobs, reader, session } = this.open();
    const removed = await session.transaction((db) => jobs.removeEnded(db, [id]));
    if (removed.length > 0) reader.forget(id);
    return removed.length > 0;
  }

  async removeAll(): Promise<void> {
    const store = this.open();
    await store.jobs.removeAll();
    store.reader.forget();
    store.reconsider();
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const store = this.open();
    const result = await store.due.take(request);
    for (const { job, plan, isRemoved } of result.claimed) {
      if (plan.leftOut.length > 0) store.pruner.add(plan.leftOut);
      if (isRemoved) store.reader.forget(job.id);
    }
    return result;
  }

  reconsider(): void {
    this.opened?.reconsider();
  }

  async adoptRuns(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    return this.open().adopted.adopt(request);
  }

  async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const store = this.open();
    const result = await store.records.record(runs);
    for (const id of result.removed) store.reader.forget(id);
    let first = Infinity;
    for (const { retryAt } of runs) if (retryAt !== null) first = Math.min(first, store.time.toStore(retryAt));
    await this.tell(store, first);
    return result;
  }

  async removeRun(id: string): Promise<RecordResult> {
    const store = this.open();
    const removed = await store.records.remove(id);
    for (const jobId of removed) store.reader.forget(jobId);
    return { removed };
  }

  async getRun(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined> {
    return this.open().runs.get(id, onUnreadable);
  }

  async getRuns(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]> {
    return this.open().runs.list(filter, onUnreadable);
  }

  async lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    return this.open().runs.last(jobIds);
  }

  async clusterState(): Promise<ClusterState> {
    return this.open().cluster.read();
  }

  async turnCluster(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState> {
    const store = this.open();
    const state = await store.cluster.turn(to, from);
    await store.notifier.publishOrders();
    if (state.mode !== 'running') await store.cluster.settle();
    return state;
  }

  async cancelRun(runId: string): Promise<boolean> {
    const store = this.open();
    const isAsked = await store.cancels.ask(runId);
    if (isAsked) await store.notifier.publishOrders();
    return isAsked;
  }

  async leaveRuns(runIds: readonly string[]): Promise<void> {
    await this.open().adopted.leave(runIds);
  }

  async claimStart(jobId: string): Promise<boolean> {
    return this.open().starts.claim(jobId);
  }

  async getNodes(): Promise<readonly StoredNode[]> {
    return this.open().nodes.read();
  }

  leaseHolds(): boolean {
    return this.opened?.leaseHolds() ?? false;
  }

  status(): StoreStatus | undefined {
    return this.opened?.status();
  }

  private open(): OpenStore {
    if (this.opened) return this.opened;
    throw new SchedulerError('NOT_RUNNING', 'The SQL job store is not open: start its scheduler first');
  }

  /** @param at - when something is due, by the store's clock; `Infinity` for never. */
  private async tell(store: OpenStore, at: number): Promise<void> {
    if (at !== Infinity) await store.notifier.publish(at);
  }
}

/** What holds until a scheduler takes the store on. */
function withoutScheduler(): StoreContext {
  return {
    alias: 'default',
    node: hostname(),
    instance: randomBytes(4).toString('hex'),
    clock: new SystemClock(),
    history: resolveHistory(),
    audit: resolveAudit(),
    logger: silentLogger,
    wake: () => undefined,
    heldRuns: () => new Set(),
    runsUnderLease: () => undefined,
    describeNode: () => '',
    lost: () => undefined,
    jobsLost: () => undefined,
    clockSetBack: () => undefined,
    cluster: () => undefined,
    cancel: () => undefined,
  };
}
