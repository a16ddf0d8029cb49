import type { QueryDeadline } from './query-deadline.js';

/** What a pool of connections to a server keeps to. */
export interface PoolLimits {
  /** The most connections at once. */
  readonly size: number;
  /** How long to wait for a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /**
   * How long a transaction may wait for its next statement, in milliseconds. Its locks hold everybody else up, and a
   * process that stands still, or that the network has lost, would keep them.
   */
  readonly standstillMs: number;
  /** Null where queries may take as long as they need. */
  readonly deadline: QueryDeadline | null;
}
