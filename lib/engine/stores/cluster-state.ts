import type { JobStore } from './job-store.js';

/** What all nodes of a shared store do: run what is due; take nothing; be shut down, and wait for the start of all. */
export type ClusterMode = 'running' | 'paused' | 'stopped';

/** What a shared store keeps for all of its nodes. */
export interface ClusterState {
  readonly mode: ClusterMode;
  /** Grows with each change: of two states the one with the greater version holds. 0 until the first change. */
  readonly version: number;
  /** When it was changed, by the store's clock (epoch milliseconds); null until the first change. */
  readonly changedAt: number | null;
  /** The name of the node that was asked for the change; null until the first one. */
  readonly changedBy: string | null;
}

/** What holds where nobody has said anything. */
export const FIRST_CLUSTER_STATE: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };

/** What a shared store can do beyond what every store can. */
export interface ClusterMethods {
  /** What all nodes are told to do. */
  clusterState(): Promise<ClusterState>;
  /**
   * Tells all nodes what to do, if they are told one of `from` now. Other nodes hear of it at once where the store
   * notifies, and soon where they must look.
   *
   * @returns what holds then. Once `paused` or `stopped` has been answered, no `claimDue` of any node takes anything,
   *   not even one that had begun before; also when that held already.
   */
  turnCluster(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState>;
  /**
   * Asks the node that has a run under way to cancel it: its {@link StoreContext.cancel} is called, soon.
   *
   * @returns false when no other node has it under way.
   */
  cancelRun(runId: string): Promise<boolean>;
  /**
   * Whether this node's lease still holds, without asking a server. Called immediately before each run starts. Measured from
   * before the latest successful renewal was sent, by a {@link Stopwatch}: a process that was stopped must not start a run
   * that others may have rescued.
   */
  leaseHolds(): boolean;
}

/** What a store can do for all of its nodes; null when it is not shared. */
export function clusterOf(store: JobStore): ClusterMethods | null {
  return store.capabilities.shared ? (store as JobStore & ClusterMethods) : null;
}

/** The strictest of several. */
export function strictest(states: Iterable<ClusterState>): ClusterState | null {
  let found: ClusterState | null = null;
  for (const state of states) if (!found || STRICTNESS[state.mode] > STRICTNESS[found.mode]) found = state;
  return found;
}

const STRICTNESS: Readonly<Record<ClusterMode, number>> = { running: 0, paused: 1, stopped: 2 };
