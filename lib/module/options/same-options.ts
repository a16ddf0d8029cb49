import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { ResolvedSchedulerOptions } from '../scheduler-options.js';

/** The names of the options that two sets of options do not agree in. */
export function differingOptions(a: ResolvedSchedulerOptions, b: ResolvedSchedulerOptions): readonly string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof ResolvedSchedulerOptions>;
  return [...names].filter((name) => !isSame(a[name], b[name]));
}

/** Data is the same when it is equal; what has a behaviour or a life (functions, stores, clocks) only when it is identical. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof URL && b instanceof URL) return a.href === b.href;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((member, index) => isSame(member, b[index]));
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}
