import { show } from '../util/inspect.js';
import { formatDate } from '../time/iso-date.js';
import { isPlainObject } from '../util/is-plain-object.js';

/**
 * A value as JSON has it, whatever it is: arguments given in this process may be anything, and one that JSON does not
 * know must not hide a whole list of jobs. Of a list or an object, only the members that JSON cannot hold become text.
 */
export function toJsonValue(value: unknown): unknown {
  // Nearly all values are: they need no copy, and each list of jobs has thousands.
  if (isJson(value, MOST_DEPTH)) return value;
  try {
    return throughJson(value);
  } catch {
    if (Array.isArray(value)) return value.map(valueOrText);
    if (!isPlainObject(value)) return show(value);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, valueOrText(member)]));
  }
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, jsonReplacer) ?? 'null') as unknown;
}

function valueOrText(value: unknown): unknown {
  try {
    return throughJson(value);
  } catch {
    // A cycle, or a toJSON that throws.
    return show(value);
  }
}

/** How deep a value is looked into. */
const MOST_DEPTH = 5;

/** Whether a value is, as it stands, what JSON would make of it. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || (depth > 0 && hasJsonMembers(value, depth - 1));
    default:
      return false;
  }
}

function hasJsonMembers(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    // A hole is undefined here, and null in JSON.
    for (const member of value as unknown[]) if (!isJson(member, depth)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false;
  for (const name in value) if (!isJson((value as Record<string, unknown>)[name], depth)) return false;
  return true;
}

/**
 * For `JSON.stringify`: dates become ISO 8601 strings with a numeric offset, as Python writes them; what JSON has no
 * form for is shown.
 */
export function jsonReplacer(this: unknown, key: string, value: unknown): unknown {
  // By now a date's own toJSON has made a string of it; the date itself is still in its holder.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Date) return dateToJson(original);
  switch (typeof value) {
    case 'bigint':
    case 'symbol':
    case 'function':
      return show(value);
    default:
      return value;
  }
}

function dateToJson(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : formatDate(date.getTime(), 'UTC');
}
