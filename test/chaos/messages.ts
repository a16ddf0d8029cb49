import type { RedisJobStoreOptions } from 'nestjs-apscheduler/redis';
import type { SqlUrlOptions } from 'nestjs-apscheduler/sql';

/** The store, as described to a process. */
export type StoreSite =
  | { readonly kind: 'sql'; readonly options: SqlUrlOptions }
  | { readonly kind: 'redis'; readonly options: RedisJobStoreOptions };

/** A queue of BullMQ. */
export interface QueueSite {
  readonly url: string;
  readonly prefix: string;
  readonly queue: string;
}

/** The arguments of a worker's process. */
export interface WorkerSettings {
  /** Unique among all processes. */
  readonly process: string;
  /** The folder of the ledgers. */
  readonly folder: string;
  readonly site: QueueSite;
}

/** The arguments of a node's process. */
export interface NodeSettings {
  readonly node: string;
  /** Unique among the processes of this node. */
  readonly process: string;
  readonly store: StoreSite;
  /** Where runs are handed over to; null where nodes carry them out. */
  readonly queue: QueueSite | null;
  /** The folder of the ledgers. */
  readonly folder: string;
  readonly skewMs: number;
}

/** Jobs to add: each fires once per second, `times` times, with its own offset in the second. */
export interface Workload {
  readonly jobs: number;
  readonly times: number;
  /** The first time of the first job, in epoch milliseconds. */
  readonly startAt: number;
  readonly executor: 'default' | 'queue';
}

/** A request to the process. */
export type Request =
  | { readonly ask: 'add'; readonly workload: Workload }
  /** How many jobs are left. */
  | { readonly ask: 'count' }
  | { readonly ask: 'skew'; readonly skewMs: number }
  | { readonly ask: 'stop' };

/** An answer of the process; the first one, `null`, says that it has started. */
export interface Answer {
  readonly to: Request['ask'] | null;
  readonly jobs?: number;
  readonly error?: string;
}
