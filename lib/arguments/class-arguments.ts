import { plainToInstance } from 'class-transformer';
import { validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import { InvalidInputError, type Fault } from '../engine/errors.js';
import type { ArgumentSchema, JsonSchema } from '../engine/model/argument-schema.js';
import { copyData } from '../engine/util/copy-data.js';
import { messageOf } from '../engine/util/inspect.js';
import type { ArgumentClass } from './argument-schema.js';
import { jsonSchemaOf } from './json-schema.js';

/** Arguments as a class describes them: class-validator checks them, class-transformer makes the instance. */
export class ClassArguments implements ArgumentSchema {
  readonly jsonSchema: JsonSchema;

  /** @throws InvalidInputError for a class without rules: it would refuse all members. */
  constructor(private readonly type: ArgumentClass) {
    this.jsonSchema = jsonSchemaOf(type);
    if (Object.keys(this.jsonSchema['properties'] as object).length > 0) return;
    const problem = `of a task must be a class with decorators of class-validator; ${type.name} has none`;
    throw new InvalidInputError('Invalid task', [{ field: 'args', problem }]);
  }

  read(kwargs: Readonly<Record<string, unknown>>): { readonly faults: readonly Fault[]; readonly value: unknown } {
    try {
      const value = plainToInstance(this.type, copyData(kwargs));
      const errors = validateSync(value, {
        whitelist: true,
        forbidNonWhitelisted: true,
        forbidUnknownValues: true,
      });
      return { faults: errors.flatMap((error) => faultsOf(error)), value };
    } catch (error) {
      return { faults: [{ field: '', problem: `cannot be read: ${messageOf(error)}` }], value: undefined };
    }
  }
}

/** Values are not repeated: they may be secret. */
function faultsOf({ property, target, constraints = {}, children = [] }: ValidationError, path = ''): readonly Fault[] {
  const field = Array.isArray(target) ? `${path}[${property}]` : path === '' ? property : `${path}.${property}`;
  const isUnknown = ValidationTypes.WHITELIST in constraints;
  const problems = isUnknown
    ? ['is not known here']
    : Object.values(constraints).map((text) => withoutName(text, property));
  const own = problems.length > 0 ? [{ field, problem: problems.join(' and ') }] : [];
  return [...own, ...children.flatMap((child) => faultsOf(child, field))];
}

/** class-validator's own messages begin with the name of the member, which the fault has. */
function withoutName(message: string, name: string): string {
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}
