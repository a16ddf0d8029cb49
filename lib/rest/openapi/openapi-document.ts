import type { JsonSchema } from '../../engine/model/argument-schema.js';
import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { ENDPOINTS, listEndpoints, type Endpoint, type EndpointName } from '../endpoints/endpoint.js';
import { classComponents } from './class-components.js';
import { operationObject, type OperationObject } from './operation-object.js';
import { OPERATION_GROUPS, OPERATIONS, RESPONSE_COMPONENTS } from './operations/operations.js';
import { PACKAGE_VERSION } from './version.js';

type DocumentOptions = Pick<ResolvedSchedulerOptions, 'apiPrefix' | 'endpointPrefix' | 'auth' | 'apiGuard'>;

interface SecurityScheme {
  readonly type: 'http';
  readonly scheme: string;
}

/** An OpenAPI 3.1 document of the REST API. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { readonly url: string }[];
  /** Absent where a guard of the application decides. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string }[];
  /** By path and method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  };
}

/**
 * Describes the REST API: by the table of its routes, the classes that validate its input, and the schemas of its responses.
 *
 * @param endpoints - with the paths that they are served at. @default without a global prefix
 */
export function openApiDocument(
  options: DocumentOptions,
  endpoints: readonly Endpoint[] = listEndpoints(options),
): OpenApiDocument {
  const { security, securitySchemes } = securityOf(options);
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    const name = endpoint.name.slice(options.endpointPrefix.length) as EndpointName;
    if (!Object.hasOwn(ENDPOINTS, name)) continue;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationObject(name, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'nestjs-apscheduler',
      summary: 'Jobs, their runs, and the scheduler',
      version: PACKAGE_VERSION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    ...(security && { security }),
    tags: Object.keys(OPERATION_GROUPS).map((name) => ({ name })),
    paths,
    components: { schemas: componentSchemas(), ...(securitySchemes && { securitySchemes }) },
  };
}

/** All schemas that operations refer to, by name. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const bodies = Object.values(OPERATIONS).flatMap(({ body }) => body?.type ?? []);
  const components = [...classComponents(bodies), ...RESPONSE_COMPONENTS];
  return Object.fromEntries(components.map(({ name, schema }) => [name, schema]));
}

function securityOf({ auth, apiGuard }: DocumentOptions): Pick<OpenApiDocument, 'security'> & {
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
} {
  if (apiGuard !== undefined) return {};
  if (auth === false) return { security: [] };
  const isScheme = auth !== undefined && 'getAuthenticateHeader' in auth;
  const [scheme = 'basic'] = isScheme ? auth.getAuthenticateHeader().toLowerCase().split(/\s/) : [];
  return { security: [{ [scheme]: [] }], securitySchemes: { [scheme]: { type: 'http', scheme } } };
}
