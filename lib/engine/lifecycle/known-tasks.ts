import type { TaskInfo } from '../executors/tasks.js';
import type { NodeTask, SchedulerNode } from '../model/node.js';

/** A task that this node has, or another one that shares a job store with it. */
export interface KnownTask extends TaskInfo {
  /** The names of the nodes that have it, as far as they say so. */
  readonly nodes: readonly string[];
  /** Whether this node has it. Of the others, neither the description nor the arguments are known here. */
  readonly onThisNode: boolean;
}

/** All tasks: this node's as they were registered, then those of the others by name. Nodes whose leases have all expired are left out. */
export function knownTasks(own: readonly TaskInfo[], nodes: readonly SchedulerNode[]): readonly KnownTask[] {
  // Hundreds of nodes may have thousands of tasks, and most have the same: their list is gone through once for all of them.
  const namesByList = new Map<readonly NodeTask[], string[]>();
  for (const { name, tasks } of nodes.filter(isThere)) {
    if (tasks === null) continue;
    const names = namesByList.get(tasks);
    if (names) names.push(name);
    else namesByList.set(tasks, [name]);
  }
  const lists = Array.from(namesByList, ([tasks, names]) => ({ tasks, names }));
  /** By task, the numbers of the lists that have it. */
  const listed = new Map<string, string>();
  const hidden = new Set<string>();
  for (const [number, { tasks }] of lists.entries()) {
    for (const { name, rest } of tasks) {
      const before = listed.get(name);
      listed.set(name, before === undefined ? `${number}` : `${before} ${number}`);
      if (!rest) hidden.add(name);
    }
  }
  const namesOf = new Map<string, readonly string[]>();
  const nodesOf = (task: string): readonly string[] => {
    const numbers = listed.get(task);
    if (numbers === undefined) return [];
    const known = namesOf.get(numbers);
    if (known) return known;
    const names = new Set(numbers.split(' ').flatMap((number) => lists[Number(number)]?.names ?? []));
    const sorted = [...names].sort();
    namesOf.set(numbers, sorted);
    return sorted;
  };
  const here = own.map((task) => ({ ...task, nodes: nodesOf(task.name), onThisNode: true }));
  const ownNames = new Set(own.map(({ name }) => name));
  const elsewhere = [...listed.keys()].filter((name) => !ownNames.has(name)).sort();
  return [
    ...here,
    ...elsewhere.map((name) => ({
      ...{ name, description: null, args: null, rest: !hidden.has(name) },
      nodes: nodesOf(name),
      onThisNode: false,
    })),
  ];
}

function isThere({ jobStores, thisNode }: SchedulerNode): boolean {
  return thisNode || Object.values(jobStores).some(({ lease }) => lease?.expired === false);
}
