import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.js';
import { InvalidInputError, SchedulerError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import {
  EVENT_EXECUTOR_ADDED,
  EVENT_EXECUTOR_REMOVED,
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
} from '../events.js';
import type { Executor } from '../executors/executor.js';
import { reasonOf } from '../health/reason-of.js';
import { show } from '../util/inspect.js';
import type { Logger } from '../logger.js';
import { storeEntry, type StoreEntry } from '../runs/store-entry.js';
import { SlowWatch } from '../dispatch/slow-watch.js';
import { GuardedJobStore } from '../stores/guarded.job-store.js';
import { methodsFor } from '../stores/job-store-members.js';
import type { JobStore, StoreContext } from '../stores/job-store.js';

export interface ComponentsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly logger: Logger;
  /** The async context of what stores begin when they are opened: connections, subscriptions. */
  readonly scope: AsyncResource;
}

interface Opening {
  readonly done: Promise<void>;
  readonly slow: SlowWatch;
}

/** The job stores and executors of a scheduler, by alias, and their opening and closing. */
export class Components {
  readonly stores = new Map<string, StoreEntry>();
  readonly executors = new Map<string, Executor>();

  /** Stores that are being opened. */
  private readonly opening = new Map<StoreEntry, Opening>();
  /** Stores that should be open. */
  private readonly wanted = new Set<StoreEntry>();

  constructor(
    private readonly parts: ComponentsParts,
    /** Creates the context of a store. */
    private readonly contextOf: (alias: string, entry: StoreEntry) => StoreContext,
  ) {}

  /** @throws InvalidInputError if the alias is taken. */
  addStore(store: JobStore, alias: string): StoreEntry {
    this.assertFree(this.stores, alias, 'job store');
    assertMethods(store, methodsFor(store?.capabilities), 'job store', alias);
    const guarded: GuardedJobStore = new GuardedJobStore(store, alias, () => {
      entry.pulse.answeredAt = this.parts.clock.now();
    });
    const entry = storeEntry(alias, guarded);
    entry.store.attach?.(this.contextOf(alias, entry));
    this.stores.set(alias, entry);
    this.parts.events.emit({ code: EVENT_JOBSTORE_ADDED, alias });
    return entry;
  }

  /** @throws InvalidInputError if there is none with this alias. */
  async removeStore(alias: string): Promise<void> {
    const entry = this.known(this.stores, alias, 'job store');
    this.stores.delete(alias);
    await this.close(entry);
    this.parts.events.emit({ code: EVENT_JOBSTORE_REMOVED, alias });
  }

  /** @throws InvalidInputError if the alias is taken. */
  addExecutor(executor: Executor, alias: string): void {
    this.assertFree(this.executors, alias, 'executor');
    assertMethods(executor, ['submit', 'dropQueued'], 'executor', alias);
    this.executors.set(alias, executor);
    this.parts.events.emit({ code: EVENT_EXECUTOR_ADDED, alias });
  }

  /**
   * @param isAwaited - whether to wait until it has stopped.
   * @throws InvalidInputError when there is none of this alias.
   */
  async removeExecutor(alias: string, isAwaited: boolean): Promise<void> {
    const executor = this.known(this.executors, alias, 'executor');
    this.executors.delete(alias);
    this.dropQueuedOf(executor, alias);
    const stopped = this.contain(`Executor "${alias}" did not stop cleanly`, () => executor.stop?.());
    if (isAwaited) await stopped;
    this.parts.events.emit({ code: EVENT_EXECUTOR_REMOVED, alias });
  }

  /**
   * Opens every store. If one cannot be opened, the caller must close the others.
   *
   * @throws SchedulerError naming the store.
   */
  async openStores(): Promise<void> {
    await Promise.all(Array.from(this.stores.values(), (entry) => this.open(entry)));
  }

  /** @throws SchedulerError naming the store. */
  async open(entry: StoreEntry): Promise<void> {
    this.wanted.add(entry);
    await (this.opening.get(entry) ?? this.beginToOpen(entry)).done;
    // It may have been closed in the meantime.
    if (!this.wanted.has(entry)) return;
    entry.open = true;
    entry.pulse.opened();
  }

  async closeStores(): Promise<void> {
    await Promise.all(Array.from(this.stores.values(), (entry) => this.close(entry)));
  }

  /** Drops runs that have not started yet. */
  dropQueued(): void {
    for (const [alias, executor] of this.executors) this.dropQueuedOf(executor, alias);
  }

  async stopExecutors(): Promise<void> {
    const stop = ([alias, executor]: [string, Executor]): Promise<void> =>
      this.contain(`Executor "${alias}" did not stop cleanly`, () => executor.stop?.());
    await Promise.all(Array.from(this.executors, stop));
  }

  private beginToOpen(entry: StoreEntry): Opening {
    const slow = new SlowWatch(this.parts, `Job store "${entry.alias}"`, 'opened; the start waits for it');
    slow.begin();
    const done = this.startStore(entry).finally(() => {
      slow.end();
      this.opening.delete(entry);
    });
    const opening = { done, slow };
    this.opening.set(entry, opening);
    return opening;
  }

  private async startStore({ alias, pulse, store }: StoreEntry): Promise<void> {
    try {
      await this.parts.scope.runInAsyncScope(() => store.start?.());
    } catch (error) {
      pulse.opening.failed(error, this.parts.clock.now());
      const message = `Job store "${alias}" cannot be opened: ${reasonOf(error)}`;
      throw new SchedulerError('CONFIGURATION', message, { cause: error });
    }
  }

  private dropQueuedOf(executor: Executor, alias: string): void {
    try {
      executor.dropQueued();
    } catch (error) {
      this.parts.logger.error(`Executor "${alias}" did not drop what it had not begun`, error);
    }
  }

  private async close(entry: StoreEntry): Promise<void> {
    entry.open = !entry.store.capabilities.durable;
    this.wanted.delete(entry);
    entry.pulse.closed();
    const opening = this.opening.get(entry);
    opening?.slow.forget();
    await opening?.done.catch(() => undefined);
    // It may have been opened in the meantime.
    if (this.wanted.has(entry)) return;
    await this.contain(`Job store "${entry.alias}" did not stop cleanly`, () => entry.store.stop?.());
  }

  private async contain(failure: string, step: () => Promise<void> | undefined): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.parts.logger.error(failure, error);
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

function assertMethods<T>(component: T, methods: readonly (keyof T & string)[], kind: string, alias: string): void {
  const isObject = typeof component === 'object' && component !== null;
  const missing = isObject ? methods.filter((method) => typeof component[method] !== 'function') : methods;
  const lacks = [
    ...missing,
    ...(isObject && kind === 'job store' && !('capabilities' in component) ? ['capabilities'] : []),
  ];
  if (lacks.length === 0) return;
  const problem = `must be ${kind === 'executor' ? 'an executor' : 'a job store'}: ${show(component)} lacks ${lacks.join(', ')}`;
  throw new InvalidInputError(`Invalid ${kind} "${alias}"`, [
    { field: kind === 'executor' ? 'executor' : 'store', problem },
  ]);
}
