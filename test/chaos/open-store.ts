import type { HistoryOptions, JobStore } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import type { StoreSite } from './messages.js';

/** Nothing is pruned before it has been judged. */
export const HISTORY: HistoryOptions = { perJob: 100_000, total: 10_000_000, maxAge: '7d' };

export function storeAt(site: StoreSite): JobStore {
  return site.kind === 'redis' ? new RedisJobStore(site.options) : new SqlJobStore(site.options);
}
