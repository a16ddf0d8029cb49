import { messageOf } from '../util/inspect.js';

/** Who logs in, in a URL; up to the last `@`, for a password may have one that nobody has encoded. */
const CREDENTIALS = /\b([a-z][a-z\d+.-]*:\/\/)[^\s"'<>]*@/gi;
/** In a connection string. */
const PASSWORD = /\b(password|passwd|pwd)\s*=\s*("[^"]*"|'[^']*'|[^\s;&,]+)/gi;

/**
 * Why something failed, in words that may be shown: drivers repeat the URL that they were given, with its password, and
 * some errors have no message of their own.
 */
export function reasonOf(error: unknown): string {
  return wordsOf(error).replace(CREDENTIALS, '$1').replace(PASSWORD, '$1=***');
}

function wordsOf(error: unknown): string {
  // A name with several addresses fails once for each, which Node.js collects without a message.
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(wordsOf))].join(', ');
  }
  const message = messageOf(error);
  if (message !== '') return message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'it does not say why';
}
