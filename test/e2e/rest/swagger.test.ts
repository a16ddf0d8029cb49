import { Controller, Get, VersioningType, type INestApplication } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiOkResponse,
  ApiProperty,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../lib/rest/openapi/openapi-document.js';
import { PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

/** The application's own. */
class Job {
  @ApiProperty() title!: string;
}

@Controller('openings')
class OpeningsController {
  @Get()
  @ApiOkResponse({ type: Job })
  list(): Job {
    return { title: 'Engineer' };
  }
}

const OWN = openApiDocument({ apiPrefix: '/scheduler', endpointPrefix: 'scheduler.' });

describe.each(PLATFORMS)('The document that @nestjs/swagger makes of an application on %s', (platform) => {
  let rest: RestApp;
  afterEach(() => rest.close());
  const document = async (setup: RestAppSetup = {}): Promise<OpenAPIObject> => {
    rest = await startRestApp(platform, { controllers: [OpeningsController], ...setup });
    const config = new DocumentBuilder().setTitle('Application').addBasicAuth().build();
    // As JSON has it: that is what users download.
    return JSON.parse(JSON.stringify(SwaggerModule.createDocument(rest.app, config))) as OpenAPIObject;
  };

  it('is valid, and says of each route what the API says', async () => {
    const { paths, ...others } = await document();
    expect(await new Validator().validate({ paths, ...others })).toEqual({ valid: true });
    expect(Object.keys(paths).toSorted()).toEqual([...Object.keys(OWN.paths), '/openings'].toSorted());
    for (const [path, methods] of Object.entries(OWN.paths)) {
      for (const [method, expected] of Object.entries(methods)) {
        const operation = paths[path]?.[method as 'get'];
        expect(operation).toMatchObject({
          operationId: expected.operationId,
          summary: expected.summary,
          'x-action': expected['x-action'],
        });
        const parameters = (expected.parameters ?? []).map(({ example, ...parameter }): unknown =>
          expect.objectContaining({
            ...parameter,
            schema: expect.objectContaining(example === undefined ? {} : { example }) as unknown,
          }),
        );
        expect(operation?.parameters).toHaveLength(expected.parameters?.length ?? 0);
        expect(operation?.parameters).toEqual(expect.arrayContaining(parameters));
        expect(Object.keys(operation?.responses ?? {})).toEqual(Object.keys(expected.responses));
        for (const [status, { content, ...response }] of Object.entries(expected.responses)) {
          const documented = Object.entries(content ?? {}).map(([type, { example }]) => {
            return [type, { schema: expect.any(Object) as unknown, example }];
          });
          expect(operation?.responses[status]).toMatchObject({
            ...response,
            ...(content && { content: Object.fromEntries(documented) as unknown }),
          });
        }
        const body = operation?.requestBody as { readonly content?: object } | undefined;
        expect(Object.keys(body?.content ?? {})).toEqual(Object.keys(expected.requestBody?.content ?? {}));
      }
    }
  });

  it('refers to schemas that it has, and leaves those of the application alone', async () => {
    const { components, ...others } = await document();
    const refs = new Set(
      JSON.stringify({ components, ...others }).match(/(?<="\$ref":"#\/components\/schemas\/)[^"]+/g),
    );
    expect(refs).toEqual(new Set(Object.keys(components?.schemas ?? {})));
    expect(components?.schemas).toMatchObject({
      Job: { properties: { title: { type: 'string' } } },
      SchedulerJob: {
        required: expect.arrayContaining(['id', 'trigger', 'last_run']) as unknown,
        properties: {
          pause: { allOf: [{ $ref: '#/components/schemas/SchedulerJobPause' }], nullable: true },
          timeout: { type: 'number', nullable: true },
        },
      },
      SchedulerAddJob: {
        additionalProperties: false,
        required: ['id', 'func'],
        properties: {
          hour: { anyOf: [{ type: 'integer' }, { type: 'string', minLength: 1 }], nullable: true },
          misfire_grace_time: {
            anyOf: [
              { type: 'number', minimum: 0, exclusiveMinimum: true },
              { type: 'string', minLength: 1 },
            ],
            nullable: true,
          },
        },
      },
    });
  });

  it.each<[string, (app: INestApplication) => unknown, string]>([
    ['a global prefix', (app) => app.setGlobalPrefix('v1'), '/v1/scheduler/jobs/{id}'],
    [
      'versions in paths',
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
      '/scheduler/jobs/{id}',
    ],
  ])('has the paths of an application with %s', async (_, configure, path) => {
    const { paths } = await document({ configure, options: { endpointPrefix: 'ops.' } });
    expect(paths[path]?.patch).toMatchObject({ operationId: 'ops.update_job', requestBody: { required: true } });
  });

  it('has no trace of the API with openapi: exclude, which serves its own document still', async () => {
    const { paths, components } = await document({ options: { openapi: 'exclude' } });
    expect(Object.keys(paths)).toEqual(['/openings']);
    expect(Object.keys(components?.schemas ?? {})).toEqual(['Job']);
    expect(await rest.send('GET /scheduler/openapi.json')).toMatchObject({ status: 200, json: { openapi: '3.1.0' } });
  });

  it("has what the application's decorators add", async () => {
    const { paths } = await document({
      options: { apiDecorators: () => [ApiBasicAuth()] },
    });
    expect(paths['/scheduler/jobs']?.get).toMatchObject({
      summary: OWN.paths['/scheduler/jobs']?.['get']?.summary,
      security: [{ basic: [] }],
    });
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200, json: [] });
  });
});
