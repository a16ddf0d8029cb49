import { messageOf } from '../../../engine/inspect.js';

/** Why a database did not do what it was asked, in words: drivers' errors may come without a message of their own. */
export function describeFailure(error: unknown): string {
  // A name with several addresses fails once for each, which Node.js collects without a message.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(describeFailure))].join(', ');
  const message = messageOf(error);
  if (message !== '') return message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'it does not say why';
}
