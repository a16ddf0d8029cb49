import type { Fault } from '../errors.js';
import { show } from './inspect.js';
import { isPlainObject } from './is-plain-object.js';

/** Deeper nesting is not plausible for arguments, and not every database supports it. */
const MAX_DEPTH = 30;

/** Finds values that JSON would silently change or cannot hold: a date would come back as text, a Map as {}. */
export function findJsonFaults(value: unknown, field: string, depth = 0): Fault[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return [];
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return [{ field, problem: `must be plain JSON, got ${show(value)}` }];
  if (depth === MAX_DEPTH) return [{ field, problem: `must not be nested more than ${MAX_DEPTH} levels deep` }];
  if (Object.getOwnPropertySymbols(value).length > 0) {
    return [{ field, problem: 'must be plain JSON, got members named by symbols' }];
  }
  // A hole in an array is not a member, but JSON would make it one.
  return isArray
    ? Array.from(value).flatMap((member, index) => findJsonFaults(member, `${field}.${index}`, depth + 1))
    : Object.entries(value).flatMap(([name, member]) => findJsonFaults(member, `${field}.${name}`, depth + 1));
}
