import { OnceLogger } from '../../engine/util/once-logger.js';
import type { ClusterState } from '../../engine/stores/cluster-state.js';
import type { StoreContext, StoreStatus } from '../../engine/stores/job-store.js';
import { AuditPruner } from './audit/audit-pruner.js';
import { AuditTable } from './audit/audit-table.js';
import { CancelRequests } from './cluster/cancel-requests.js';
import { ClusterRow } from './cluster/cluster-row.js';
import { NodeOrders } from './cluster/node-orders.js';
import { DueJobs } from './due/due-jobs.js';
import { DueRetries } from './due/due-retries.js';
import { DueWork } from './due/due-work.js';
import { DeferredJobs } from './due/deferred-jobs.js';
import { CompletedJobs } from './jobs/completed-jobs.js';
import { JobCounter } from './search/job-counter.js';
import { JobFinder } from './search/job-finder.js';
import { JobReader } from './jobs/job-reader.js';
import { JobTable } from './jobs/job-table.js';
import { JobTags } from './jobs/job-tags.js';
import { JobsMark } from './jobs/jobs-mark.js';
import { NewJobs } from './jobs/new-jobs.js';
import { UnindexedJobs } from './search/unindexed-jobs.js';
import { LostRuns } from './nodes/lost-runs.js';
import { NodeLease } from './nodes/node-lease.js';
import { NodeList } from './nodes/node-list.js';
import { StartClaims } from './nodes/start-claims.js';
import { StoreTime } from './store-time.js';
import { ChangeNotifier } from './notices/change-notifier.js';
import type { ResolvedSqlOptions } from './options/read-options.js';
import { LastRuns } from './runs/last-runs.js';
import { AdoptedRuns } from './runs/adopted-runs.js';
import { RecordRuns } from './runs/record-runs.js';
import { Statistics } from './runs/statistics.js';
import { RunPruner } from './runs/run-pruner.js';
import { RunTable } from './runs/run-table.js';
import { openDatabase } from './sql-database.js';
import { SqlSession } from './sql-session.js';

/** For how long a node leaves due work alone that it cannot do. */
const LEFT_MS = 5_000;

/** A store between its start and its stop. */
export interface OpenStore {
  readonly adopted: AdoptedRuns;
  readonly time: StoreTime;
  readonly jobs: JobTable;
  readonly finder: JobFinder;
  readonly counter: JobCounter;
  readonly statistics: Statistics;
  readonly audit: AuditTable;
  readonly auditPruner: AuditPruner;
  readonly reader: JobReader;
  readonly newJobs: NewJobs;
  readonly runs: RunTable;
  readonly due: DueWork;
  readonly records: RecordRuns;
  readonly pruner: RunPruner;
  readonly notifier: ChangeNotifier;
  readonly cluster: ClusterRow;
  readonly cancels: CancelRequests;
  readonly starts: StartClaims;
  readonly nodes: NodeList;
  readonly session: SqlSession;
  leaseHolds(): boolean;
  status(): StoreStatus;
  /** Looks again at what was left: one job's, or all. */
  reconsider(jobId?: string): void;
  close(): Promise<void>;
}

/**
 * Opens the database, takes a lease, and listens to what others change.
 *
 * @throws SchedulerError when the database cannot be used; nothing stays open.
 */
export async function openStore(options: ResolvedSqlOptions, context: StoreContext): Promise<OpenStore> {
  const { audit, clock, history, logger } = context;
  const database = await openDatabase(options);
  const session = new SqlSession(database, options.layout, options.namespace);
  const time = new StoreTime(session, clock, logger, options.time);
  const reader = new JobReader(logger);
  const tags = new JobTags(session);
  const jobs = new JobTable(session, reader, tags);
  const completed = new CompletedJobs(session);
  const runs = new RunTable(session, history, new OnceLogger(() => logger));
  const lastRuns = new LastRuns(session, runs);
  const finder = new JobFinder({
    session,
    clock,
    jobs,
    reader,
    unindexed: new UnindexedJobs(session, clock, lastRuns, tags),
  });
  const lost = new LostRuns(session, reader, jobs, logger, options.recoveryAttempts);
  const mark = new JobsMark(session);
  const starts = new StartClaims(session);
  const lease: NodeLease = new NodeLease(session, time, lost, starts, context, async () => {
    await orders.look();
    if (await mark.isLoss()) context.jobsLost();
  });
  const forMs = options.pollMs === Infinity ? Infinity : LEFT_MS;
  const left = new DeferredJobs(clock, forMs);
  const leftRetries = new DeferredJobs(clock, forMs);
  const retries = new DueRetries(session, lease, reader, runs, lastRuns, leftRetries);
  const notifier: ChangeNotifier = new ChangeNotifier(session, options, context, time, {
    look: () => void orders.look(),
    expect: (at) => due.expect(at),
  });
  const newJobs = new NewJobs(session, time, reader, mark, completed, tags, (rows) => notifier.announcing(rows));
  const pollMs = (): number => (notifier.isHeard ? Infinity : options.pollMs);
  const heedCluster = (state: ClusterState): void => context.cluster(state);
  const dueJobs = new DueJobs(session, lease, reader, jobs, completed, runs, left);
  const cluster = new ClusterRow(session, time, starts, context.node);
  const due: DueWork = new DueWork({
    ...{ session, clock, time, lease, jobs: dueJobs, retries, left, pollMs, heedCluster },
  });
  const cancels = new CancelRequests(session, lease);
  const isTold = (): boolean => notifier.isHeard;
  const orders = new NodeOrders({ session, context, lease, cancels, pollMs: options.pollMs, isTold });
  const pruner = new RunPruner(session, history, completed, logger, () => time.toStore(clock.now()));
  const auditPruner = new AuditPruner(session, audit, logger, () => time.toStore(clock.now()));
  const records = new RecordRuns({ session, lease, time, jobs, runs, lastRuns, pruner });
  const adopted = new AdoptedRuns(session, lease, runs, reader);
  try {
    await lease.start();
    await mark.isLoss();
    await notifier.start();
    orders.start();
    pruner.start();
    auditPruner.start();
  } catch (error) {
    await lease.stop().catch(() => undefined);
    await session.close();
    throw error;
  }
  return {
    counter: new JobCounter(session, clock),
    statistics: new Statistics(session),
    audit: new AuditTable(session, audit, new OnceLogger(() => logger)),
    auditPruner,
    nodes: new NodeList(session, time),
    ...{
      adopted,
      time,
      jobs,
      finder,
      reader,
      newJobs,
      runs,
      due,
      records,
      pruner,
      notifier,
      session,
      cluster,
      cancels,
      starts,
    },
    leaseHolds: () => lease.holds,
    status: () => ({ clockSkewMs: time.measuredSkewMs, failing: lease.failing }),
    reconsider(jobId) {
      left.reconsider(jobId);
      leftRetries.reconsider();
    },
    async close() {
      try {
        await notifier.stop();
        await orders.stop();
        await lease.stop();
      } finally {
        await pruner.stop();
        await auditPruner.stop();
        await session.close();
      }
    },
  };
}
