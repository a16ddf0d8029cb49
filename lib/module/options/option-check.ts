import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';

/**
 * Looks at the value of an option.
 *
 * @param name - what to call the option in a fault: its own name, or the key it was read from.
 * @returns what is wrong with it; nothing when it can be used.
 */
export type OptionCheck = (value: unknown, name: string) => readonly Fault[];

/** A check of the whole value, which its fault shows as `print` says. */
export function must(
  what: string,
  holds: (value: unknown) => boolean,
  print: (value: unknown) => string = show,
): OptionCheck {
  return (value, field) => (holds(value) ? [] : [{ field, problem: `must be ${what}, got ${print(value)}` }]);
}

/** A check of a list and of each of its members. */
export function listOf(what: string, checkMember: OptionCheck): OptionCheck {
  return (value, field) => {
    if (!Array.isArray(value)) {
      return [{ field, problem: `must be an array of ${what}, got ${show(value)}` }];
    }
    return value.flatMap((member: unknown, index) => checkMember(member, `${field}[${index}]`));
  };
}

/** A check of a record by alias and of each of its members. */
export function byAlias(what: string, checkMember: OptionCheck): OptionCheck {
  return (value, field) => {
    if (!isRecord(value)) return [{ field, problem: `must be an object of ${what} by alias, got ${typeof value}` }];
    return Object.entries(value).flatMap(([alias, member]) =>
      alias === '' ? [{ field, problem: 'must not have an empty alias' }] : checkMember(member, `${field}.${alias}`),
    );
  };
}

/** An object that is read by its members: neither an array nor a function. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value can stand for an interface, its methods on itself or on its class. */
export function hasMethods<K extends string>(
  value: unknown,
  ...methods: readonly K[]
): value is Readonly<Record<K | string, unknown>> {
  return isRecord(value) && methods.every((method) => typeof value[method] === 'function');
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
