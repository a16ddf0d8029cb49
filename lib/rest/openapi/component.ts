import type { JsonSchema } from '../../engine/model/argument-schema.js';

/** A schema that the document has under a name, and refers to. */
export interface Component {
  readonly name: string;
  readonly schema: JsonSchema;
}

export const referTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** An object that always has all of these members, but the optional ones. */
export function objectOf(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return { type: 'object', properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

export const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

export const TEXT: JsonSchema = { type: 'string' };
export const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const COUNT_OR_NULL: JsonSchema = { type: ['integer', 'null'], minimum: 0 };
export const NUMBER: JsonSchema = { type: 'number' };
export const NUMBER_OR_NULL: JsonSchema = { type: ['number', 'null'] };
export const YES_OR_NO: JsonSchema = { type: 'boolean' };
export const INSTANT: JsonSchema = { type: 'string', format: 'date-time' };
export const INSTANT_OR_NULL: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
/** Plain JSON of any form. */
export const ANYTHING: JsonSchema = {};
export const ANY_OBJECT: JsonSchema = { type: 'object' };
