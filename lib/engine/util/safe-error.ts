import { messageOf, show, stackOf } from './inspect.js';
import { redact } from './redact.js';

/** Members in which drivers repeat what they were given: statements with their values, commands, URLs. */
const UNSAFE_MEMBER = /^(?:sql|query|input|command|args|parameters)$|pass|pwd|secret|token|auth|credential|key$/i;
const REPLACED: ReadonlySet<string> = new Set(['message', 'stack', 'cause', 'errors']);
const MAX_DEPTH = 8;

/**
 * An error without secrets: its texts cleaned, its causes and the members of an `AggregateError` likewise, and of its other
 * members only plain values. Drivers attach commands with passwords to their errors, and loggers print all of it.
 *
 * @param clean - what is done to each text.
 * @returns the error itself when there is nothing to hide.
 */
export function safeError(error: unknown, clean: (text: string) => string = redact, depth = 0): unknown {
  try {
    if (error instanceof Error) return depth < MAX_DEPTH ? safeCopy(error, clean, depth + 1) : clean(messageOf(error));
    if (typeof error === 'string') return clean(error);
    return typeof error === 'object' || typeof error === 'function' ? error && clean(show(error)) : error;
  } catch {
    // A getter or a proxy that throws.
    return clean(show(error));
  }
}

function safeCopy(error: Error, clean: (text: string) => string, depth: number): Error {
  const message = clean(error.message);
  const stack = cleanStack(error, clean);
  const cause = safeError(error.cause, clean, depth);
  const errors = error instanceof AggregateError ? error.errors.map((member) => safeError(member, clean, depth)) : [];
  const members = Object.entries(error).filter(([name]) => !REPLACED.has(name));
  const kept = members.filter(([name, value]) => isPlain(value) && !UNSAFE_MEMBER.test(name));
  const isSafe =
    message === error.message &&
    stack === error.stack &&
    cause === error.cause &&
    (!(error instanceof AggregateError) || errors.every((member, index) => member === error.errors[index])) &&
    kept.length === members.length &&
    kept.every(([, value]) => typeof value !== 'string' || clean(value) === value);
  if (isSafe) return error;
  const copy = error instanceof AggregateError ? new AggregateError(errors, message) : new Error(message);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const hidden = { stack, ...(error.cause !== undefined && { cause }) };
  for (const [name, value] of Object.entries(hidden)) {
    Object.defineProperty(copy, name, { value, configurable: true, writable: true });
  }
  for (const [name, value] of kept) {
    Object.defineProperty(copy, name, {
      value: typeof value === 'string' ? clean(value) : value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return copy;
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' && typeof value !== 'function';

/** The stack begins with the message, which may contain lines that look like frames, or like lines of the log. */
function cleanStack(error: Error, clean: (text: string) => string): string | undefined {
  const stack = stackOf(error);
  if (stack === null) return undefined;
  const message = messageOf(error);
  const end = Math.max(0, stack.indexOf(message)) + message.length;
  const [rest = '', ...frames] = stack.slice(end).split('\n');
  const lines = frames.map((line) => (line === '' || line.startsWith(' ') ? `\n${clean(line)}` : clean(`\n${line}`)));
  return clean(stack.slice(0, end) + rest) + lines.join('');
}
