import { types } from 'node:util';

/**
 * A copy of plain data, all the way down: arrays, plain objects, `Date`, `Map`, `Set` and binary data. Everything else, such
 * as functions and instances of other classes, is shared: a copy would not be the thing that was given.
 */
export function copyData<T>(value: T): T {
  if (!isObject(value)) return value;
  // Most jobs have no arguments, and each list of jobs has thousands.
  if (Array.isArray(value) && value.length === 0 && Object.keys(value).length === 0) return [] as T;
  return copyObject(value, new Map()) as T;
}

/** @param copies - of what has been met: data may refer to itself. */
function copyObject(value: object, copies: Map<object, object>): object {
  const known = copies.get(value);
  if (known) return known;
  if (Array.isArray(value)) return copyMembers(value, value.slice(), copies);
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
      return copyMembers(value, { ...value }, copies);
    case null:
      return copyMembers(value, Object.assign(Object.create(null) as object, value), copies);
    case Date.prototype:
      return new Date((value as Date).getTime());
    case Map.prototype:
      return copyMap(value as Map<unknown, unknown>, copies);
    case Set.prototype:
      return copySet(value as Set<unknown>, copies);
    default:
      return copyBytes(value);
  }
}

function copyMembers(value: object, copy: object, copies: Map<object, object>): object {
  copies.set(value, copy);
  const members = copy as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (isObject(member)) members[key] = copyObject(member, copies);
  }
  return copy;
}

function copyMap(value: Map<unknown, unknown>, copies: Map<object, object>): object {
  const copy = new Map<unknown, unknown>();
  copies.set(value, copy);
  for (const [key, member] of value) copy.set(copied(key, copies), copied(member, copies));
  return copy;
}

function copySet(value: Set<unknown>, copies: Map<object, object>): object {
  const copy = new Set<unknown>();
  copies.set(value, copy);
  for (const member of value) copy.add(copied(member, copies));
  return copy;
}

function copyBytes(value: object): object {
  // Called this way it also copies a Buffer, whose own slice() shares its bytes.
  if (types.isUint8Array(value)) return Uint8Array.prototype.slice.call(value);
  const isBinary = ArrayBuffer.isView(value) || types.isArrayBuffer(value);
  return isBinary ? structuredClone(value) : value;
}

function copied(value: unknown, copies: Map<object, object>): unknown {
  return isObject(value) ? copyObject(value, copies) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
