import { jsonSchemaOf } from '../../arguments/json-schema.js';
import type { JsonSchema } from '../../engine/model/argument-schema.js';
import type { Endpoint, EndpointName } from '../endpoints/endpoint.js';
import { referToClass } from './class-components.js';
import { TEXT } from './component.js';
import { OPERATION_GROUPS, OPERATIONS } from './operations/operations.js';
import type { ContentType, Operation, OperationResponse } from './operation.js';
import { BODY_ERRORS, COMMON_ERRORS } from './responses/error.responses.js';

export interface ParameterObject {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface MediaTypeObject {
  readonly schema: JsonSchema;
  readonly example: unknown;
}

/** Of one content type. */
export type ContentObject = Readonly<Partial<Record<ContentType, MediaTypeObject>>>;

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: ContentObject;
}

/** An operation as OpenAPI has it. */
export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: { readonly required: boolean; readonly content: ContentObject };
  readonly responses: Readonly<Record<string, ResponseObject>>;
  /** The action that it needs. */
  readonly 'x-action': string;
}

const REASON = {
  'X-Reason': {
    description: 'Why, for the audit trail: at most 10,000 characters, in UTF-8. A `note` in the body comes before it.',
    example: 'bank holiday',
  },
};

/** @param name - the endpoint's, without its prefix. */
export function operationObject(
  name: EndpointName,
  { action, method, name: operationId, path }: Endpoint,
): OperationObject {
  const operation = OPERATIONS[name];
  const { summary, description, body } = operation;
  const isChange = method !== 'GET' && name !== 'preview_trigger';
  const headers = { ...operation.headers, ...(isChange && REASON) };
  const parameters = parametersOf({ ...operation, headers }, path);
  const tags = Object.entries(OPERATION_GROUPS).flatMap(([tag, group]) => (name in group ? [tag] : []));
  const responses = { ...COMMON_ERRORS, ...(body && BODY_ERRORS), ...operation.responses };
  return {
    operationId,
    tags,
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: body.type
          ? { 'application/json': { schema: referToClass(body.type), example: body.example } }
          : { 'application/x-ndjson': { schema: TEXT, example: body.example } },
      },
    }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, responseObject(response)]),
    ),
    'x-action': action,
  };
}

function parametersOf({ query, headers = {} }: Operation, path: string): readonly ParameterObject[] {
  const { properties = {}, required = [] } = (query ? jsonSchemaOf(query.type) : {}) as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  return [
    ...Array.from(path.matchAll(/\/(\w+)s\/:(\w+)/g), ([, owner = '', name = '']) => ({
      name,
      in: 'path' as const,
      required: true,
      description: `The ${name} of the ${owner}, URL-encoded`,
      schema: TEXT,
    })),
    ...Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: 'query' as const,
      required: required.includes(name),
      ...(typeof description === 'string' && { description }),
      schema,
      ...(query && name in query.example && { example: query.example[name] }),
    })),
    ...Object.entries(headers).map(([name, { description, example }]) => ({
      name,
      in: 'header' as const,
      required: false,
      description,
      schema: TEXT,
      example,
    })),
  ];
}

function responseObject({ description, body, headers }: OperationResponse): ResponseObject {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, meaning]) => [name, { description: meaning, schema: TEXT }]),
      ),
    }),
    ...(body && {
      content: { [body.contentType ?? 'application/json']: { schema: body.schema, example: body.example } },
    }),
  };
}
