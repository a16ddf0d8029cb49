import { isInstant } from '../time/civil.js';

/**
 * A node as a shared store has it: one that has a lease, or whose lease has expired and is not ended yet. Instants are epoch
 * milliseconds by the store's clock. What is damaged, or an earlier release has not stored, is null.
 */
export interface StoredNode {
  /** {@link StoreContext.instance} of its scheduler. */
  readonly instance: string;
  /** Its name; empty where it cannot be read. */
  readonly name: string;
  /** When it took its lease. */
  readonly since: number | null;
  /** When it renewed its lease. */
  readonly seenAt: number | null;
  readonly expiresAt: number | null;
  /** Whether its lease has expired. */
  readonly expired: boolean;
  /** How far the store's clock is ahead of the node's; null where the store goes by that. */
  readonly clockSkewMs: number | null;
  /** How many runs are under its lease. */
  readonly activeRuns: number;
  /** What its {@link StoreContext.describeNode} returned at its latest heartbeat. */
  readonly description: string | null;
}

/** Reads an instant, or another whole number of that size, from what a server has kept; null if it is none. */
export function readStoredInstant(value: unknown): number | null {
  const isDigits = typeof value === 'string' && /^-?\d{1,16}$/.test(value);
  const number = isDigits || typeof value === 'bigint' ? Number(value) : value;
  return isInstant(number) ? number : null;
}
