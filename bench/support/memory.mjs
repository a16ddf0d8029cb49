import { setTimeout as delay } from 'node:timers/promises';

const SETTLING_ROUNDS = 4;
const SETTLING_MS = 100;

/**
 * What this process holds after its garbage has been collected. Needs `--expose-gc`.
 *
 * @returns {{ heap: number, rss: number }} bytes: of objects, and of memory that the computer has given
 */
export function usedMemory() {
  // A second time for what the first one only found to be free.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** The same of a process that does nothing meanwhile: what is free goes back to the computer little by little. */
export async function settledMemory() {
  for (let i = 0; i < SETTLING_ROUNDS; i++) {
    usedMemory();
    await delay(SETTLING_MS);
  }
  return usedMemory();
}
