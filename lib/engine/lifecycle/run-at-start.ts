import type { JobRecord } from '../model/job.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { clusterOf } from '../stores/job-store.js';
import type { LifecycleParts } from './lifecycle-parts.js';

/** Runs a job because the scheduler has started, unless another node has done so for all of them. An error is logged. */
export function runAtStart(
  { asked, clock, logger }: Pick<LifecycleParts, 'asked' | 'clock' | 'logger'>,
  entry: StoreEntry,
  job: JobRecord,
): void {
  const run = async (): Promise<void> => {
    const isForAll = job.runOnStart === 'cluster';
    if (isForAll && (await clusterOf(entry.store)?.claimStart(job.id)) === false) return;
    await asked.run(entry, job, 'start', null);
  };
  const begun = run().catch((error: unknown) => logger.error(`Job "${job.id}" did not run at the start`, error));
  clock.track?.(begun);
}
