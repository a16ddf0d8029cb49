import { isInstant } from '../time/civil.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { StoredNode } from './stored-node.js';

/** The mode of all nodes of a shared store: run due jobs; claim nothing; be shut down and wait for a start. */
export type ClusterMode = 'running' | 'paused' | 'stopped';

/** The order that a shared store keeps for all of its nodes. */
export interface ClusterState {
  readonly mode: ClusterMode;
  /** Increases with each change: the state with the greater version is in effect. 0 until the first change. */
  readonly version: number;
  /** When it was changed, by the store's clock (epoch milliseconds); null until the first change. */
  readonly changedAt: number | null;
  /** The name of the node that received the order; null until the first one. */
  readonly changedBy: string | null;
}

/** The state without any order. */
export const FIRST_CLUSTER_STATE: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };

/** Reads an order as a store has kept it; without any order, or when it is damaged, nodes run. */
export function readClusterState(stored: unknown): ClusterState {
  const { mode, version, changedAt, changedBy } = isPlainObject(stored) ? stored : {};
  const isSound =
    Object.hasOwn(STRICTNESS, mode as PropertyKey) &&
    Number.isSafeInteger(version) &&
    (changedAt === null || isInstant(changedAt)) &&
    (changedBy === null || typeof changedBy === 'string');
  return isSound ? (stored as ClusterState) : FIRST_CLUSTER_STATE;
}

/** The additional methods of a shared store. */
export interface ClusterMethods {
  /** The order in effect. */
  clusterState(): Promise<ClusterState>;
  /**
   * Changes the order for all nodes, if it is one of `from` now. Other nodes are notified, or notice it when they poll.
   *
   * @returns the state in effect. Once this has returned `paused` or `stopped`, no `claimDue` of any node claims anything, not even
   *   one that had started before; also if that state was in effect already.
   */
  turnCluster(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState>;
  /**
   * Requests the cancellation of a run from its node, whose {@link StoreContext.cancel} is called soon.
   *
   * @returns false if the run is not active on another node.
   */
  cancelRun(runId: string): Promise<boolean>;
  /**
   * This node does not watch these handed-over runs any more: those of them that stand under its lease stand under none from now
   * on, and can be adopted at once. The others are left as they are.
   */
  leaveRuns(runIds: readonly string[]): Promise<void>;
  /**
   * Claims the run of a job for the start of all nodes (`runOnStart: 'cluster'`). All jobs can be claimed again when a node
   * starts while no other has a lease, and when {@link turnCluster} ends `stopped`.
   *
   * @returns whether it is the first claim of this job since then; false also if the job is gone.
   */
  claimStart(jobId: string): Promise<boolean>;
  /**
   * The nodes that have a lease, this one among them, and those whose lease has expired and is not ended yet. A node whose record
   * is damaged is listed with what can be read of it. Not one step: of runs that start or end meanwhile it may count the old or
   * the new state.
   */
  getNodes(): Promise<readonly StoredNode[]>;
  /**
   * Whether this node's lease still holds, without asking a server. Called immediately before each run starts. Measured from
   * before the latest successful renewal was sent, by a {@link Stopwatch}: a process that was stopped must not start a run
   * that others may have rescued.
   */
  leaseHolds(): boolean;
}

/** The strictest of several states. */
export function strictest(states: Iterable<ClusterState>): ClusterState | null {
  let found: ClusterState | null = null;
  for (const state of states) if (!found || STRICTNESS[state.mode] > STRICTNESS[found.mode]) found = state;
  return found;
}

const STRICTNESS: Readonly<Record<ClusterMode, number>> = { running: 0, paused: 1, stopped: 2 };
