import { InvalidInputError, SchedulerError } from './errors.js';
import type { EventBus } from './event-bus.js';
import {
  EVENT_EXECUTOR_ADDED,
  EVENT_EXECUTOR_REMOVED,
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
} from './events.js';
import type { Executor } from './executors/executor.js';
import { messageOf, show } from './inspect.js';
import type { Logger } from './logger.js';
import { storeEntry, type StoreEntry } from './runs/store-entry.js';
import { JOB_STORE_METHODS } from './stores/job-store-members.js';
import type { JobStore, StoreContext } from './stores/job-store.js';

/** The job stores and executors of a scheduler, by alias, and their opening and closing. */
export class Components {
  readonly stores = new Map<string, StoreEntry>();
  readonly executors = new Map<string, Executor>();

  constructor(
    private readonly events: EventBus,
    private readonly logger: Logger,
    /** What stores are told of this scheduler. */
    private readonly contextOf: (alias: string) => StoreContext,
  ) {}

  /** @throws InvalidInputError when the alias is taken. */
  addStore(store: JobStore, alias: string): StoreEntry {
    assertMethods(store, JOB_STORE_METHODS, 'job store');
    this.assertFree(this.stores, alias, 'job store');
    const entry = storeEntry(alias, store);
    store.attach?.(this.contextOf(alias));
    this.stores.set(alias, entry);
    this.events.emit({ code: EVENT_JOBSTORE_ADDED, alias });
    return entry;
  }

  /** @throws InvalidInputError when there is none of this alias. */
  async removeStore(alias: string): Promise<void> {
    const entry = this.known(this.stores, alias, 'job store');
    this.stores.delete(alias);
    await this.close(entry);
    this.events.emit({ code: EVENT_JOBSTORE_REMOVED, alias });
  }

  /** @throws InvalidInputError when the alias is taken. */
  addExecutor(executor: Executor, alias: string): void {
    assertMethods(executor, ['submit', 'dropQueued'], 'executor');
    this.assertFree(this.executors, alias, 'executor');
    this.executors.set(alias, executor);
    this.events.emit({ code: EVENT_EXECUTOR_ADDED, alias });
  }

  /** @throws InvalidInputError when there is none of this alias. */
  async removeExecutor(alias: string): Promise<void> {
    const executor = this.known(this.executors, alias, 'executor');
    this.executors.delete(alias);
    this.dropQueuedOf(executor, alias);
    await this.contain(`Executor "${alias}" did not stop cleanly`, () => executor.stop?.());
    this.events.emit({ code: EVENT_EXECUTOR_REMOVED, alias });
  }

  /**
   * Opens every store; when one cannot be opened, those that were are closed again.
   *
   * @throws SchedulerError naming the store.
   */
  async openStores(): Promise<void> {
    try {
      for (const entry of this.stores.values()) await this.open(entry);
    } catch (error) {
      await this.closeStores();
      throw error;
    }
  }

  async open(entry: StoreEntry): Promise<void> {
    try {
      await entry.store.start?.();
    } catch (error) {
      const reason = messageOf(error);
      throw new SchedulerError('CONFIGURATION', `Job store "${entry.alias}" cannot be opened: ${reason}`, {
        cause: error,
      });
    }
    entry.open = true;
    entry.failures = 0;
    entry.retryAt = -Infinity;
  }

  async closeStores(): Promise<void> {
    for (const entry of this.stores.values()) await this.close(entry);
  }

  /** Takes back what has not begun yet. */
  dropQueued(): void {
    for (const [alias, executor] of this.executors) this.dropQueuedOf(executor, alias);
  }

  async stopExecutors(): Promise<void> {
    for (const [alias, executor] of this.executors) {
      await this.contain(`Executor "${alias}" did not stop cleanly`, () => executor.stop?.());
    }
  }

  private dropQueuedOf(executor: Executor, alias: string): void {
    try {
      executor.dropQueued();
    } catch (error) {
      this.logger.error(`Executor "${alias}" did not drop what it had not begun`, error);
    }
  }

  private async close(entry: StoreEntry): Promise<void> {
    entry.open = !entry.store.capabilities.durable;
    await this.contain(`Job store "${entry.alias}" did not stop cleanly`, () => entry.store.stop?.());
  }

  private async contain(failure: string, step: () => Promise<void> | undefined): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.logger.error(failure, error);
    }
  }

  private assertFree(components: ReadonlyMap<string, unknown>, alias: unknown, kind: string): void {
    const problem =
      typeof alias !== 'string' || alias === ''
        ? 'must be a non-empty string'
        : components.has(alias)
          ? `"${alias}" is taken`
          : undefined;
    if (problem) throw new InvalidInputError(`Invalid ${kind}`, [{ field: 'alias', problem }]);
  }

  private known<T>(components: ReadonlyMap<string, T>, alias: string, kind: string): T {
    const found = components.get(alias);
    if (found !== undefined) return found;
    const problem = `"${alias}" is not known; known are ${[...components.keys()].join(', ') || 'none'}`;
    throw new InvalidInputError(`Invalid ${kind}`, [{ field: 'alias', problem }]);
  }
}

function assertMethods<T>(component: T, methods: readonly (keyof T & string)[], kind: string): void {
  const isObject = typeof component === 'object' && component !== null;
  const missing = isObject ? methods.filter((method) => typeof component[method] !== 'function') : methods;
  const lacks = [
    ...missing,
    ...(isObject && kind === 'job store' && !('capabilities' in component) ? ['capabilities'] : []),
  ];
  if (lacks.length === 0) return;
  const problem = `must be ${kind === 'executor' ? 'an executor' : 'a job store'}: ${show(component)} lacks ${lacks.join(', ')}`;
  throw new InvalidInputError(`Invalid ${kind}`, [{ field: kind === 'executor' ? 'executor' : 'store', problem }]);
}
