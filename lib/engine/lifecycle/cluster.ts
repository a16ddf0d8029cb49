import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';
import {
  clusterOf,
  FIRST_CLUSTER_STATE,
  strictest,
  type ClusterMethods,
  type ClusterMode,
  type ClusterState,
} from '../stores/cluster-state.js';

export interface ClusterParts {
  readonly logger: Logger;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  /** What all nodes are told to do has changed. */
  readonly onChange: () => void;
}

interface Shared {
  readonly entry: StoreEntry;
  readonly methods: ClusterMethods;
}

/** What this node knows of what all nodes do, by the stores that it shares with them. */
export class Cluster {
  private readonly states = new Map<StoreEntry, ClusterState>();

  constructor(private readonly parts: ClusterParts) {}

  /** Whether there is a store that other nodes may share. */
  get isShared(): boolean {
    return this.shared().length > 0;
  }

  /** What holds: of several stores, the strictest. Null while no shared store is open. */
  get state(): ClusterState | null {
    return strictest(this.states.values());
  }

  get mode(): ClusterMode {
    return this.state?.mode ?? 'running';
  }

  /** What all nodes do, and since when. */
  get inWords(): string {
    const { mode, changedAt, changedBy } = this.state ?? FIRST_CLUSTER_STATE;
    if (changedAt === null) return mode;
    return `${mode} since ${new Date(changedAt).toISOString()}, by node "${changedBy}"`;
  }

  /** What keeps this node from going on, and what lets it. */
  hint(operation: 'start' | 'resume'): string {
    return `all nodes are ${this.inWords}; ${operation}({ scope: 'cluster' }) lets them go on`;
  }

  /** A store tells its state. It may have told a later one before. */
  hear(entry: StoreEntry, state: ClusterState): void {
    const known = this.states.get(entry);
    if (!known || state.version <= known.version) return;
    this.states.set(entry, state);
    this.parts.onChange();
  }

  /**
   * Asks a store that has been opened, or all of them.
   *
   * @throws StoreFailedError
   */
  async ask(only?: StoreEntry): Promise<void> {
    for (const { entry, methods } of this.shared()) {
      if (only && entry !== only) continue;
      this.states.set(entry, await methods.clusterState());
    }
  }

  /**
   * Tells all nodes what to do that are told one of `from` now: of all stores, or of none.
   *
   * @throws StoreFailedError
   */
  async turn(to: ClusterMode, from: readonly ClusterMode[]): Promise<void> {
    const turned: { readonly methods: ClusterMethods; readonly before: ClusterMode }[] = [];
    try {
      for (const { entry, methods } of this.shared()) {
        const before = this.states.get(entry)?.mode ?? to;
        this.states.set(entry, await methods.turnCluster(to, from));
        turned.push({ methods, before });
      }
    } catch (error) {
      await this.turnBack(to, turned);
      throw error;
    }
  }

  /** A store is closed, or all of them: what is said there is not heard any more. */
  forget(entry?: StoreEntry): void {
    if (entry) this.states.delete(entry);
    else this.states.clear();
  }

  private async turnBack(
    from: ClusterMode,
    turned: readonly { readonly methods: ClusterMethods; readonly before: ClusterMode }[],
  ): Promise<void> {
    for (const { methods, before } of turned) {
      if (before === from) continue;
      try {
        await methods.turnCluster(before, [from]);
      } catch (error) {
        this.parts.logger.error(`All nodes stay ${from} in one of several job stores, for another one failed`, error);
      }
    }
    // What this node has heard by itself is no longer so.
    await this.ask().catch(() => undefined);
  }

  private shared(): readonly Shared[] {
    return Array.from(this.parts.stores.values()).flatMap((entry) => {
      const methods = clusterOf(entry.store);
      return methods ? [{ entry, methods }] : [];
    });
  }
}
