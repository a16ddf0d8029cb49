import type { JsonSchema } from '../engine/model/argument-schema.js';

const NULL: JsonSchema = { type: 'null' };

/** The schema of a value that may also be null. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { anyOf, description, ...keywords } = schema;
  const isListed = 'enum' in keywords || 'const' in keywords;
  if ('type' in keywords && !isListed) return { ...schema, type: [...new Set([keywords['type'], 'null'].flat())] };
  const forms = Array.isArray(anyOf) ? (anyOf as readonly JsonSchema[]) : [keywords];
  const others = forms.filter(({ type }) => type !== 'null');
  return { anyOf: [...others, NULL], ...(description !== undefined && { description }) };
}
