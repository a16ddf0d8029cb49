import type { Clock, Timer } from '../clock.js';
import { InvalidInputError } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import {
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
  EVENT_MASK,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
  type SchedulerEvent,
} from '../events.js';
import type { Logger } from '../logger.js';
import type { RunIds } from '../runs/run-ids.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { messageOf, show } from '../util/inspect.js';
import { OtherAudit } from './other-audit.js';
import { OtherJobs } from './other-jobs.js';
import { OtherRuns } from './other-runs.js';
import { tellChanges, type SchedulerChange, type SchedulerChangeListener } from './scheduler-change.js';

/** How often the shared stores are looked at for what other nodes do. */
const LOOK_MS = 500;
const STORE_EVENTS = EVENT_SCHEDULER_STARTED | EVENT_SCHEDULER_SHUTDOWN | EVENT_JOBSTORE_ADDED | EVENT_JOBSTORE_REMOVED;

export interface WatcherParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly logger: Logger;
  /** The name of this node. */
  readonly node: string;
  /** What this node's runs, and its entries of the audit trail, get their ids from. */
  readonly ids: Readonly<Record<'runs' | 'audit', RunIds>>;
  readonly stores: ReadonlyMap<string, StoreEntry>;
}

interface Others {
  readonly runs: OtherRuns;
  readonly jobs: OtherJobs;
  readonly audit: OtherAudit;
}

/**
 * Tells of changes of jobs and runs, and of entries of the audit trail, on all nodes: of this node's by its events, of those that other nodes make by looking at the
 * shared stores. Without listeners it does nothing.
 */
export class Watcher {
  private listeners: readonly SchedulerChangeListener[] = [];
  private others = new Map<StoreEntry, Others>();
  /** What is being looked at for. */
  private looking: Map<StoreEntry, Others> | null = null;
  private timer: Timer | null = null;
  private isFailing = false;

  constructor(private readonly parts: WatcherParts) {}

  /**
   * @returns what ends it.
   * @throws InvalidInputError if the listener is not a function.
   */
  add(listener: SchedulerChangeListener): () => void {
    if (typeof listener !== 'function') {
      const problem = `must be a function, got ${show(listener)}`;
      throw new InvalidInputError('Invalid listener', [{ field: 'listener', problem }]);
    }
    // One function may be added twice.
    const own: SchedulerChangeListener = (change) => listener(change);
    this.listeners = [...this.listeners, own];
    if (this.listeners.length === 1) this.begin();
    return () => {
      if (!this.listeners.includes(own)) return;
      this.listeners = this.listeners.filter((one) => one !== own);
      if (this.listeners.length === 0) this.end();
    };
  }

  private begin(): void {
    this.parts.events.add(this.hear, EVENT_MASK);
    this.lookAt(0);
  }

  /** The stores that other nodes may share, while somebody watches. */
  private get shared(): readonly StoreEntry[] {
    if (this.listeners.length === 0) return [];
    return [...this.parts.stores.values()].filter(({ open, store }) => open && store.capabilities.shared);
  }

  private end(): void {
    this.parts.events.remove(this.hear);
    this.timer?.cancel();
    this.timer = null;
    // What is being read is not told any more.
    this.others = new Map();
  }

  private readonly hear = (event: SchedulerEvent): void => {
    const { clock, node } = this.parts;
    tellChanges(event, node, clock.now(), this.tellOwn);
    // Stores are opened and closed with the scheduler, and added.
    const isOfStores = (event.code & STORE_EVENTS) !== 0;
    if (isOfStores && this.looking !== this.others) this.lookAt(0);
  };

  private readonly tellOwn = (change: SchedulerChange): void => {
    if ('jobId' in change && !('runId' in change) && !('auditId' in change)) {
      const entry = this.parts.stores.get(change.jobStore);
      if (entry) this.others.get(entry)?.jobs.noteOwn(change);
    }
    this.tell(change);
  };

  private tell(change: SchedulerChange): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.parts.logger.error(`A listener failed on the change ${change.type}`, error);
      }
    }
  }

  private lookAt(delayMs: number): void {
    const { clock } = this.parts;
    this.timer?.cancel();
    this.timer = null;
    if (this.shared.length === 0) return;
    this.timer = clock.setTimer(() => {
      this.timer = null;
      const looked = this.look(this.others);
      clock.track?.(looked);
    }, delayMs);
  }

  /** @param others - replaced when nobody watches any more. */
  private async look(others: Map<StoreEntry, Others>): Promise<void> {
    this.looking = others;
    let hasFailed = false;
    try {
      for (const entry of this.shared) {
        const found = others.get(entry) ?? othersOf(entry, this.parts.ids);
        others.set(entry, found);
        for (const kind of [found.jobs, found.runs, found.audit]) {
          const changes = await this.changesOf(kind);
          if (this.others !== others) return;
          hasFailed ||= changes === null;
          for (const change of changes ?? []) this.tell(change);
        }
      }
      this.isFailing = hasFailed;
    } finally {
      if (this.looking === others) this.looking = null;
      if (this.others === others) this.lookAt(LOOK_MS);
    }
  }

  /**
   * Null if the store fails, which it reports by itself; what happens meanwhile is found afterwards. What else the store can be asked
   * for, and other stores, are looked at all the same.
   */
  private async changesOf(kind: Others[keyof Others]): Promise<readonly SchedulerChange[] | null> {
    try {
      return await kind.look(this.parts.clock.now());
    } catch (error) {
      if (!this.isFailing) this.parts.logger.debug(`Changes of other nodes are not found: ${messageOf(error)}`);
      this.isFailing = true;
      return null;
    }
  }
}

function othersOf(entry: StoreEntry, ids: WatcherParts['ids']): Others {
  return {
    runs: new OtherRuns(entry, ids.runs.instance),
    jobs: new OtherJobs(entry),
    audit: new OtherAudit(entry, ids.audit.instance),
  };
}
