import type { JobSpec } from '../model/job.js';
import { MAX_INSTANT } from '../time/civil.js';
import type { DueRun, RunPlan } from './job-store.js';

/** How many completed jobs a store remembers at least, those with the latest times. */
export const COMPLETED_JOBS = 10_000;

/**
 * The last nominal time of a declared job whose trigger has ended with a plan, or the end of time if it has made all its
 * runs (`maxRuns`); null of all other jobs and plans. A node that
 * has declared the job before that time may add it after: without a note it would run again.
 *
 * @param due - for what it was planned.
 */
export function completionTime(
  { declaredBy }: JobSpec,
  { runs, leftOut, next, pausesJob, runsLeft }: RunPlan,
  due: Pick<DueRun, 'nominalTime'>,
): number | null {
  if (!declaredBy || next !== null || pausesJob) return null;
  // Its trigger has further times, for which it must not begin anew.
  if (runsLeft === 0) return MAX_INSTANT;
  let last = due.nominalTime;
  for (const { nominalTime } of runs) last = Math.max(last, nominalTime);
  for (const { lastNominalTime } of leftOut) last = Math.max(last, lastNominalTime);
  return last;
}
