import { jobVersion } from '../../engine/jobs/job-version.js';
import type { Job } from '../../engine/model/job.js';

/**
 * The `ETag` of a response that shows a job: its version, and what makes each response unique. A version stays the same while
 * the job runs, so a cache that revalidates by it would show an old `next_run_time`.
 */
export function entityTagOf(job: Job, now: number): string {
  return `"${jobVersion(job)}.${now.toString(36)}"`;
}
