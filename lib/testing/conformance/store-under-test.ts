import type { ManualClock } from '../../engine/clock.js';
import type { AuditLimits } from '../../engine/stores/audit-options.js';
import type { HistoryLimits, JobStore, StoreCapabilities } from '../../engine/stores/job-store.js';
import type { TestFramework } from './test-framework.js';

export type StorePart = 'all' | 'jobs';

/** A new, empty job store, and what the kit may do to it. */
export interface StoreUnderTest {
  /** Not attached, not started: the kit does both, and stops it. */
  readonly store: JobStore;
  /**
   * Makes another store on the same jobs, as a second process has one; not attached, not started. Called once for each
   * further node. A store whose capabilities say `shared` or `durable` must have it.
   */
  readonly another?: () => JobStore | Promise<JobStore>;
  /**
   * Whether the store goes by the clocks of its nodes here, and not by one that they share. It is not asked then what it does
   * when they differ.
   *
   * @default false
   */
  readonly goesByNodes?: boolean;
  /** Makes a store that forgets old runs by and by do it now. */
  readonly tidy?: (store: JobStore) => Promise<void>;
  /**
   * Ways to damage a job in the store, so that the store cannot read it: each a function of its id. One breaks its JSON, say,
   * another sets a time that no calendar has. Without them it is not asked what becomes of such jobs.
   */
  readonly damageJob?: readonly ((id: string) => Promise<void>)[];
  /** The same for the order for all nodes, for nodes by their `StoreContext.instance`, for runs, and for entries of the audit trail. */
  readonly damageCluster?: readonly (() => Promise<void>)[];
  readonly damageNode?: readonly ((instance: string) => Promise<void>)[];
  readonly damageRun?: readonly ((id: string) => Promise<void>)[];
  readonly damageAudit?: readonly ((id: string) => Promise<void>)[];
  /**
   * Empties the store behind the backs of its nodes, or copies what it has, as a backup does, and answers what puts the copy
   * back. `jobs`: only where the jobs are. Without both it is not asked what becomes of such a loss.
   */
  readonly empty?: (part: StorePart) => Promise<void>;
  readonly backUp?: (part: StorePart) => Promise<() => Promise<void>>;
  /** Called when a test is over, and all of its stores have been stopped. */
  readonly dispose?: () => void | Promise<void>;
}

/**
 * Makes a store for one test, or for one random walk.
 *
 * @param clock - the time that the kit turns. A store that goes by its server's clock must be made to go by this one:
 *   due times and leases are tested with it, and nothing waits.
 */
export type MakeStoreUnderTest = (clock: ManualClock) => Promise<JobStore | StoreUnderTest> | JobStore | StoreUnderTest;

/** Options of {@link describeJobStore}. */
export interface DescribeJobStoreOptions extends Partial<TestFramework> {
  /**
   * How long the runs of a node that says nothing any more may wait until another makes them again, in milliseconds of
   * the clock that the kit turns.
   *
   * @default 60000
   */
  recoveryMs?: number;
  /** How long a node may take to see what another has changed, without a notice: milliseconds, on the same clock. @default 10000 */
  noticeMs?: number;
  /** How many random walks are taken, of each kind. @default 50 */
  walks?: number;
  /** What the first random walk begins with. A failure tells its own: give it to see that failure first. @default a random number */
  seed?: number;
  /** How long one test may take, in milliseconds, for frameworks that have such a limit. @default 120000 */
  timeoutMs?: number;
}

/** Options of {@link describeJobStore} with everything filled in. */
export type SuiteSettings = Required<Omit<DescribeJobStoreOptions, keyof TestFramework>>;

/** What a test asks for beside an empty store. */
export interface TestNeeds {
  /** Skipped for stores that do not claim these. */
  readonly capability?: keyof StoreCapabilities;
  /** Skipped where none can be damaged. */
  readonly damage?: 'job' | 'run' | 'node' | 'cluster' | 'audit';
  /** Skipped where nothing can be lost. */
  readonly loss?: boolean;
  /** Skipped for stores that go by the clocks of their nodes. */
  readonly ownClock?: boolean;
  /** The store is not taken on by a node: the test gives it to a scheduler. */
  readonly scheduler?: boolean;
  /** Where a history's limits differ from ones that are never reached. */
  readonly history?: Partial<HistoryLimits>;
  /** Where the limits of the audit trail differ from ones that are never reached. */
  readonly audit?: Partial<AuditLimits>;
}
