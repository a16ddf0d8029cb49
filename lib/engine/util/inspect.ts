import { inspect } from 'node:util';

/** A value as it stands in an error message: short, on one line, whatever it is. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspectSafely(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

/** What went wrong, in words. What is thrown may be anything; this throws for none of it. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const message = read(() => (error instanceof Error ? error.message : undefined));
  return typeof message === 'string' ? message : show(error);
}

/** The stack of what was thrown, where it has one (Python: the traceback). */
export function stackOf(error: unknown): string | null {
  const stack = read(() => (error instanceof Error ? error.stack : undefined));
  return typeof stack === 'string' ? stack : null;
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
