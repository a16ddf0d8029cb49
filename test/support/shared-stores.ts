import type { JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { testServer } from './servers/test-server.js';
import { testDatabases } from './sql/test-databases.js';

/** A kind of store that several nodes can share. */
export interface SharedPlace {
  readonly title: string;
  readonly available: boolean;
  /** Creates an empty database. @returns a function that makes a store on it, to be called once per node */
  make(): Promise<() => JobStore>;
}

/** Every kind, with stores as applications create them. To be called at the top of a test file. */
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
