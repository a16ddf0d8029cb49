import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const key = randomBytes(32);
const digest = (text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/**
 * Whether two secrets are the same. How long it takes tells neither where they differ nor, as both are digested
 * first, how long the right one is.
 */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}
