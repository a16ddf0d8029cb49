import type { AuditRecord } from '../../engine/model/audit.js';
import type { JobCounts, StatisticsCell, StatisticsSpan } from '../../engine/model/statistics.js';
import type { FoundJobs, JobSearch, KnownWork } from '../../engine/stores/job-search.js';
import type { JobRecord } from '../../engine/model/job.js';
import type { OnUnreadable } from '../../engine/model/unreadable-job.js';
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
import type { StoredNode } from '../../engine/stores/stored-node.js';
import { messageOf } from '../../engine/util/inspect.js';
import { AdoptedRuns } from './adopted-runs.js';
import { AuditTrail } from './audit-trail.js';
import { Backend, type ServerTime } from './backend.js';
import { DueClaimer } from './due-claimer.js';
import { JobCache } from './job-cache.js';
import { JobFinder } from './job-finder.js';
import { Statistics } from './statistics.js';
import { JobIndex } from './job-index.js';
import { JobTable } from './job-table.js';
import { LostRuns } from './lost-runs.js';
import { NodeLease } from './node-lease.js';
import { NodeList } from './node-list.js';
import { NodeOrders } from './node-orders.js';
import { Notices } from './notices.js';
import { RedisConnection } from './redis-connection.js';
import { resolveRedisOptions, type RedisJobStoreOptions } from './redis-options.js';
import { RunPruner } from './run-pruner.js';
import { RunTable } from './run-table.js';
import { openSchema } from './schema.js';
import { checkServer } from './server-check.js';

/**
 * Keeps jobs and runs on Redis (6.0 or newer, or Valkey), for any number of nodes: every run is made by one of them, and
 * runs of a node that goes away are made again by another. Every change is one Lua script; all keys of a namespace share
 * a hash tag, so a cluster keeps them on one node.
 *
 * The server is to have `appendonly yes` and `maxmemory-policy noeviction`; what is amiss is logged at the start. With
 * `appendfsync everysec` a crash of the server's machine loses the last second: runs of it are made twice then.
 *
 * @example
 * new Scheduler({ jobStores: { default: new RedisJobStore({ url: 'redis://localhost:6379' }) } });
 */
export class RedisJobStore implements JobStore, ClusterMethods {
  readonly capabilities: StoreCapabilities = { durable: true, shared: true, notifying: true };
  private readonly backend: Backend;
  private readonly connection: RedisConnection;
  private readonly notices: Notices;
  private readonly orders: NodeOrders;
  private readonly cache: JobCache;
  private readonly jobs: JobTable;
  private readonly index: JobIndex;
  private readonly finder: JobFinder;
  private readonly statistics: Statistics;
  private readonly audit: AuditTrail;
  private readonly runs: RunTable;
  private readonly adopted: AdoptedRuns;
  private readonly lostRuns: LostRuns;
  private readonly lease: NodeLease;
  private readonly nodes: NodeList;
  private readonly taker: DueClaimer;
  private pruner: RunPruner | null = null;

  /** @throws InvalidInputError with every fault. */
  constructor(options: RedisJobStoreOptions);
  /** @internal */
  constructor(options: RedisJobStoreOptions, serverTime: ServerTime);
  constructor(options: RedisJobStoreOptions, serverTime: ServerTime = () => null) {
    const resolved = resolveRedisOptions(options);
    const backend = new Backend(resolved, serverTime);
    const cache = new JobCache(backend);
    this.cache = cache;
    this.backend = backend;
    this.connection = new RedisConnection(resolved, 'that jobs are kept by');
    this.orders = new NodeOrders(backend, () => this.notices.isDeaf);
    this.notices = new Notices(backend, () => void this.orders.look());
    this.jobs = new JobTable(backend, cache);
    this.index = new JobIndex(backend, cache);
    this.finder = new JobFinder(backend, cache, this.index);
    this.statistics = new Statistics(backend);
    this.audit = new AuditTrail(backend);
    const onJobsLost = (): void => {
      // Numbers that tell one definition from another begin anew.
      cache.forget();
      this.index.suspect();
      backend.attached.jobsLost();
    };
    this.lostRuns = new LostRuns(backend, cache);
    this.lease = new NodeLease(backend, this.lostRuns, () => this.lookAgain(), onJobsLost);
    this.nodes = new NodeList(backend);
    const { lease } = this;
    this.runs = new RunTable(backend, lease);
    this.adopted = new AdoptedRuns(backend, cache, lease);
    this.taker = new DueClaimer({ backend, cache, lease, isDeaf: () => this.notices.isDeaf });
  }

