import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs that is executable; `*` in a path stands for the newest version. */
export function findProgram(...candidates: readonly string[]): string | undefined {
  return candidates.flatMap(places).find(isExecutable);
}

function places(candidate: string): string[] {
  if (!candidate.includes('/')) {
    const path = process.env['PATH'] ?? '';
    return path.split(delimiter).map((folder) => join(folder, candidate));
  }
  const star = candidate.indexOf('/*/');
  if (star < 0) return [candidate];
  const parent = candidate.slice(0, star);
  return versionsIn(parent).map((version) => join(parent, version, candidate.slice(star + 3)));
}

function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
