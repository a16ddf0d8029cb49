import type { Clock } from '../clock.js';
import type { Roles } from '../executors/roles.js';
import type { TaskRegistry } from '../executors/tasks.js';
import { reasonOf } from '../health/reason-of.js';
import { causeOf } from '../health/trouble.js';
import { decodeNodeDescription, encodeNodeDescription } from '../model/node-description.js';
import type { NodeDescription, NodeInJobStore, NodeList, SchedulerNode } from '../model/node.js';
import type { Runner } from '../runs/runner.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { clusterOf } from '../stores/job-store.js';
import type { StoredNode } from '../stores/stored-node.js';
import { within } from '../util/deadline.js';
import { knownTasks, type KnownTask } from './known-tasks.js';
import type { Lifecycle } from './lifecycle.js';
import { STATE_NAMES } from './states.js';

/** How long a job store may take to list its nodes, in seconds. */
const PATIENCE = 5;

export interface NodeDirectoryParts {
  readonly clock: Clock;
  /** The name of this node. */
  readonly node: string;
  readonly instance: string;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly executors: ReadonlyMap<string, unknown>;
  readonly tasks: TaskRegistry;
  readonly runner: Runner;
  readonly roles: Roles;
  readonly lifecycle: Lifecycle;
}

/** What a job store has answered. */
interface Answer {
  readonly alias: string;
  readonly nodes: readonly StoredNode[];
  /** Why it has not; null if it has. */
  readonly reason: string | null;
}

interface Sighting {
  readonly alias: string;
  readonly stored: StoredNode;
}

/** The nodes that share a job store with this one, and this one. */
export class NodeDirectory {
  constructor(private readonly parts: NodeDirectoryParts) {}

  /** What this node says of itself: see {@link StoreContext.describeNode}. */
  describe(): string {
    const { state, ...rest } = this.description();
    return encodeNodeDescription({ ...rest, state: this.parts.lifecycle.isStarted ? state : 'starting' });
  }

  /** A job store that fails hides no node that another one knows, and never this one. */
  async list(): Promise<NodeList> {
    const answers = await Promise.all(Array.from(this.parts.stores.values(), (entry) => this.ask(entry)));
    const sightings = answers.flatMap(({ alias, nodes }) => nodes.map((stored) => ({ alias, stored })));
    // A store with which a node has lost contact has an old description of it.
    sightings.sort((a, b) => Number(a.stored.expired) - Number(b.stored.expired));
    const byInstance = new Map<string, Sighting[]>([[this.parts.instance, []]]);
    for (const sighting of sightings) {
      const known = byInstance.get(sighting.stored.instance);
      if (known) known.push(sighting);
      else byInstance.set(sighting.stored.instance, [sighting]);
    }
    const decode = decoder();
    const nodes = Array.from(byInstance, ([instance, seen]) =>
      instance === this.parts.instance ? this.thisNode(seen) : otherNode(instance, seen, decode),
    );
    nodes.sort((a, b) => compare(a.name, b.name) || compare(a.instance, b.instance));
    const failed = answers.flatMap(({ alias, reason }) => (reason === null ? [] : [{ jobStore: alias, reason }]));
    return { nodes, failed };
  }

  async tasks(): Promise<readonly KnownTask[]> {
    const { nodes } = await this.list();
    return knownTasks(this.parts.tasks.list(), nodes);
  }

  private async ask({ alias, open, store }: StoreEntry): Promise<Answer> {
    const methods = open ? clusterOf(store) : null;
    if (!methods) return { alias, nodes: [], reason: null };
    let answer: Answer = { alias, nodes: [], reason: 'It does not answer' };
    const asked = methods.getNodes().then(
      (nodes) => (answer = { alias, nodes, reason: null }),
      (error: unknown) => (answer = { alias, nodes: [], reason: reasonOf(causeOf(error)) }),
    );
    await within(this.parts.clock, PATIENCE, asked);
    return answer;
  }

  private thisNode(seen: readonly Sighting[]): SchedulerNode {
    const { instance, node, stores } = this.parts;
    const known = new Map(seen.map(({ alias, stored }) => [alias, inJobStore(stored)]));
    const inStores = Array.from(stores.values(), (entry): [string, NodeInJobStore] => [
      entry.alias,
      known.get(entry.alias) ?? this.unknown(entry),
    ]);
    return {
      ...{ name: node, instance, thisNode: true },
      ...this.description(),
      jobStores: Object.fromEntries(inStores),
    };
  }

  private description(): NodeDescription {
    const { executors, lifecycle, roles, tasks } = this.parts;
    return {
      state: STATE_NAMES[lifecycle.state],
      roles: roles.given,
      executors: [...executors.keys()],
      tasks: tasks.list().map(({ name, rest }) => ({ name, rest })),
      complete: true,
    };
  }

  /** This node in a store that has no lease of it, or has not answered. */
  private unknown(entry: StoreEntry): NodeInJobStore {
    const skewMs = (entry.open ? entry.store.status?.() : undefined)?.clockSkewMs ?? null;
    return { lease: null, clockSkew: inSeconds(skewMs), activeRuns: this.parts.runner.heldRuns(entry).size };
  }
}

type Decode = typeof decodeNodeDescription;

/** Nodes of one release say the same of themselves: it is read once, and its lists are shared. */
function decoder(): Decode {
  const known = new Map<string | null, NodeDescription | null>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const decoded = decodeNodeDescription(text);
    known.set(text, decoded);
    return decoded;
  };
}

function otherNode(instance: string, seen: readonly Sighting[], decode: Decode): SchedulerNode {
  const said = seen.map(({ stored }) => decode(stored.description)).find((description) => description);
  const { state = null, roles = null, executors = null, tasks = null, complete = false } = said ?? {};
  return {
    name: seen.find(({ stored }) => stored.name !== '')?.stored.name ?? '',
    ...{ instance, thisNode: false, state, roles, executors, tasks, complete },
    jobStores: Object.fromEntries(seen.map(({ alias, stored }) => [alias, inJobStore(stored)])),
  };
}

function inJobStore({ activeRuns, clockSkewMs, expired, expiresAt, seenAt, since }: StoredNode): NodeInJobStore {
  return { lease: { since, seenAt, expiresAt, expired }, clockSkew: inSeconds(clockSkewMs), activeRuns };
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
