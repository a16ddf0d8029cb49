import type { ArgumentClass } from '../../arguments/argument-schema.js';
import { jsonSchemaOf } from '../../arguments/json-schema.js';
import type { JsonSchema } from '../../engine/model/argument-schema.js';
import { BulkDto } from '../dto/bulk.dto.js';
import { JobFilterDto } from '../dto/job-query.dto.js';
import { AddJobDto, PauseJobDto, PutJobDto, RetryDto, UpdateJobDto } from '../dto/job.dto.js';
import { RunJobDto } from '../dto/run.dto.js';
import { ScopeBodyDto, ShutdownDto } from '../dto/scope.dto.js';
import { ExclusionDto, NestedTriggerDto, PreviewDto, SeededJitterDto } from '../dto/trigger.dto.js';
import { referTo, type Component } from './component.js';

/** What the classes of bodies, and of their members, are called in the document. Their own names may be shortened by a bundler. */
const NAMES: ReadonlyMap<ArgumentClass, string> = new Map<ArgumentClass, string>([
  [AddJobDto, 'AddJob'],
  [PutJobDto, 'PutJob'],
  [UpdateJobDto, 'UpdateJob'],
  [PauseJobDto, 'PauseJob'],
  [RunJobDto, 'RunJob'],
  [BulkDto, 'Bulk'],
  [JobFilterDto, 'JobFilter'],
  [RetryDto, 'Retry'],
  [ScopeBodyDto, 'Scope'],
  [ShutdownDto, 'Shutdown'],
  [PreviewDto, 'Preview'],
  [NestedTriggerDto, 'NestedTrigger'],
  [ExclusionDto, 'Exclusion'],
  [SeededJitterDto, 'SeededJitter'],
]);

/** @throws Error when the class has no name. */
export function referToClass(type: ArgumentClass): JsonSchema {
  return referTo(nameOf(type));
}

/** The schemas of classes, and of those that they have as members. */
export function classComponents(types: readonly ArgumentClass[]): readonly Component[] {
  const components = new Map<ArgumentClass, Component | null>();
  const add = (type: ArgumentClass): JsonSchema => {
    if (!components.has(type)) {
      // Noted first: a trigger has triggers.
      components.set(type, null);
      components.set(type, { name: nameOf(type), schema: jsonSchemaOf(type, add) });
    }
    return referToClass(type);
  };
  types.forEach(add);
  return [...components.values()].filter((component) => component !== null);
}

function nameOf(type: ArgumentClass): string {
  const name = NAMES.get(type);
  if (name === undefined) throw new Error(`${type.name} has no name in the OpenAPI document: add one to its NAMES`);
  return name;
}
