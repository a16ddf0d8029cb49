import { messageOf } from '../util/inspect.js';

/** Why something failed, in words that may be shown. Some errors have no message of their own. */
export function reasonOf(error: unknown): string {
  // A name with several addresses fails once for each, which Node.js collects without a message.
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join(', ');
  }
  const message = messageOf(error);
  if (message !== '') return message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'it does not say why';
}
