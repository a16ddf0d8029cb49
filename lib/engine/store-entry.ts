import type { JobStore, TakenJob } from './stores/job-store.js';

/** What this node has under way of one job. Ends with the job: another one with its id has a slot of its own. */
export interface JobSlot {
  /** How many instances are under way. */
  running: number;
  /** The trigger has ended: the job goes once its last run has an outcome. */
  ending: boolean;
  /** Last runs that found all places taken: they wait for one, and are not skipped. */
  readonly waiting: TakenJob[];
  /** A skip has been logged in this episode of overlap. */
  isSkipTold: boolean;
  /** Why no further run of it may begin. */
  interrupted: 'paused' | 'removed' | null;
}

/** A job store as a scheduler uses it: its alias, and what this node has under way for it. */
export interface StoreEntry {
  readonly alias: string;
  readonly store: JobStore;
  /** Whether it can be asked. A store that is not durable always can: its jobs are in this process. */
  open: boolean;
  /** By job id; only of jobs that have something under way. */
  readonly slots: Map<string, JobSlot>;
  /** Failures in a row of asking for due jobs. */
  failures: number;
  /** Not to be asked before this instant, in epoch milliseconds. */
  retryAt: number;
}

export function storeEntry(alias: string, store: JobStore): StoreEntry {
  return { alias, store, open: !store.capabilities.durable, slots: new Map(), failures: 0, retryAt: -Infinity };
}

export function slotOf({ slots }: StoreEntry, jobId: string): JobSlot {
  let slot = slots.get(jobId);
  if (!slot)
    slots.set(jobId, (slot = { running: 0, ending: false, waiting: [], isSkipTold: false, interrupted: null }));
  return slot;
}
