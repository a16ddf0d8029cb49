import type { Cluster } from './cluster.js';
import type { Components } from './components.js';
import type { Lifecycle } from './lifecycle.js';
import type { Loop } from '../dispatch/loop.js';
import type { JobStore } from '../stores/job-store.js';

export interface StoreKeeperParts {
  readonly cluster: Cluster;
  readonly components: Components;
  readonly lifecycle: Lifecycle;
  readonly loop: Loop;
}

/** Takes job stores on and lets them go, whatever the scheduler does. */
export class StoreKeeper {
  constructor(private readonly parts: StoreKeeperParts) {}

  /** @throws InvalidInputError when the alias is taken; SchedulerError when it cannot be opened (and is not added). */
  async add(store: JobStore, alias: string): Promise<void> {
    const { cluster, components, lifecycle, loop } = this.parts;
    const entry = components.addStore(store, alias);
    if (!lifecycle.isStarted) return;
    try {
      await components.open(entry);
      await cluster.ask(entry);
    } catch (error) {
      await components.removeStore(alias);
      throw error;
    }
    loop.add(entry);
    lifecycle.follow();
  }

  /** @throws InvalidInputError when there is none. */
  async remove(alias: string): Promise<void> {
    const { cluster, components, lifecycle, loop } = this.parts;
    const entry = components.stores.get(alias);
    if (entry) loop.remove(entry);
    await components.removeStore(alias);
    if (!entry) return;
    cluster.forget(entry);
    lifecycle.follow();
  }
}
