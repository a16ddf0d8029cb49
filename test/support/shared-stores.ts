import type { JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { testServer } from './servers/test-server.js';
import { testDatabases } from './sql/test-databases.js';

/** A place for jobs that several nodes may share. */
export interface SharedPlace {
  readonly title: string;
  readonly available: boolean;
  /** An empty place; answers what makes a store on it, one for each node. */
  make(): Promise<() => JobStore>;
}

/** Every kind of place, with stores as applications make them. To be asked for at the top of a test file. */
export async function sharedPlaces(): Promise<readonly SharedPlace[]> {
  const redis = await testServer('redis');
  const databases = await testDatabases();
  return [
    ...databases.map(({ title, available, fresh }) => ({
      title,
      available,
      make: async () => {
        const options = { url: await fresh(), pollInterval: 0.1 };
        return () => new SqlJobStore(options);
      },
    })),
    {
      title: 'Redis',
      available: redis.available,
      make: async () => {
        const { url, keyPrefix } = await redis.room();
        return () => new RedisJobStore({ url, keyPrefix });
      },
    },
  ];
}
