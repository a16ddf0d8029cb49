import type { NodeRoles } from './node-roles.js';

/**
 * What a node does. `starting`: its scheduler opens its job stores. `stopped`: it waits for a start of all nodes, or does not run.
 */
export type NodeState = 'starting' | 'running' | 'paused' | 'stopped';

/** A task that a node has. */
export interface NodeTask {
  readonly name: string;
  /** Whether jobs that are added over that node's REST API may name it. */
  readonly rest: boolean;
}

/** What a node says of itself to those that share a job store with it. */
export interface NodeDescription {
  readonly state: NodeState;
  readonly roles: NodeRoles;
  /** The aliases of its executors. */
  readonly executors: readonly string[];
  readonly tasks: readonly NodeTask[];
  /** Whether all of its executors and tasks are among those: a description is limited in bytes. */
  readonly complete: boolean;
}

/** A node's lease in a job store. Instants are epoch milliseconds by the store's clock; null where the record is damaged or not known. */
export interface NodeLease {
  /** When the node took it: at its start, or when it had lost the one before. */
  readonly since: number | null;
  /** The latest heartbeat. */
  readonly seenAt: number | null;
  readonly expiresAt: number | null;
  /** Whether it has expired: other nodes are about to take over the node's runs. */
  readonly expired: boolean;
}

/** A node in one job store. */
export interface NodeInJobStore {
  /** Null where the store is not shared, is closed or has not answered, or the node has no lease in it just now. */
  readonly lease: NodeLease | null;
  /** How far the store's clock is ahead of the node's, in seconds; null where the store goes by the node's clock, or it is not known. */
  readonly clockSkew: number | null;
  /** Runs of the store that the node has under way, or that wait there for their turn. */
  readonly activeRuns: number;
}

/** A node, as those that share a job store with it know it. What it says of itself is as old as its latest heartbeat. */
export interface SchedulerNode {
  /** The option `node`. Several nodes may have the same name: the default is the host's. */
  readonly name: string;
  /** What no other scheduler is called, not even this node's next one. */
  readonly instance: string;
  /** Whether it is the node that was asked. */
  readonly thisNode: boolean;
  /** Null where the node says nothing of itself: it runs an earlier release. So are `roles`, `executors` and `tasks`. */
  readonly state: NodeState | null;
  /** Which part of the work it does. */
  readonly roles: NodeRoles | null;
  readonly executors: readonly string[] | null;
  readonly tasks: readonly NodeTask[] | null;
  /** Whether all of its executors and tasks are listed. */
  readonly complete: boolean;
  /** By the alias that this scheduler knows the store by. */
  readonly jobStores: Readonly<Record<string, NodeInJobStore>>;
}

/** A job store that could not be asked for its nodes. */
export interface FailedJobStore {
  /** Its alias. */
  readonly jobStore: string;
  /** Why, without credentials. */
  readonly reason: string;
}

/** The nodes that share a job store with a scheduler. */
export interface NodeList {
  /** By name and instance. The node that was asked is always among them. */
  readonly nodes: readonly SchedulerNode[];
  /** Job stores that failed, or did not answer within five seconds: other nodes that share only these are missing. */
  readonly failed: readonly FailedJobStore[];
}
