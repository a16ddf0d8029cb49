import type { JobStore } from './engine/stores/job-store.js';
import type { LoadedStoreConfig } from './module/scheduler-options.js';

/**
 * Makes a store that options describe. Its code is loaded only then.
 *
 * @throws InvalidInputError when the store cannot use its options.
 */
export async function loadJobStore({ type, ...options }: LoadedStoreConfig): Promise<JobStore> {
  if (type === 'redis') {
    const { RedisJobStore } = await import('./stores/redis/index.js');
    return new RedisJobStore(options);
  }
  const { SqlJobStore } = await import('./stores/sql/index.js');
  return new SqlJobStore(options);
}
