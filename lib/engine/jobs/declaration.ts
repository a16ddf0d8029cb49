import type { Declaration, JobRecord } from './job.js';
import { compareReleases } from './releases.js';

/** Whether a later release has declared the job: an instance of an earlier one, as in a rolling deployment, must not revert it. */
export function isSuperseded({ release }: Declaration, current: Declaration | undefined): boolean {
  // Releases without names have no order: the last declaration counts.
  if (release === null || current === undefined || current.release === null) return false;
  return compareReleases(release, current.release) < 0;
}

/** Merges a declared job with the one that it replaces: the latest release that has declared either counts. */
export function withLatestMark(incoming: JobRecord, current: Declaration | undefined): JobRecord {
  const { declaredBy } = incoming;
  if (!declaredBy || !current || compareReleases(declaredBy.release, current.release) >= 0) return incoming;
  return { ...incoming, declaredBy: current };
}
