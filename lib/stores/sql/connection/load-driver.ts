import { ConfigurationError } from '../../../engine/errors.js';
import { messageOf } from '../../../engine/util/inspect.js';

/**
 * Loads the package that talks to a database: users install only the one that they need.
 *
 * @param release - what to install: a package that is known to work.
 * @throws ConfigurationError
 */
export async function loadDriver<T>(name: string, release: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const message = isMissing(error, name)
      ? `The package "${name}" is not installed: npm install ${release}`
      : `The package "${name}" cannot be loaded: ${messageOf(error)}`;
    throw new ConfigurationError(message, { cause: error });
  }
}

/** Whether it is the package itself that was not found, and not something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '') && messageOf(error).includes(`'${name}'`);
}
