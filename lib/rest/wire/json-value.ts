import { show } from '../../engine/util/inspect.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';

/**
 * A value as JSON has it, whatever it is: arguments given in this process may be anything, and one that JSON does not
 * know must not hide a whole list of jobs. Of a list or an object, only the members that JSON cannot hold become text.
 */
export function toJsonValue(value: unknown): unknown {
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
