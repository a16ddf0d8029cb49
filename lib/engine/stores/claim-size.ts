import type { RunPlan } from './job-store.js';

/** What a due job counts towards the limit of a claim: its runs and records of runs left out, and at least 1. */
export function claimSize({ runs, leftOut }: RunPlan): number {
  return Math.max(1, runs.length + leftOut.length);
}
