import { setTimeout as delay } from 'node:timers/promises';

const SETTLING_ROUNDS = 4;
const SETTLING_MS = 100;

/**
 * The memory of this process after a garbage collection. Needs `--expose-gc`.
 *
 * @returns {{ heap: number, rss: number }} bytes of objects, and of resident memory
 */
export function usedMemory() {
  // A second collection frees what finalizers of the first one released.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** The same after an idle time, since free memory is returned to the system gradually. */
export async function settledMemory() {
  for (let i = 0; i < SETTLING_ROUNDS; i++) {
    usedMemory();
    await delay(SETTLING_MS);
  }
  return usedMemory();
}
