import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_AUDIT_RECORDED } from '../events.js';
import type { Logger } from '../logger.js';
import type { AuditAction, AuditChange, AuditRecord } from '../model/audit.js';
import type { JobRecord } from '../model/job.js';
import type { GivenArguments } from '../model/run-record.js';
import type { RunIds } from '../runs/run-ids.js';
import { storeTime, type StoreEntry } from '../runs/store-entry.js';
import { show } from '../util/inspect.js';
import { ActingContext, type Acting } from './acting.js';
import { changesBetween, givenChanges } from './audit-changes.js';
import type { Redactor } from './redactor.js';

/** How many entries a store gets at once. */
const MOST_AT_ONCE = 500;
/** When so many entries wait for a store, whoever makes more waits as well. */
const MOST_WAITING = 2000;
/** By how much the store's clock may seem to go backward between two entries, since its difference to this node's was measured anew. */
const REMEASURED_MS = 5000;
/** How many entries that could not be written a log line names. */
const MOST_NAMED = 5;

/** Something that somebody has done. */
export interface Deed {
  readonly action: AuditAction;
  readonly jobId?: string | null;
  readonly runId?: string;
  /** The job before and after; null or absent where there was none. */
  readonly before?: JobRecord | null | undefined;
  readonly after?: JobRecord | null | undefined;
  /** What a run by hand was given. */
  readonly given?: GivenArguments | null;
  /** What else has changed. */
  readonly changes?: readonly AuditChange[];
  /** Whom to name; else whoever {@link ActingContext} says. */
  readonly by?: Acting;
}

/** A deed that waits for its store. Its changes are found out when it is written: a record never changes. */
interface Waiting extends Deed {
  readonly id: string;
  readonly time: number;
  readonly by: Acting;
}

interface Queue {
  /** The time of the latest entry, by the store's clock. */
  latest: number;
  waiting: Waiting[];
  writing: Promise<void> | null;
  hasFailed: boolean;
}

export interface AuditTrailParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly redactor: Redactor;
  readonly ids: Pick<RunIds, 'next' | 'idOf'>;
  readonly node: string;
  readonly release: string | null;
  readonly scope: AsyncResource;
  /** How many entries a store keeps: beyond that the oldest of a batch need not be written. */
  readonly maxCount: number;
  /** False: nothing is recorded. */
  readonly isRecorded: boolean;
}

/**
 * Records who did what, in the store that it was done in. Entries are written in the background, in batches: what was done
 * neither waits for them nor fails with them, unless they come faster than the store takes them.
 */
export class AuditTrail {
  readonly acting = new ActingContext();
  private readonly queues = new Map<StoreEntry, Queue>();

  constructor(private readonly parts: AuditTrailParts) {}

  get isRecorded(): boolean {
    return this.parts.isRecorded;
  }

  /**
   * Records what has been done.
   *
   * @returns what to wait for, where too many entries wait already.
   */
  record(entry: StoreEntry, deed: Deed): Promise<void> | undefined {
    if (!this.parts.isRecorded) return undefined;
    const { clock, ids } = this.parts;
    const queue = this.queueOf(entry);
    const time = timeOf(storeTime(entry, clock.now()), queue.latest);
    queue.latest = time;
    queue.waiting.push({ ...deed, id: ids.idOf(time, ids.next()), time, by: deed.by ?? this.acting.current });
    queue.writing ??= this.begin(entry, queue);
    return queue.waiting.length > MOST_WAITING ? queue.writing : undefined;
  }

  /** Records the adding of many jobs. */
  recordAdded(entry: StoreEntry, jobs: readonly JobRecord[]): Promise<void> | undefined {
    let room: Promise<void> | undefined;
    for (const after of jobs.slice(-this.parts.maxCount)) {
      room = this.record(entry, { action: 'job.add', jobId: after.id, after });
    }
    return room;
  }

