import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import type { JsonSchema } from '../engine/model/argument-schema.js';
import type { ArgumentClass } from './argument-schema.js';
import { amendmentsOf, type NestSchema } from './schema-amendments.js';
import { isSecret } from './secret.decorator.js';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Keywords = Record<string, unknown>;

/** What rules mean in JSON Schema, by class-validator's names for them. Rules that are not here allow more than they do. */
const KEYWORDS: Readonly<Record<string, (limits: readonly unknown[]) => Keywords>> = {
  isString: () => ({ type: 'string' }),
  isNotEmpty: () => ({}),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isPositive: () => ({ exclusiveMinimum: 0 }),
  isNegative: () => ({ exclusiveMaximum: 0 }),
  isBoolean: () => ({ type: 'boolean' }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isDate: () => ({ type: 'string', format: 'date-time' }),
  isDateString: () => ({ type: 'string', format: 'date-time' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isUrl: () => ({ type: 'string', format: 'uri' }),
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  min: ([least]) => ({ minimum: least }),
  max: ([most]) => ({ maximum: most }),
  isDivisibleBy: ([step]) => ({ multipleOf: step }),
  minLength: ([least]) => ({ minLength: least }),
  maxLength: ([most]) => ({ maxLength: most }),
  isLength: ([least, most]) => ({ minLength: least, ...(most !== undefined && { maxLength: most }) }),
  matches: ([pattern]) => (pattern instanceof RegExp && pattern.flags === '' ? { pattern: pattern.source } : {}),
  isIn: ([values]) => ({ enum: values }),
  isEnum: ([, values]) => ({ enum: values }),
  equals: ([value]) => ({ const: value }),
  arrayMinSize: ([least]) => ({ minItems: least }),
  arrayMaxSize: ([most]) => ({ maxItems: most }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  arrayUnique: () => ({ uniqueItems: true }),
};

/** Deeper than any arguments; a class that has itself as a member ends here. */
const MAX_DEPTH = 8;

/**
 * The JSON Schema of a class, by its decorators of class-validator. What it cannot express, it leaves open.
 *
 * @param nest - makes the schemas of members that are objects. @default they are written out
 */
export function jsonSchemaOf(type: ArgumentClass, nest: NestSchema = writtenOut(MAX_DEPTH)): JsonSchema {
  const rules = new Map<string, Rule[]>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)) {
    rules.set(rule.propertyName, [...(rules.get(rule.propertyName) ?? []), rule]);
  }
  const schemas = Array.from(rules, ([name, its]) => [name, memberSchema(type, name, its, nest)] as const);
  const defaults = instanceOf(type, {});
  // What depends on other members, by ValidateIf, may be absent as far as a schema can say; what is merely allowed, always.
  const mayBeAbsent = (name: string, its: readonly Rule[]): boolean =>
    defaults?.[name] !== undefined ||
    its.some(({ type: kind }) => kind === ValidationTypes.CONDITIONAL_VALIDATION) ||
    its.every(({ type: kind }) => kind === ValidationTypes.WHITELIST);
  const required = [...rules].filter(([name, its]) => !mayBeAbsent(name, its)).map(([name]) => name);
  const properties = Object.fromEntries(schemas);
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function writtenOut(depth: number): NestSchema {
  return (type) => (depth > 0 ? jsonSchemaOf(type, writtenOut(depth - 1)) : { type: 'object' });
}

function memberSchema(type: ArgumentClass, name: string, rules: readonly Rule[], nest: NestSchema): JsonSchema {
  const own: Keywords = {};
  const items: Keywords = {};
  for (const rule of rules) {
    const target = rule.each ? items : own;
    if (rule.type === ValidationTypes.NESTED_VALIDATION) Object.assign(target, nested(type, name, rule.each, nest));
    else Object.assign(target, KEYWORDS[rule.name ?? '']?.(rule.constraints ?? []));
  }
  const prototype = type.prototype as object;
  const isList = rules.some(({ each }) => each);
  const secret = isSecret(prototype, name) ? { writeOnly: true, 'x-secret': true } : {};
  const schema = { ...own, ...(isList && { type: 'array', items }), ...secret };
  return amendmentsOf(prototype, name).reduce<JsonSchema>((amended, amend) => amend(amended, nest), schema);
}

/** class-transformer does not publish the types of members: what it makes of an empty one tells. */
function nested(type: ArgumentClass, name: string, isList: boolean, nest: NestSchema): JsonSchema {
  const made = instanceOf(type, { [name]: isList ? [{}] : {} })?.[name];
  const member: unknown = Array.isArray(made) ? made[0] : made;
  const { constructor } = (member ?? {}) as { constructor?: unknown };
  if (typeof constructor !== 'function' || constructor === Object) return { type: 'object' };
  return nest(constructor as ArgumentClass);
}

function instanceOf(type: ArgumentClass, plain: object): Readonly<Record<string, unknown>> | undefined {
  try {
    return plainToInstance(type as ArgumentClass<Record<string, unknown>>, plain);
  } catch {
    // Transformations of other members may fail where those are absent.
    return undefined;
  }
}
