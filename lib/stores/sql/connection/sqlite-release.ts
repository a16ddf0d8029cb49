import { createRequire } from 'node:module';
import { ConfigurationError } from '../../../engine/errors.js';

/** The release to install: later ones need Node 22. */
export const SQLITE_RELEASE = 'better-sqlite3@12';

/** From this release on the package needs Node 22, and crashes the process on Node 20 when it is used. */
const FIRST_FOR_NODE_22 = 13;

/**
 * Rejects a release of better-sqlite3 that would crash, before it is loaded.
 *
 * @throws ConfigurationError
 */
export function checkSqliteRelease(release = installedRelease(), node = process.versions.node): void {
  if (release === undefined || majorOf(release) < FIRST_FOR_NODE_22 || majorOf(node) >= 22) return;
  throw new ConfigurationError(
    `better-sqlite3 ${release} crashes on Node ${node}: npm install ${SQLITE_RELEASE}, or use Node 22 or later`,
  );
}

const majorOf = (version: string): number => Number.parseInt(version, 10);

/** @returns undefined if it is not installed, which loading it reports */
function installedRelease(): string | undefined {
  try {
    return (createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}
