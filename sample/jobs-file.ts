import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * The SQLite file of a sample: `data/jobs.db` in its own folder, or that of the environment variable JOBS_FILE. Its folder is
 * created.
 */
export function jobsFile(): string {
  const file = resolve(process.env.JOBS_FILE ?? 'data/jobs.db');
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