  get recoveryAttempts(): number {
    return this.backend.options.recoveryAttempts;
  }

  attach(context: StoreContext): void {
    this.backend.context = context;
  }

  /** @throws SchedulerError when the server cannot be used; ConfigurationError when ioredis is missing. */
  async start(): Promise<void> {
    const { logger } = this.backend.attached;
    const client = await this.connection.open(logger);
    this.backend.client = client;
    try {
      await checkServer(client, logger);
      await openSchema(this.backend);
      await this.notices.start(logger);
      await this.lease.start();
      this.orders.start();
      this.pruner = new RunPruner(this.backend);
      this.pruner.start();
      this.completeIndex();
    } catch (error) {
      this.close();
      throw this.connection.failure(error);
    }
  }

  async stop(): Promise<void> {
    if (!this.backend.client) return;
    this.orders.stop();
    await this.pruner?.stop();
    await this.lease.stop();
    this.close();
  }

  add(job: JobRecord, isDeclaration?: boolean): Promise<void> {
    return this.jobs.add([job], isDeclaration);
  }

  async addMany(jobs: readonly JobRecord[]): Promise<void> {
    await this.jobs.add(jobs);
  }

  get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined> {
    return this.jobs.get(id, onUnreadable);
  }

  list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]> {
    return this.jobs.list(which, onUnreadable);
  }

  countJobs(known: KnownWork): Promise<JobCounts> {
    return this.finder.count(known);
  }

  addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
    return this.statistics.add(cells);
  }

  getStatistics(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    return this.statistics.list(span, from);
  }

  appendAudit(entries: readonly AuditRecord[]): Promise<void> {
    return this.audit.append(entries);
  }

  findAudit(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]> {
    return this.audit.find(filter, onUnreadable);
  }

  find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    return this.finder.find(search, onUnreadable);
  }

  update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    return this.jobs.update(id, change);
  }

  remove(id: string): Promise<void> {
    return this.jobs.remove(id);
  }

  removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    return this.jobs.removeIf(id, predicate);
  }

  removeIfEnded(id: string): Promise<boolean> {
    return this.jobs.removeIfEnded(id);
  }

  removeAll(): Promise<void> {
    return this.jobs.removeAll();
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await this.taker.take(request);
    for (const { job, isRemoved } of result.claimed) if (isRemoved) this.cache.forget(job.id);
    return result;
  }

  adoptRuns(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    return this.adopted.adopt(request);
  }

  reconsider(): void {
    this.taker.reconsider();
  }

  async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const result = await this.runs.record(runs);
    for (const id of result.removed) this.cache.forget(id);
    this.pruner?.add(runs);
    return result;
  }

  async removeRun(id: string): Promise<RecordResult> {
    const removed = await this.runs.remove(id);
    for (const jobId of removed) this.cache.forget(jobId);
    return { removed };
  }

  getRun(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined> {
    return this.runs.get(id, onUnreadable);
  }

  getRuns(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]> {
    return this.runs.list(filter, onUnreadable);
  }

  lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    return this.runs.last(jobIds);
  }

  clusterState(): Promise<ClusterState> {
    return this.orders.state();
  }

  turnCluster(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState> {
    return this.orders.turn(to, from);
  }

  cancelRun(runId: string): Promise<boolean> {
    return this.orders.askToCancel(runId);
  }

  leaveRuns(runIds: readonly string[]): Promise<void> {
    return this.lostRuns.leaveOwn(runIds);
  }

  claimStart(jobId: string): Promise<boolean> {
    return this.orders.claimStart(jobId);
  }

  getNodes(): Promise<readonly StoredNode[]> {
    return this.nodes.read();
  }

  leaseHolds(): boolean {
    return this.lease.holds;
  }

  status(): StoreStatus | undefined {
    if (!this.backend.client) return undefined;
    return { clockSkewMs: this.backend.time.measuredSkewMs, failing: this.lease.failing };
  }

  /** What was left is looked at again with each beat: what stood in its way may be gone. */
  private lookAgain(): void {
    void this.orders.look();
    if (this.taker.lookAgain()) this.backend.attached.wake(-Infinity);
  }

  /** Searches wait for it, and go on where it has failed. */
  private completeIndex(): void {
    this.index.complete().catch((error: unknown) => {
      this.backend.attached.logger.debug(`Redis could not be asked to complete its indexes: ${messageOf(error)}`);
    });
  }

  private close(): void {
    this.orders.stop();
    this.taker.reconsider();
    this.notices.stop();
    this.backend.client = null;
    this.connection.close();
  }
}
