import { RequestMethod, VersioningType, type INestApplication } from '@nestjs/common';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, describe, expect, it } from 'vitest';
import { READ_ACTIONS } from '../../../lib/module/actions.js';
import { HttpBasicAuth } from '../../../lib/rest/auth/http-basic-auth.js';
import { SchedulerEndpoints } from '../../../lib/rest/endpoints/scheduler-endpoints.js';
import { openApiDocument, type OpenApiDocument } from '../../../lib/rest/openapi/openapi-document.js';
import type { MediaTypeObject, OperationObject, ContentObject } from '../../../lib/rest/openapi/operation-object.js';
import { PACKAGE_VERSION } from '../../../lib/rest/openapi/version.js';
import packageJson from '../../../package.json' with { type: 'json' };
import { ApiDocument } from '../../support/api-document.js';
import { basic, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const AUTH = { username: 'ann', password: 'secret' };
const headers = basic('ann', 'secret');

interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

const routesOf = ({ paths }: OpenApiDocument): readonly DocumentedRoute[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

/** Every content of a document's operations, and where it stands. */
function contentsOf({ paths }: OpenApiDocument): readonly (readonly [pointer: string, content: ContentObject])[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, responses }]) => {
      const at = `/paths/${path.replaceAll('/', '~1')}/${method}`;
      const bodies = requestBody ? [[`${at}/requestBody`, requestBody.content] as const] : [];
      const answers = Object.entries(responses).flatMap(([status, { content }]) =>
        content ? [[`${at}/responses/${status}`, content] as const] : [],
      );
      return [...bodies, ...answers];
    }),
  );
}

/** A request with the body that is an example: JSON, or lines of it. */
function exampleRequest(content: ContentObject | undefined): { readonly json?: unknown; readonly body?: string } {
  const json = content?.['application/json']?.example;
  const lines = content?.['application/x-ndjson']?.example;
  return { ...(json !== undefined && { json }), ...(typeof lines === 'string' && { body: lines }) };
}

describe('The OpenAPI document', () => {
  const document = openApiDocument({ apiPrefix: '/scheduler', endpointPrefix: 'scheduler.' });
  const routes = routesOf(document);

  it('is valid', async () => {
    const specification = structuredClone<object>(document) as Record<string, unknown>;
    expect(await new Validator().validate(specification)).toEqual({ valid: true });
  });

  it('has the version of the package', () => {
    expect(PACKAGE_VERSION).toBe(packageJson.version);
    expect(document.info).toMatchObject({ version: packageJson.version });
  });

  it('refers to schemas that it has, and has none that it does not refer to', () => {
    const refs = new Set(JSON.stringify(document).match(/(?<="\$ref":"#\/components\/schemas\/)[^"]+/g));
    expect(refs).toEqual(new Set(Object.keys(document.components.schemas)));
  });

  it('has an example of each body and response that follows its schema', () => {
    const checker = new ApiDocument(document);
    const contents = contentsOf(document);
    expect(contents.length).toBeGreaterThan(100);
    for (const [pointer, content] of contents) {
      const [[type, { example }]] = Object.entries(content) as [[string, MediaTypeObject]];
      const at = `${pointer}/content/${type.replace('/', '~1')}/schema`;
      expect([at, checker.check(example, at)]).toEqual([at, []]);
    }
  });

  it('describes the parameters of each path, and says of each route what it needs and is about', () => {
    expect(new Set(routes.map(({ operation }) => operation.operationId)).size).toBe(routes.length);
    for (const { path, operation } of routes) {
      const { parameters = [], responses, summary, tags } = operation;
      const names = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      expect([path, names]).toEqual([path, Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name)]);
      expect(summary).not.toBe('');
      expect(tags).toHaveLength(1);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '403', '429', '500', '503']));
      expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  });

  it('says what the classes of the input say', () => {
    const { AddJob, UpdateJob, NestedTrigger } = document.components.schemas;
    expect(AddJob).toMatchObject({
      required: ['id', 'func'],
      additionalProperties: false,
      properties: {
        id: { type: 'string', minLength: 1, maxLength: 191 },
        func: { type: 'string', description: "A registered task's name" },
        run_date: { type: ['string', 'null'] },
        hour: { type: ['integer', 'string', 'null'] },
        triggers: { type: 'array', items: { $ref: '#/components/schemas/NestedTrigger' } },
        retry: { anyOf: [{ $ref: '#/components/schemas/Retry' }, { type: ['integer', 'null'], minimum: 1 }] },
        last_run: { readOnly: true },
      },
    });
    expect(UpdateJob).not.toHaveProperty('required');
    expect(NestedTrigger).toMatchObject({
      properties: { type: { enum: expect.arrayContaining(['cron']) as unknown } },
    });
  });

  it.each<[string, Parameters<typeof openApiDocument>[0]['auth'], object]>([
    ['a user', AUTH, { security: [{ basic: [] }], schemes: { basic: { type: 'http', scheme: 'basic' } } }],
    ['a scheme', new HttpBasicAuth(), { security: [{ basic: [] }], schemes: { basic: { scheme: 'basic' } } }],
    [
      'a scheme of its own',
      { getAuthorization: () => null, getAuthenticateHeader: () => 'Bearer realm="x"' },
      { security: [{ bearer: [] }], schemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    ],
    ['nobody', false, { security: [], schemes: undefined }],
  ])('asks for the credentials of %s', (_, auth, expected) => {
    const { security, components } = openApiDocument({
      apiPrefix: '/a',
      endpointPrefix: '',
      ...(auth !== undefined && { auth }),
    });
    expect({ security, schemes: components.securitySchemes }).toMatchObject(expected);
  });

  it('leaves the credentials open where a guard of the application decides', () => {
    const apiGuard = { canActivate: () => true };
    const { security, components } = openApiDocument({ apiPrefix: '/a', endpointPrefix: '', apiGuard });
    expect([security, components.securitySchemes]).toEqual([undefined, undefined]);
  });
});

