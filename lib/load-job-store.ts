import { ConfigurationError } from './engine/errors.js';
import type { JobStore } from './engine/stores/job-store.js';
import type { LoadedStoreConfig } from './module/scheduler-options.js';

/**
 * Makes a store that options describe. Its code, and the packages that it needs, are loaded only then.
 *
 * @throws ConfigurationError when Kysely is not installed; InvalidInputError when the store cannot use its options.
 */
export async function loadJobStore({ type, ...options }: LoadedStoreConfig): Promise<JobStore> {
  if (type === 'redis') {
    const { RedisJobStore } = await import('./stores/redis/index.js');
    return new RedisJobStore(options);
  }
  const { SqlJobStore } = await import('./stores/sql/index.js').catch((error: unknown) => {
    if (!String((error as NodeJS.ErrnoException).code).endsWith('_NOT_FOUND')) throw error;
    throw new ConfigurationError('The package "kysely" is not installed: npm install kysely', { cause: error });
  });
  return new SqlJobStore(options);
}
