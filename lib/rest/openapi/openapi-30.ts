import type { JsonSchema } from '../../engine/model/argument-schema.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';

const REF = '#/components/schemas/';
const KEYWORDS_OF: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'exclusiveMinimum', 'maximum'],
  integer: ['minimum', 'exclusiveMinimum', 'maximum'],
  array: ['items', 'maxItems'],
  object: ['properties', 'required', 'additionalProperties'],
};
const KEYWORDS_OF_TYPES: ReadonlySet<string> = new Set(Object.values(KEYWORDS_OF).flat());

/**
 * A schema in the form of OpenAPI 3.0, which is what @nestjs/swagger writes by default: it has `nullable` in place of the type
 * null, one type, and nothing beside a reference.
 *
 * @param prefix - goes before the names of the schemas that it refers to.
 */
export function toOpenApi30(schema: JsonSchema, prefix: string): JsonSchema {
  const { $ref, type, anyOf, exclusiveMinimum, examples, ...others } = schema;
  const rest = mapSchemas(others, prefix);
  if (Array.isArray(examples)) rest['example'] = examples[0];
  if (typeof exclusiveMinimum === 'number') Object.assign(rest, { minimum: exclusiveMinimum, exclusiveMinimum: true });
  if (Array.isArray(rest['enum']) && rest['enum'].includes(null)) rest['nullable'] = true;
  if (typeof $ref === 'string') {
    const reference = { $ref: $ref.replace(REF, REF + prefix) };
    return Object.keys(rest).length > 0 ? { allOf: [reference], ...rest } : reference;
  }
  const forms = formsOf(schema);
  if (!forms) return { ...(type !== undefined && { type }), ...rest };
  const values = forms.filter((form) => form['type'] !== 'null').map((form) => toOpenApi30(form, prefix));
  const isNullable = values.length < forms.length || values.some(({ nullable }) => nullable === true);
  const common = anyOf ? rest : withoutTypeKeywords(rest);
  const [only] = values;
  const value = values.length > 1 ? { anyOf: values } : only && '$ref' in only ? { allOf: [only] } : only;
  return { ...value, ...common, ...(isNullable && { nullable: true }) };
}

/** The forms that a value may have, if there are several. */
function formsOf({ type, anyOf, ...keywords }: JsonSchema): readonly JsonSchema[] | undefined {
  if (Array.isArray(anyOf)) return anyOf as readonly JsonSchema[];
  if (!Array.isArray(type)) return undefined;
  return type.map((each: string) => ({
    type: each,
    ...Object.fromEntries(Object.entries(keywords).filter(([name]) => KEYWORDS_OF[each]?.includes(name))),
  }));
}

function withoutTypeKeywords(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !KEYWORDS_OF_TYPES.has(name)));
}

/** The same keywords, with the schemas in them converted. */
function mapSchemas({ properties, items, additionalProperties, ...others }: JsonSchema, prefix: string) {
  const convert = (value: unknown): JsonSchema => toOpenApi30(value as JsonSchema, prefix);
  const rest: Record<string, unknown> = { ...others };
  if (isPlainObject(properties)) {
    rest['properties'] = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, convert(value)]));
  }
  if (items !== undefined) rest['items'] = convert(items);
  if (additionalProperties !== undefined) {
    rest['additionalProperties'] = isPlainObject(additionalProperties)
      ? convert(additionalProperties)
      : additionalProperties;
  }
  return rest;
}
