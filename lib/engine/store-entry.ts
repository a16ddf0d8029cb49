import type { JobStore } from './stores/job-store.js';

/** A job store as a scheduler uses it: its alias, and what this node has under way for it. */
export interface StoreEntry {
  readonly alias: string;
  readonly store: JobStore;
  /** Whether it can be asked. A store that is not durable always can: its jobs are in this process. */
  open: boolean;
  /** How many instances of each job are under way. */
  readonly instances: Map<string, number>;
  /** Jobs whose trigger has ended: each goes once its last run has an outcome. */
  readonly ending: Set<string>;
  /** Jobs that were skipped for running already, so that each episode is logged once. */
  readonly overlapping: Set<string>;
  /** Failures in a row of asking for due jobs. */
  failures: number;
  /** Not to be asked before this instant, in epoch milliseconds. */
  retryAt: number;
}

export function storeEntry(alias: string, store: JobStore): StoreEntry {
  return {
    alias,
    store,
    open: !store.capabilities.durable,
    instances: new Map(),
    ending: new Set(),
    overlapping: new Set(),
    failures: 0,
    retryAt: -Infinity,
  };
}
