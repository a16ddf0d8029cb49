import { inspect } from 'node:util';
import { redact, withoutCredentials } from './redact.js';

/** A value as it stands in an error message: short, on one line, without secrets, whatever it is. */
export function show(value: unknown): string {
  // Before it is shortened: half a URL does not look like one.
  const text =
    typeof value === 'string' ? JSON.stringify(redact(withoutCredentials(value))) : redact(inspectSafely(value));
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

/** What went wrong, in words without secrets. What is thrown may be anything; this throws for none of it. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return redact(error);
  const message = read(() => (error instanceof Error ? error.message : undefined));
  return typeof message === 'string' ? redact(message) : show(error);
}

/** The stack of what was thrown, where it has one, without secrets (Python: the traceback). */
export function stackOf(error: unknown): string | null {
  const stack = read(() => (error instanceof Error ? error.stack : undefined));
  return typeof stack === 'string' ? redact(stack) : null;
}

function inspectSafely(value: unknown): string {
  return read(() => inspect(value, { depth: 1, breakLength: Infinity })) ?? `a value of type ${typeof value}`;
}

/** Getters and proxies run code of their own, which may throw. */
function read<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
