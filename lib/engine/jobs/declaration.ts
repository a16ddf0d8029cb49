import type { Declaration, JobRecord } from './job.js';
import { compareReleases } from './releases.js';

/** Whether a later release has declared the job: an instance of an earlier one, in a rolling deploy say, must not change it back. */
export function isSuperseded({ release }: Declaration, current: Declaration | undefined): boolean {
  // Releases that do not say what they are have no order: the last one that speaks counts.
  if (release === null || current === undefined || current.release === null) return false;
  return compareReleases(release, current.release) < 0;
}

/** A declared job that takes another's place, with the latest release that has declared either. */
export function withLatestMark(incoming: JobRecord, current: Declaration | undefined): JobRecord {
  const { declaredBy } = incoming;
  if (!declaredBy || !current || compareReleases(declaredBy.release, current.release) >= 0) return incoming;
  return { ...incoming, declaredBy: current };
}
