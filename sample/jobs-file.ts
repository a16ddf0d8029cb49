import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * The SQLite file that a sample keeps its jobs in: `data/jobs.db` in its own folder, or what the environment variable
 * JOBS_FILE names. The folder that it is in is made.
 */
export function jobsFile(): string {
  const file = resolve(process.env.JOBS_FILE ?? 'data/jobs.db');
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