  /** Resolves when everything that was recorded has been written, or could not be. Never rejects. */
  async flushed(): Promise<void> {
    await Promise.all(Array.from(this.queues.values()).flatMap(({ writing }) => writing ?? []));
  }

  /** Not in the caller's context: connections that are opened meanwhile must not keep it. */
  private begin(entry: StoreEntry, queue: Queue): Promise<void> {
    const { clock, scope } = this.parts;
    const writing = scope.runInAsyncScope(() => this.write(entry, queue));
    clock.track?.(writing);
    return writing;
  }

  private async write(entry: StoreEntry, queue: Queue): Promise<void> {
    // What is done in the same turn goes in one batch.
    await Promise.resolve();
    while (queue.waiting.length > 0) {
      const some = queue.waiting.splice(0, MOST_AT_ONCE);
      try {
        const records = some.flatMap((one) => this.recordOf(one) ?? []);
        if (records.length > 0) await this.append(entry, queue, records);
      } catch (error) {
        this.failed(entry, queue, some, error);
      }
    }
    queue.writing = null;
    if (!entry.open) this.queues.delete(entry);
  }

  private async append(entry: StoreEntry, queue: Queue, records: readonly AuditRecord[]): Promise<void> {
    const { events, logger } = this.parts;
    await entry.store.appendAudit(records);
    if (queue.hasFailed) logger.info(`The audit trail of job store "${entry.alias}" is written again`);
    queue.hasFailed = false;
    if (!events.wants(EVENT_AUDIT_RECORDED)) return;
    for (const record of records) {
      events.emit({ code: EVENT_AUDIT_RECORDED, entry: { ...record, jobStore: entry.alias } });
    }
  }

  /** Undefined where nothing has changed after all. */
  private recordOf({ action, after, before, by, given, jobId, runId, ...deed }: Waiting): AuditRecord | undefined {
    const { node, redactor, release } = this.parts;
    const job = after ?? before;
    const ofJob = !job
      ? []
      : given
        ? givenChanges(given, job, redactor)
        : action === 'job.run'
          ? []
          : changesBetween(before ?? null, after ?? null, redactor);
    const changes = [...(deed.changes ?? []), ...ofJob];
    if (changes.length === 0 && UNLESS_CHANGED.has(action)) return undefined;
    return {
      id: deed.id,
      time: deed.time,
      action,
      actor: by.actor && storable(by.actor),
      jobId: jobId ?? null,
      runId: runId ?? null,
      changes,
      node,
      address: by.address,
      note: by.note,
      release,
    };
  }

  private failed({ alias }: StoreEntry, queue: Queue, lost: readonly Waiting[], error: unknown): void {
    const named = lost.slice(0, MOST_NAMED).map(({ action, by, jobId }) => {
      const what = jobId === undefined || jobId === null ? action : `${action} of ${show(jobId)}`;
      return by.actor === null ? what : `${what} by ${show(by.actor)}`;
    });
    const more = lost.length > named.length ? ` and ${lost.length - named.length} more` : '';
    queue.hasFailed = true;
    this.parts.logger.error(
      `The audit trail of job store "${alias}" could not be written; it lacks ${named.join(', ')}${more}`,
      error,
    );
  }

  private queueOf(entry: StoreEntry): Queue {
    let queue = this.queues.get(entry);
    if (!queue) this.queues.set(entry, (queue = { latest: -Infinity, waiting: [], writing: null, hasFailed: false }));
    return queue;
  }
}

/** Declarations come with each start, and a job may be sent back as it was shown. */
const UNLESS_CHANGED: ReadonlySet<AuditAction> = new Set<AuditAction>(['job.declare', 'job.modify', 'job.replace']);

/** What a node does one after the other keeps its order: entries are sorted by their times, then as they were recorded. */
function timeOf(now: number, latest: number): number {
  return now < latest && latest - now <= REMEASURED_MS ? latest : now;
}

/** A database can hold no NUL, and no half of a character. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed() || '?';
}
