import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { pathPattern } from '../../lib/rest/endpoints/mounted-path.js';
import type { Endpoint } from '../../lib/rest/endpoints/endpoint.js';
import { openApiDocument, type OpenApiDocument } from '../../lib/rest/openapi/openapi-document.js';
import type { OperationObject } from '../../lib/rest/openapi/operation-object.js';

/** A request to the REST API, and how it was answered. */
export interface Exchange {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly path: string;
  /** The body that was sent; undefined if there was none, or it is no JSON. */
  readonly sent?: unknown;
  readonly status: number;
  readonly text: string;
  readonly contentType: string | undefined;
}

const OPTIONS = { apiPrefix: '/scheduler', endpointPrefix: '' };

/**
 * Compares what the REST API takes and answers with its OpenAPI document. Stricter than the document is: members that it
 * does not name are problems.
 */
export class ApiDocument {
  private readonly ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, verbose: true }));
  private readonly operations = new Map<string, { readonly at: string; readonly operation: OperationObject }>();
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument = openApiDocument(OPTIONS)) {
    this.ajv.addSchema(withoutOtherMembers(document) as object, 'openapi');
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const at = `/paths/${path.replaceAll('/', '~1')}/${method}`;
        this.operations.set(operation.operationId, { at, operation });
      }
    }
  }

  /**
   * @param endpoints - where the API is served.
   * @returns what the document does not say; nothing for other requests than the API's.
   */
  problems(exchange: Exchange, endpoints: readonly Endpoint[], endpointPrefix: string): readonly string[] {
    const [path = '', query = ''] = exchange.path.replace(/^https?:\/\/[^/]*/, '').split('?', 2);
    // What cannot be decoded, Fastify answers by itself.
    if (!isDecodable(path)) return [];
    const endpoint = endpoints.find((each) => each.method === exchange.method && pathPattern([each]).test(path));
    const known = endpoint && this.operations.get(endpoint.name.slice(endpointPrefix.length));
    if (!known) return endpoint ? [`${endpoint.name} is not documented`] : [];
    const { at, operation } = known;
    return [
      ...this.responseProblems(exchange, at, operation),
      ...(exchange.status < 300 ? this.requestProblems(exchange, query, at, operation) : []),
    ];
  }

  /** What is wrong with a value, by the schema that stands somewhere in the document. */
  check(value: unknown, pointer: string): readonly string[] {
    const validate = this.validators.get(pointer) ?? this.ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
    this.validators.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params, data }) =>
        `${instancePath} ${message} ${JSON.stringify(params)}, got ${JSON.stringify(data)}`,
    );
  }

  private responseProblems({ status, text, contentType }: Exchange, at: string, operation: OperationObject) {
    const response = operation.responses[status];
    if (!response) return [`${operation.operationId} answers an undocumented ${status}: ${text}`];
    if (!response.content)
      return text === '' ? [] : [`${operation.operationId} answers ${status} with a body: ${text}`];
    const [type = ''] = Object.keys(response.content);
    if (contentType?.startsWith(type) !== true) return [`The content type is ${contentType}`];
    const schema = `${at}/responses/${status}/content/${type.replace('/', '~1')}/schema`;
    const values =
      type === 'text/event-stream'
        ? dataOf(text)
        : [type === 'application/json' ? (JSON.parse(text) as unknown) : text];
    const problems = values.flatMap((value) => this.check(value, schema));
    return problems.map((problem) => `${operation.operationId} answers ${status}: ${problem}`);
  }

  private requestProblems({ sent }: Exchange, query: string, at: string, operation: OperationObject) {
    const { operationId, parameters = [], requestBody } = operation;
    const names = new Set(parameters.filter((each) => each.in === 'query').map(({ name }) => name));
    const strangers = names.size > 0 ? [...new URLSearchParams(query).keys()].filter((name) => !names.has(name)) : [];
    const isJson = requestBody?.content['application/json'] !== undefined;
    const problems =
      isJson && sent !== undefined ? this.check(sent, `${at}/requestBody/content/application~1json/schema`) : [];
    return [
      ...strangers.map((name) => `${operationId} accepts an undocumented parameter ${name}`),
      ...problems.map((problem) => `${operationId} accepts what its schema refuses: ${problem}`),
    ];
  }
}

/** A copy in which objects have no other members than those named, unless their schema speaks of others. */
function withoutOtherMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOtherMembers);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutOtherMembers(member)]));
  const isOpen = 'properties' in value && 'type' in value && !('additionalProperties' in value);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}

/** The data of the events of a stream, of which the last one may be cut off. */
function dataOf(text: string): readonly unknown[] {
  const events = text.slice(0, text.lastIndexOf('\n\n') + 1);
  return Array.from(events.matchAll(/^data: (.*)$/gm), ([, data = '']) => JSON.parse(data) as unknown);
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
