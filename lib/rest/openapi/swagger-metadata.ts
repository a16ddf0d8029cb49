import type { Type } from '@nestjs/common';
import { messageOf } from '../../engine/util/inspect.js';
import { nestLogger } from '../../module/nest.logger.js';
import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import type { Endpoint, EndpointName } from '../endpoints/endpoint.js';
import { componentSchemas } from './openapi-document.js';
import { toOpenApi30 } from './openapi-30.js';
import { operationObject, type ContentObject, type MediaTypeObject, type ParameterObject } from './operation-object.js';

/** What is used of @nestjs/swagger, in all releases of 11 and 12. */
interface Swagger {
  readonly ApiBody: (options: object) => unknown;
  readonly ApiConsumes: (...types: string[]) => unknown;
  readonly ApiExcludeController: () => ClassDecorator;
  readonly ApiExtraModels: (...models: Type[]) => unknown;
  readonly ApiHeader: (options: object) => unknown;
  readonly ApiOperation: (options: object) => unknown;
  readonly ApiParam: (options: object) => unknown;
  readonly ApiQuery: (options: object) => unknown;
  readonly ApiResponse: (options: object) => unknown;
  readonly ApiSchema: (options: object) => ClassDecorator;
}

/** The decorators of a route. */
export type DecoratorsOf = (endpoint: Endpoint) => readonly MethodDecorator[];

/** The application may have schemas of the same names. */
const PREFIX = 'Scheduler';

/**
 * Puts the API into the document that @nestjs/swagger makes of an application, or keeps it out. Does nothing where that is not
 * installed.
 *
 * @returns what is to be put on the routes.
 */
export async function documentForSwagger(
  controller: Type,
  { openapi, endpointPrefix }: ResolvedSchedulerOptions,
): Promise<DecoratorsOf | undefined> {
  const swagger = await loadSwagger();
  if (!swagger) return undefined;
  if (openapi === 'exclude') {
    swagger.ApiExcludeController()(controller);
    return undefined;
  }
  (swagger.ApiExtraModels(...modelsOf(swagger)) as ClassDecorator)(controller);
  return (endpoint) => decoratorsOf(swagger, endpoint.name.slice(endpointPrefix.length) as EndpointName, endpoint);
}

/** Keeps a controller out of the document that @nestjs/swagger makes. */
export async function hideFromSwagger(controller: Type): Promise<void> {
  (await loadSwagger())?.ApiExcludeController()(controller);
}

async function loadSwagger(): Promise<Swagger | undefined> {
  try {
    return (await import('@nestjs/swagger')) as unknown as Swagger;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') {
      nestLogger().warn(`@nestjs/swagger cannot be loaded, so its documents lack the scheduler: ${messageOf(error)}`);
    }
    return undefined;
  }
}

/** @nestjs/swagger takes schemas off classes only. */
function modelsOf({ ApiSchema }: Swagger): readonly Type[] {
  return Object.entries(componentSchemas()).map(([name, schema]) => {
    class Model {}
    ApiSchema({ name: PREFIX + name, ...toOpenApi30(schema, PREFIX) })(Model);
    return Model;
  });
}

function decoratorsOf(swagger: Swagger, name: EndpointName, endpoint: Endpoint): readonly MethodDecorator[] {
  // Without tags, it groups the routes by their controller.
  const { parameters = [], requestBody, responses, tags: _, ...operation } = operationObject(name, endpoint);
  const decorators = [
    swagger.ApiOperation(operation),
    ...parameters.map((parameter) => parameterDecorator(swagger, parameter)),
    ...(requestBody ? [swagger.ApiBody({ required: requestBody.required, ...bodyOf(requestBody.content) })] : []),
    ...(requestBody ? [swagger.ApiConsumes(...Object.keys(requestBody.content))] : []),
    ...Object.entries(responses).map(([status, { content, ...response }]) =>
      swagger.ApiResponse({
        status: Number(status),
        ...response,
        ...(content && {
          content: Object.fromEntries(Object.entries(content).map(([type, media]) => [type, mediaOf(media)])),
        }),
      }),
    ),
  ];
  return decorators as readonly MethodDecorator[];
}

function parameterDecorator(swagger: Swagger, parameterObject: ParameterObject): unknown {
  const { in: place, schema, example, ...parameter } = parameterObject;
  // Beside a list of values, @nestjs/swagger drops examples.
  const options = {
    ...parameter,
    schema: { ...toOpenApi30(schema, PREFIX), ...(example !== undefined && { example }) },
  };
  const decorate = { path: swagger.ApiParam, query: swagger.ApiQuery, header: swagger.ApiHeader }[place];
  return decorate(options);
}

function bodyOf(content: ContentObject): object {
  const [media] = Object.values(content).map(mediaOf);
  return { schema: media?.schema, examples: { example: { value: media?.example } } };
}

function mediaOf({ schema, example }: MediaTypeObject) {
  return { schema: toOpenApi30(schema, PREFIX), example };
}
