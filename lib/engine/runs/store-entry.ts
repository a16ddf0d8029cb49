import { StorePulse } from '../health/store-pulse.js';
import type { JobStore } from '../stores/job-store.js';
import type { JobConcurrency } from './job-concurrency.js';
import type { RunEntry } from './run-entry.js';

/** A job store as a scheduler uses it: its alias, and what this node has under way for it. */
export interface StoreEntry {
  readonly alias: string;
  readonly store: JobStore;
  /** Whether it can be asked. A store that is not durable always can: its jobs are in this process. */
  open: boolean;
  /** By job id; only of jobs that have something under way. */
  readonly slots: Map<string, JobConcurrency>;
  /** The runs that the claim under way has planned, until all of them have been handed over. */
  claiming: RunEntry[];
  readonly pulse: StorePulse;
}

export function storeEntry(alias: string, store: JobStore): StoreEntry {
  return {
    alias,
    store,
    open: !store.capabilities.durable,
    slots: new Map(),
    claiming: [],
    pulse: new StorePulse(),
  };
}

/** An instant of this node's clock by the clock that a store goes by; the same while the difference is not known. */
export function storeTime({ open, store }: StoreEntry, nodeTime: number): number {
  const skewMs = (open ? store.status?.() : undefined)?.clockSkewMs ?? 0;
  return nodeTime + Math.round(skewMs);
}

/** What this node has under way of a job. Where nothing is, the job's id is not even looked at: that is a fire's fastest way. */
export function slotOf({ slots }: StoreEntry, jobId: string): JobConcurrency | undefined {
  return slots.size === 0 ? undefined : slots.get(jobId);
}

/** The jobs that this node has runs of: under way, waiting, or just claimed. */
export function jobsUnderWay({ claiming, slots }: StoreEntry): ReadonlySet<string> {
  return new Set([...slots.keys(), ...claiming.map(({ jobId }) => jobId)]);
}
