import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';
import {
  FIRST_CLUSTER_STATE,
  strictest,
  type ClusterMethods,
  type ClusterMode,
  type ClusterState,
} from '../stores/cluster-state.js';
import { clusterOf } from '../stores/job-store.js';

export interface ClusterParts {
  readonly logger: Logger;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  /** Called when the order for all nodes has changed. */
  readonly onChange: () => void;
}

interface Shared {
  readonly entry: StoreEntry;
  readonly methods: ClusterMethods;
}

/** The order for all nodes, as this node knows it from its shared stores. */
export class Cluster {
  private readonly states = new Map<StoreEntry, ClusterState>();
  /** Versions of stores that were earlier than the known one when they were last heard. */
  private readonly earlier = new Map<StoreEntry, number>();

  constructor(private readonly parts: ClusterParts) {}

  /** Whether there is a shared store. */
  get isShared(): boolean {
    return this.shared().length > 0;
  }

  /** The order in effect: of several stores, the strictest. Null while no shared store is open. */
  get state(): ClusterState | null {
    return strictest(this.states.values());
  }

  get mode(): ClusterMode {
    return this.state?.mode ?? 'running';
  }

  /** The order, and since when it holds. */
  get inWords(): string {
    const { mode, changedAt, changedBy } = this.state ?? FIRST_CLUSTER_STATE;
    if (changedAt === null) return mode;
    return `${mode} since ${new Date(changedAt).toISOString()}, by node "${changedBy}"`;
  }

  /** What keeps this node from going on, and what lets it. */
  hint(operation: 'start' | 'resume'): string {
    return `all nodes are ${this.inWords}; ${operation}({ scope: 'cluster' }) lets them go on`;
  }

  /** Receives the state of a store. A later state may have arrived before it; if it comes twice, the store has lost the later one. */
  hear(entry: StoreEntry, state: ClusterState): void {
    const known = this.states.get(entry);
    if (!known) return;
    const isRepeated = this.earlier.get(entry) === state.version;
    this.earlier.delete(entry);
    if (state.version === known.version) return;
    if (state.version < known.version) {
      if (!isRepeated) {
        this.earlier.set(entry, state.version);
        return;
      }
      this.parts.logger.warn(
        `Job store "${entry.alias}" has lost the order for all nodes (${known.mode}): they are ${state.mode}`,
      );
    }
    this.states.set(entry, state);
    this.parts.onChange();
  }

  /**
   * Reads the state of a store that has been opened, or of all stores.
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
   * Changes the order in all stores whose order is one of `from` now, or in none.
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

  /** Forgets the state of a store that has been closed, or of all stores. */
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
    // Overrides states that this node has received in the meantime.
    await this.ask().catch(() => undefined);
  }

  private shared(): readonly Shared[] {
    return Array.from(this.parts.stores.values()).flatMap((entry) => {
      const methods = clusterOf(entry.store);
      return methods ? [{ entry, methods }] : [];
    });
  }
}
