import type { ClusterMethods } from './cluster-state.js';
import type { JobStore } from './job-store.js';

/** Every method that a job store must have. */
export const JOB_STORE_METHODS = [
  'add',
  'addMany',
  'get',
  'list',
  'find',
  'countJobs',
  'addStatistics',
  'getStatistics',
  'appendAudit',
  'findAudit',
  'update',
  'remove',
  'removeIf',
  'removeIfEnded',
  'removeAll',
  'claimDue',
  'reconsider',
  'adoptRuns',
  'record',
  'removeRun',
  'getRun',
  'getRuns',
  'lastRuns',
] as const satisfies readonly (keyof JobStore)[];

/** What a shared one must have beside those. */
export const CLUSTER_METHODS = [
  'clusterState',
  'turnCluster',
  'cancelRun',
  'leaveRuns',
  'claimStart',
  'getNodes',
  'leaseHolds',
] as const satisfies readonly (keyof ClusterMethods)[];

/** Every method that a store of these capabilities must have. */
export function methodsFor(capabilities: unknown): readonly (keyof JobStore)[] {
  const isShared = (capabilities as { shared?: unknown } | null | undefined)?.shared === true;
  return isShared ? [...JOB_STORE_METHODS, ...CLUSTER_METHODS] : JOB_STORE_METHODS;
}
