import { expect, it } from 'vitest';
import type { JsonSchema } from '../../../../lib/engine/model/argument-schema.js';
import { toOpenApi30 } from '../../../../lib/rest/openapi/openapi-30.js';

const JOB = { $ref: '#/components/schemas/Job' };
const MY_JOB = { $ref: '#/components/schemas/MyJob' };

it.each<[string, JsonSchema, JsonSchema]>([
  ['one type', { type: 'string', minLength: 1 }, { type: 'string', minLength: 1 }],
  ['anything', {}, {}],
  [
    'a type or null',
    { type: ['string', 'null'], format: 'date-time' },
    { type: 'string', format: 'date-time', nullable: true },
  ],
  [
    'several types, each with its limits',
    { type: ['number', 'string', 'null'], exclusiveMinimum: 0, minLength: 1, description: 'a' },
    {
      anyOf: [
        { type: 'number', minimum: 0, exclusiveMinimum: true },
        { type: 'string', minLength: 1 },
      ],
      nullable: true,
      description: 'a',
    },
  ],
  ['values and null', { enum: ['a', null] }, { enum: ['a', null], nullable: true }],
  ['an example', { type: 'string', examples: ['a', 'b'] }, { type: 'string', example: 'a' }],
  ['a reference', JOB, MY_JOB],
  ['a reference that is described', { ...JOB, description: 'a' }, { allOf: [MY_JOB], description: 'a' }],
  ['a reference or null', { anyOf: [JOB, { type: 'null' }] }, { allOf: [MY_JOB], nullable: true }],
  [
    'forms of which one may be null',
    { anyOf: [JOB, { type: ['integer', 'null'], minimum: 1 }] },
    { anyOf: [MY_JOB, { type: 'integer', minimum: 1, nullable: true }], nullable: true },
  ],
  ['items', { type: ['array', 'null'], items: JOB }, { type: 'array', items: MY_JOB, nullable: true }],
  [
    'members',
    { type: 'object', properties: { a: JOB }, required: ['a'], additionalProperties: JOB },
    { type: 'object', properties: { a: MY_JOB }, required: ['a'], additionalProperties: MY_JOB },
  ],
  [
    'no other members',
    { type: 'object', additionalProperties: false },
    { type: 'object', additionalProperties: false },
  ],
])('writes as OpenAPI 3.0 has it: %s', (_, schema, expected) => {
  expect(toOpenApi30(schema, 'My')).toEqual(expected);
});
