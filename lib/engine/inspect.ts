import { inspect } from 'node:util';

/** A value as it stands in an error message: short, on one line, whatever it is. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity });
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
