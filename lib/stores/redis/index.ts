/* Jobs on Redis. Needs ioredis. */
export { RedisJobStore } from './redis.job-store.js';
export type { RedisClientLike } from './redis-client.js';
export type { RedisJobStoreOptions } from './redis-options.js';
