import { SchedulerError } from '../../engine/errors.js';
import type { Logger } from '../../engine/logger.js';
import type { RedisClient } from './load-bullmq.js';

/** What BullMQ needs. */
const OLDEST_MAJOR = 5;

/**
 * Checks that the server is recent enough for BullMQ and keeps what it is given.
 *
 * @throws SchedulerError if it is too old.
 */
export async function checkServer(client: RedisClient, logger: Logger): Promise<void> {
  const info = await client.info('everything');
  const about = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = about('redis_version');
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_MAJOR) {
    const message = `Redis ${version} is too old for BullMQ, which needs ${OLDEST_MAJOR}.0 at least`;
    throw new SchedulerError('CONFIGURATION', message);
  }
  const policy = about('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    logger.warn(
      `Redis may throw runs that are handed over away when its memory is full: set "maxmemory-policy noeviction", not "${policy}"`,
    );
  }
}
