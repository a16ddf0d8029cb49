import { InvalidInputError, SchedulerError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import {
  EVENT_EXECUTOR_ADDED,
  EVENT_EXECUTOR_REMOVED,
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
} from '../events.js';
import type { Executor } from '../executors/executor.js';
import { Roles } from '../executors/roles.js';
import type { NodeRoles } from '../model/node-roles.js';
import { messageOf, show } from '../util/inspect.js';
import { storeEntry, type StoreEntry } from '../runs/store-entry.js';
import { GuardedJobStore } from '../stores/guarded.job-store.js';
import { methodsFor } from '../stores/job-store-members.js';
import type { JobStore, StoreContext } from '../stores/job-store.js';
import { StoreOpening, type StoreOpeningParts } from './store-opening.js';

export interface ComponentsParts extends StoreOpeningParts {
  readonly events: EventBus;
  /** For how many seconds a start waits for a store that cannot be opened. */
  readonly waitForStores: number;
  readonly roles: NodeRoles;
}

/** The job stores and executors of a scheduler, by alias, and their opening and closing. */
export class Components {
  readonly stores = new Map<string, StoreEntry>();
  readonly executors = new Map<string, Executor>();
  readonly roles: Roles;

  /** Stores that are being opened. */
  private readonly opening = new Map<StoreEntry, StoreOpening>();
  /** Stores that should be open. */
  private readonly wanted = new Set<StoreEntry>();

  constructor(
    private readonly parts: ComponentsParts,
    /** Creates the context of a store. */
    private readonly contextOf: (alias: string, entry: StoreEntry) => StoreContext,
  ) {
    this.roles = new Roles(parts.roles, this.executors);
  }

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
    const { clock, logger } = this.parts;
    executor.attach?.({ alias, clock, logger });
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
   * Opens every store, and waits for those that cannot be opened yet. If one stays so, the caller must close the others.
   *
   * @throws SchedulerError naming the store.
   */
  async openStores(signal: AbortSignal): Promise<void> {
    const { waitForStores } = this.parts;
    // Stores may be added while others are waited for.
    for (let all = this.closed; all.length > 0 && !signal.aborted; all = this.closed) {
      await Promise.all(all.map((entry) => this.open(entry, waitForStores)));
    }
  }

  /** Whether there is no store that is still to be opened. */
  get areOpen(): boolean {
    return this.closed.length === 0;
  }

  /** A start that waits for stores gives up after the attempts under way. */
  stopWaiting(): void {
    for (const opening of this.opening.values()) opening.giveUp();
  }

  /**
   * @param limit - for how many seconds it is tried again if it cannot be opened.
   * @throws SchedulerError naming the store.
   */
  async open(entry: StoreEntry, limit = 0): Promise<void> {
    this.wanted.add(entry);
    await (this.opening.get(entry) ?? this.beginToOpen(entry, limit)).done;
    // It may have been closed in the meantime.
    if (!this.wanted.has(entry)) return;
    entry.open = true;
    entry.pulse.opened();
  }

  async closeStores(): Promise<void> {
    await Promise.all(Array.from(this.stores.values(), (entry) => this.close(entry)));
  }

  /** Stops what a start that failed has started. */
  async release(): Promise<void> {
    await Promise.all([this.stopExecutors(), this.closeStores()]);
  }

  /** Drops runs that have not started yet. */
  dropQueued(): void {
    for (const [alias, executor] of this.executors) this.dropQueuedOf(executor, alias);
  }

  /** @throws SchedulerError naming the executor that cannot start. */
  async startExecutors(): Promise<void> {
    await Promise.all(Array.from(this.executors.keys(), (alias) => this.startExecutor(alias)));
  }

  /** Starts one that is added to a scheduler that has been started. Its runs fail for what its start does. */
  startAdded(alias: string): void {
    void this.contain(`Executor "${alias}" has been added and does not work`, () => this.startExecutor(alias));
  }

  private async startExecutor(alias: string): Promise<void> {
    // One that gets no runs here needs not be able to carry any out.
    if (!this.roles.takes(alias)) return;
    try {
      await this.parts.scope.runInAsyncScope(() => this.executors.get(alias)?.start?.());
    } catch (cause) {
      throw new SchedulerError('CONFIGURATION', `Executor "${alias}" cannot start: ${messageOf(cause)}`, { cause });
    }
  }

  async stopExecutors(): Promise<void> {
    const stop = ([alias, executor]: [string, Executor]): Promise<void> =>
      this.contain(`Executor "${alias}" did not stop cleanly`, () => executor.stop?.());
    await Promise.all(Array.from(this.executors, stop));
  }

  private get closed(): readonly StoreEntry[] {
    return [...this.stores.values()].filter((entry) => !this.wanted.has(entry));
  }

  private beginToOpen(entry: StoreEntry, limit: number): StoreOpening {
    const opening = new StoreOpening(this.parts, entry, limit);
    const end = (): void => void this.opening.delete(entry);
    this.opening.set(entry, opening);
    opening.done.then(end, end);
    return opening;
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
    opening?.cancel();
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
