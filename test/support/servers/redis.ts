import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { findProgram } from './find-program.js';
import type { ServerRecipe } from './server-recipe.js';

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await client.unlink(keys);
    }
  } finally {
    client.disconnect();
  }
}

export const redis: ServerRecipe = {
  kind: 'redis',
  title: 'Redis',
  urlVariable: 'TEST_REDIS_URL',
  debianPackage: 'redis-server',
  ready: /Ready to accept connections/,
  stopSignal: 'SIGTERM',
  url: (port) => `redis://127.0.0.1:${port}`,

  findProgram: () => findProgram('redis-server', '/usr/bin/redis-server'),

  // The log is written before a change is answered, so it survives a SIGKILL; fsync says whether it is on disk as well.
  args: ({ folder, port, fsync }) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', fsync ? 'always' : 'no'],
  ],

  makeRoom(url) {
    const keyPrefix = `room-${randomUUID()}:`;
    return Promise.resolve({ url, keyPrefix, drop: () => removeKeys(url, keyPrefix) });
  },
};
