import { SchedulerError } from '../../engine/errors.js';
import type { Logger } from '../../engine/logger.js';
import type { RedisClient } from './redis-client.js';

const OLDEST_MAJOR = 6;

/**
 * Checks that the server is recent enough and configured to keep its data.
 *
 * @throws SchedulerError if it is too old.
 */
export async function checkServer(client: RedisClient, logger: Logger): Promise<void> {
  const info = await client.info('everything');
  const about = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = about('redis_version');
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_MAJOR) {
    const message = `Redis ${version} is too old to keep jobs; ${OLDEST_MAJOR}.0 is needed, or Valkey`;
    throw new SchedulerError('CONFIGURATION', message);
  }
  // Without AOF, a crash loses everything since the last snapshot, if there are snapshots at all.
  if (about('aof_enabled') === '0') {
    logger.warn('Redis keeps no append-only file: jobs and runs are lost with the server. Set "appendonly yes"');
  }
  const policy = about('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    logger.warn(
      `Redis may throw jobs away when its memory is full: set "maxmemory-policy noeviction", not "${policy}"`,
    );
  }
}
