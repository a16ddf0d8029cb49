import type { TaskInfo } from '../executors/tasks.js';
import type { SchedulerNode } from '../model/node.js';

/** A task that this node has, or another one that shares a job store with it. */
export interface KnownTask extends TaskInfo {
  /** The names of the nodes that have it, as far as they say so. */
  readonly nodes: readonly string[];
  /** Whether this node has it. Of the others, neither the description nor the arguments are known here. */
  readonly onThisNode: boolean;
}

/** All tasks: this node's as they were registered, then those of the others by name. Nodes whose leases have all expired are left out. */
export function knownTasks(own: readonly TaskInfo[], nodes: readonly SchedulerNode[]): readonly KnownTask[] {
  const names = new Map<string, Set<string>>();
  const hidden = new Set<string>();
  for (const node of nodes) {
    for (const task of isThere(node) ? (node.tasks ?? []) : []) {
      const known = names.get(task.name);
      if (known) known.add(node.name);
      else names.set(task.name, new Set([node.name]));
      if (!task.rest) hidden.add(task.name);
    }
  }
  const nodesOf = (name: string): readonly string[] => [...(names.get(name) ?? [])];
  const here = own.map((task) => ({ ...task, nodes: nodesOf(task.name), onThisNode: true }));
  for (const { name } of own) names.delete(name);
  const elsewhere = [...names.keys()].sort().map((name) => ({
    ...{ name, description: null, args: null, rest: !hidden.has(name) },
    nodes: nodesOf(name),
    onThisNode: false,
  }));
  return [...here, ...elsewhere];
}

function isThere({ jobStores, thisNode }: SchedulerNode): boolean {
  return thisNode || Object.values(jobStores).some(({ lease }) => lease?.expired === false);
}
