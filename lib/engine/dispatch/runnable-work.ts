import type { Clock } from '../clock.js';
import type { Executor } from '../executors/executor.js';
import type { Roles } from '../executors/roles.js';
import type { TaskRegistry } from '../executors/tasks.js';
import type { JobSpec } from '../model/job.js';
import { ALL_ROLES, executesRunsOf } from '../model/node-roles.js';
import type { NodeList, SchedulerNode } from '../model/node.js';
import type { KnownWork } from '../stores/job-search.js';

/** For how long it is believed what other nodes said of themselves: they say it anew with each heartbeat. */
const FRESH_MS = 5_000;

export interface RunnableWorkParts {
  readonly clock: Clock;
  readonly roles: Roles;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly tasks: TaskRegistry;
  /** The nodes that share a job store with this one. Never rejects. */
  readonly nodes: () => Promise<NodeList>;
}

/** What other nodes run of one job store. */
interface OthersWork {
  readonly executors: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
}

/**
 * Which jobs some node can run. A node that takes the runs of all executors answers for itself alone; one that leaves runs to others
 * asks which other nodes there are, at most once in five seconds, and only while somebody looks at jobs.
 */
export class RunnableWork {
  /** By the alias of the job store; stores that have not said which nodes they have are not there. */
  private others: ReadonlyMap<string, OthersWork> = new Map();
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;

  constructor(private readonly parts: RunnableWorkParts) {}

  /** To be called before jobs are shown. Never rejects. */
  async refresh(): Promise<void> {
    const { clock, roles } = this.parts;
    if (!roles.areLimited || Math.abs(clock.now() - this.readAt) < FRESH_MS) return;
    this.reading ??= this.read().finally(() => (this.reading = null));
    await this.reading;
  }

  /** The tasks and executors that this node has. */
  get own(): KnownWork {
    return { tasks: this.parts.tasks.names(), executors: [...this.parts.executors.keys()] };
  }

  /** What some node can run of a store's jobs, as far as this one knows. */
  of(jobStore: string): KnownWork {
    const { own } = this;
    const { roles } = this.parts;
    const others = roles.areLimited ? this.others.get(jobStore) : undefined;
    if (!others) return own;
    const taken = own.executors.filter((alias) => roles.takes(alias));
    return {
      tasks: [...new Set([...own.tasks, ...others.tasks])],
      executors: [...new Set([...taken, ...others.executors])],
    };
  }

  /** What no other node has that a job needs which this node leaves to others; null if nothing, or if that is unknown. */
  missingElsewhere(jobStore: string, { executor, handler, task }: JobSpec): string | null {
    const others = this.others.get(jobStore);
    if (!others) return null;
    if (!others.executors.has(executor)) return `a node that executes runs of executor "${executor}"`;
    const isKnown = handler !== undefined || this.parts.tasks.has(task) || others.tasks.has(task);
    return isKnown ? null : `task "${task}"`;
  }

  private async read(): Promise<void> {
    const { clock, nodes } = this.parts;
    const { failed, nodes: all } = await nodes();
    this.readAt = clock.now();
    const silent = new Set(failed.map(({ jobStore }) => jobStore));
    const stores = Object.keys(all.find(({ thisNode }) => thisNode)?.jobStores ?? {});
    this.others = new Map(
      stores.filter((alias) => !silent.has(alias)).map((alias) => [alias, this.workOf(all.filter(isOtherIn(alias)))]),
    );
  }

  private workOf(nodes: readonly SchedulerNode[]): OthersWork {
    const executors = [...this.parts.executors.keys()];
    return {
      executors: new Set(nodes.flatMap((node) => executors.concat(node.executors ?? []).filter(this.isTakenBy(node)))),
      tasks: new Set(nodes.flatMap(({ tasks }) => tasks?.map(({ name }) => name) ?? [])),
    };
  }

  /** A node of an earlier release that says nothing is believed to have everything. */
  private isTakenBy({ executors, roles }: SchedulerNode): (alias: string) => boolean {
    return (alias) => {
      if (executors && !executors.includes(alias)) return false;
      const its = roles ?? ALL_ROLES;
      return this.parts.executors.get(alias)?.handsOver ? its.schedule : executesRunsOf(its, alias);
    };
  }
}

function isOtherIn(jobStore: string): (node: SchedulerNode) => boolean {
  return ({ jobStores, thisNode }) => !thisNode && jobStores[jobStore]?.lease?.expired === false;
}
