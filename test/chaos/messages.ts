import type { RedisJobStoreOptions } from 'nestjs-apscheduler/redis';
import type { SqlUrlOptions } from 'nestjs-apscheduler/sql';

/** Where the jobs are, as it is told to a process. */
export type StoreSite =
  | { readonly kind: 'sql'; readonly options: SqlUrlOptions }
  | { readonly kind: 'redis'; readonly options: RedisJobStoreOptions };

/** What a node's process is started with. */
export interface NodeSettings {
  readonly node: string;
  /** What no other process of this node is called. */
  readonly process: string;
  readonly store: StoreSite;
  /** Where the ledgers are. */
  readonly folder: string;
  readonly skewMs: number;
}

/** Jobs to add: each fires once a second, `times` times, from its own part of the first second on. */
export interface Workload {
  readonly jobs: number;
  readonly times: number;
  /** The first time of the first job, in epoch milliseconds. */
  readonly startAt: number;
}

/** What the process is asked. */
export type Request =
  | { readonly ask: 'add'; readonly workload: Workload }
  /** How many jobs are left. */
  | { readonly ask: 'count' }
  | { readonly ask: 'skew'; readonly skewMs: number }
  | { readonly ask: 'stop' };

/** What it answers: `null` first, when it has started. */
export interface Answer {
  readonly to: Request['ask'] | null;
  readonly jobs?: number;
  readonly error?: string;
}
