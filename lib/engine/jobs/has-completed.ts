import { nextTime } from '../triggers/next-time.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { Trigger } from '../triggers/trigger.js';
import type { JobRecord } from '../model/job.js';

/** How many runs of a job for one nominal time are looked at: its attempts, and runs by hand. */
const MOST_AT_ONE_TIME = 100;

/**
 * Whether a declared job has had its last time, as its history says: the store has removed it since. Another node may have
 * run it after this one declared it, or while the clock of this one was behind.
 *
 * @param now - in epoch milliseconds.
 */
export async function hasCompleted({ store }: StoreEntry, job: JobRecord, now: number): Promise<boolean> {
  const { id: jobId, trigger, nextNominalTime: last } = job;
  if (last === null || !isLast(trigger, last)) return false;
  const runs = await store.getRuns({ jobId, from: last, to: last + 1, limit: MOST_AT_ONE_TIME, now });
  const wasDue = runs.some(({ cause }) => cause === 'schedule' || cause === 'retry');
  return wasDue && (await store.get(jobId)) === undefined;
}

/** Whether a trigger has no time after this one. One that cannot say has not ended. */
function isLast(trigger: Trigger, nominalTime: number): boolean {
  try {
    return nextTime(trigger, nominalTime, nominalTime) === null;
  } catch {
    return false;
  }
}
