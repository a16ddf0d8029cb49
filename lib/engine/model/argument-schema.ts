import type { Fault } from '../errors.js';

/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. Members marked as secret have `writeOnly` and `x-secret`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a task takes: it says what a job's kwargs may be, and makes of them what the task is called with. */
export interface ArgumentSchema {
  readonly jsonSchema: JsonSchema;
  /**
   * Reads kwargs, and leaves them as they are. Must be synchronous.
   *
   * @returns the faults, with their paths from the kwargs on (`address.street`); without any, what the task is called with.
   */
  read(kwargs: Readonly<Record<string, unknown>>): { readonly faults: readonly Fault[]; readonly value: unknown };
}

/** Stands for a secret. */
export const HIDDEN = '***';

/** Whether a schema marks anything as secret. */
export function hasSecrets(schema: JsonSchema): boolean {
  return JSON.stringify(schema).includes('"x-secret":true');
}

/**
 * A copy of kwargs in which the members are hidden that their schema marks as secret, nested ones too.
 *
 * @param hide - answers what stands for a secret.
 */
export function withoutSecrets(
  value: unknown,
  schema: JsonSchema,
  hide: (secret: unknown) => unknown = () => HIDDEN,
): unknown {
  if (schema['x-secret'] === true) return value === undefined ? value : hide(value);
  const { items, properties } = schema as { items?: JsonSchema; properties?: Readonly<Record<string, JsonSchema>> };
  if (Array.isArray(value)) return items ? value.map((item: unknown) => withoutSecrets(item, items, hide)) : value;
  if (typeof value !== 'object' || value === null || !properties) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      name,
      Object.hasOwn(properties, name) ? withoutSecrets(member, properties[name] as JsonSchema, hide) : member,
    ]),
  );
}
