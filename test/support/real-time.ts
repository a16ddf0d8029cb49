import { readFile } from 'node:fs/promises';

/** Takes real time, as a database does, rather than a few turns of the event loop. */
export async function takeRealTime(): Promise<void> {
  for (let count = 0; count < 10; count++) await readFile(import.meta.filename);
}
