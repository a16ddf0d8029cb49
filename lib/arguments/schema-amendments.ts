import type { JsonSchema } from '../engine/model/argument-schema.js';
import type { ArgumentClass } from './argument-schema.js';

/** Makes the schema of the class of a member: written out, or as a reference to it. */
export type NestSchema = (type: ArgumentClass) => JsonSchema;

/** Adds to a member's schema what a decorator knows and class-validator's metadata does not say. */
export type Amendment = (schema: JsonSchema, nest: NestSchema) => JsonSchema;

const amendments = new WeakMap<object, Map<PropertyKey, readonly Amendment[]>>();

/** For decorators of our own: amends the JSON Schema of a member of a class. */
export function amendSchema(prototype: object, member: PropertyKey, amend: Amendment): void {
  const members = amendments.get(prototype) ?? new Map<PropertyKey, readonly Amendment[]>();
  amendments.set(prototype, members.set(member, [...(members.get(member) ?? []), amend]));
}

/** The amendments of a member, those of classes that its class extends first. */
export function amendmentsOf(prototype: object | null, member: PropertyKey): readonly Amendment[] {
  if (prototype === null) return [];
  const inherited = amendmentsOf(Object.getPrototypeOf(prototype) as object | null, member);
  return [...inherited, ...(amendments.get(prototype)?.get(member) ?? [])];
}
