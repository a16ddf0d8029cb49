import type { KnownTask } from '../../engine/lifecycle/known-tasks.js';
import type { NodeInJobStore, NodeList, SchedulerNode } from '../../engine/model/node.js';
import { formatDate } from '../../engine/time/iso-date.js';

/** The nodes that share a job store, as the wire shows them. Their tasks are shown by a route of their own, to those who may read jobs. */
export function nodesToDict({ failed, nodes }: NodeList): Record<string, unknown> {
  return {
    nodes: nodes.map(nodeToDict),
    failed_jobstores: failed.map(({ jobStore, reason }) => ({ jobstore: jobStore, reason })),
  };
}

/** The tasks that the REST API may show: those that jobs may name. */
export function tasksToDict(tasks: readonly KnownTask[]): Record<string, unknown>[] {
  return tasks
    .filter(({ rest }) => rest)
    .map(({ args, description, name, nodes, onThisNode }) => ({
      func: name,
      description,
      argument_schema: args?.jsonSchema ?? null,
      nodes,
      on_this_node: onThisNode,
    }));
}

function nodeToDict(node: SchedulerNode): Record<string, unknown> {
  const stores = Object.entries(node.jobStores).map(([alias, store]) => [alias, inStoreToDict(store)]);
  return {
    name: node.name,
    instance: node.instance,
    this_node: node.thisNode,
    state: node.state,
    roles: node.roles,
    executors: node.executors,
    tasks_known: node.tasks !== null && node.complete,
    jobstores: Object.fromEntries(stores) as unknown,
  };
}

function inStoreToDict({ activeRuns, clockSkew, lease }: NodeInJobStore): Record<string, unknown> {
  return {
    lease: lease && {
      since: toText(lease.since),
      seen_at: toText(lease.seenAt),
      expires_at: toText(lease.expiresAt),
      expired: lease.expired,
    },
    clock_skew: clockSkew,
    active_runs: activeRuns,
  };
}

function toText(epochMs: number | null): string | null {
  return epochMs === null ? null : formatDate(epochMs, 'UTC');
}