describe.each(PLATFORMS)('GET /openapi.json on %s', (platform) => {
  let rest: RestApp;
  afterEach(() => rest.close());
  const open = async (setup: RestAppSetup = {}, path = '/scheduler/openapi.json'): Promise<OpenApiDocument> => {
    rest = await startRestApp(platform, { ...setup, options: { auth: AUTH, ...setup.options } });
    const answer = await rest.send(`GET ${path}`, { headers });
    expect(answer.status).toBe(200);
    return answer.json as OpenApiDocument;
  };

  it.each<[string, (app: INestApplication) => unknown, string, string]>([
    ['no global prefix', () => undefined, '/scheduler', '/scheduler/jobs'],
    [
      'a global prefix',
      (app) => app.setGlobalPrefix('v1/internal'),
      '/v1/internal/scheduler',
      '/v1/internal/scheduler/jobs',
    ],
    [
      'a global prefix that some routes are excluded from',
      (app) => app.setGlobalPrefix('v1', { exclude: [{ path: 'scheduler/jobs', method: RequestMethod.GET }] }),
      '/v1/scheduler',
      '/scheduler/jobs',
    ],
    [
      'versions in paths',
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
      '/scheduler',
      '/scheduler/jobs',
    ],
  ])('lists exactly the routes that are mapped, with %s', async (_, configure, base, listOfJobs) => {
    const document = await open({ configure }, `${base}/openapi.json`);
    const listed = routesOf(document).map(({ method, path }) => `${method} ${path}`);
    expect(listed).toContain(`GET ${listOfJobs}`);
    expect(listed.toSorted()).toEqual(
      rest.app
        .get(SchedulerEndpoints)
        .list()
        .map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`)
        .toSorted(),
    );
    for (const { method, path } of routesOf(document)) {
      // Nest's own 404 has a statusCode.
      const { json } = await rest.send(`${method} ${path.replace('{id}', 'nobody')}`);
      expect([method, path, json]).toEqual([method, path, { error_message: 'Access Denied' }]);
    }
  });

  it('is for those who may read the scheduler', async () => {
    await open();
    expect((await rest.send('GET /scheduler/openapi.json')).status).toBe(401);
    await rest.close();
    rest = await startRestApp(platform, { options: { access: () => ({ actor: 'bob', can: ['jobs.write'] }) } });
    expect((await rest.send('GET /scheduler/openapi.json')).status).toBe(403);
  });

  it('names each change, and none is open to those who can only read, nor any route to those without credentials', async () => {
    const document = await open({ options: { access: () => ({ actor: 'viewer', can: 'read' }) } });
    await rest.scheduler.addJob({ id: 'i1', task: 'app:work', trigger: 'interval', hours: 1 });
    const { id } = await rest.scheduler.runJob('i1', { wait: false });
    const before = JSON.stringify(await rest.scheduler.getJobs());
    const changes = routesOf(document).filter(
      ({ operation }) => !(READ_ACTIONS as readonly string[]).includes(operation['x-action']),
    );
    expect(changes.length).toBeGreaterThanOrEqual(12);
    for (const { method, path, operation } of routesOf(document)) {
      const request = exampleRequest(operation.requestBody?.content);
      const target = `${method} ${path.replace('{id}', path.includes('/runs') ? id : 'i1')}`;
      expect([target, (await rest.send(target, request)).status]).toEqual([target, 401]);
      const { status } = await rest.send(target, { ...request, headers });
      const isChange = changes.some((each) => each.operation === operation);
      expect([target, status === 403]).toEqual([target, isChange]);
      expect(isChange || method === 'GET' || path.endsWith('/preview')).toBe(true);
    }
    expect(JSON.stringify(await rest.scheduler.getJobs())).toBe(before);
  });

  it('has examples of requests that are answered as it says', async () => {
    const document = await open({ tasks: { greet: (name) => `Hello, ${String(name)}!` } });
    const add = document.paths['/scheduler/jobs']?.['post']?.requestBody?.content['application/json']?.example;
    for (const { method, path, operation } of routesOf(document)) {
      const { parameters = [], requestBody, operationId } = operation;
      if (/start|shutdown|get_openapi/.test(operationId)) continue;
      await rest.scheduler.removeAllJobs();
      if (operationId !== 'scheduler.add_job') await rest.send('POST /scheduler/jobs', { json: add, headers });
      const run = path.includes('/runs/') ? await rest.scheduler.runJob('hello', { wait: false }) : undefined;
      const search = new URLSearchParams();
      for (const { in: place, name, example } of parameters) {
        for (const value of place === 'query' ? [example ?? []].flat() : []) search.append(name, value as string);
      }
      const target = `${method} ${path.replace('{id}', run?.id ?? 'hello')}?${search.toString()}`;
      const { status } = await rest.send(target, { headers, ...exampleRequest(requestBody?.content) });
      const isConflict = status === 409 && (operationId.endsWith('delete_run') || operationId.endsWith('cancel_run'));
      expect([operationId, isConflict || status < 300]).toEqual([operationId, true]);
    }
  });
});
