import { gzipSync } from 'node:zlib';
import { VersioningType } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { afterEach, describe, expect, it } from 'vitest';
import { SchedulerEndpoints } from '../../../lib/rest/endpoints/scheduler-endpoints.js';
import { PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe.each(PLATFORMS)('The dashboard on %s', (platform) => {
  const opened: RestApp[] = [];
  const open = async (setup: RestAppSetup = {}): Promise<RestApp> => {
    const rest = await startRestApp(platform, { ...setup, options: { dashboard: true, ...setup.options } });
    opened.push(rest);
    return rest;
  };
  const get = ({ port }: RestApp, path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  /** The addresses of the script and the style sheet, as a browser finds them. */
  const filesOf = async (response: Response): Promise<string[]> =>
    Array.from(
      (await response.text()).matchAll(/(?:src|href)="(?!data:)([^"]+)"/g),
      ([, address]) => new URL(address!, response.url).pathname,
    );
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((rest) => rest.close()));
  });

  // Fastify takes a slash at the end for another path, unless it is told otherwise.
  const paths = ['/scheduler/ui', '/scheduler/ui?a=/', ...(platform === 'express' ? ['/scheduler/ui/'] : [])];
  it.each(paths)('is one document with two files: %s', async (path) => {
    const rest = await open();
    const page = await get(rest, path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const files = await filesOf(page);
    expect(files).toHaveLength(2);
    const types = await Promise.all(files.map(async (file) => (await get(rest, file)).headers.get('content-type')));
    expect(types).toEqual(['text/css; charset=utf-8', 'text/javascript; charset=utf-8']);
  });

  it('is small', async () => {
    const rest = await open();
    const [style = '', script = ''] = await filesOf(await get(rest, '/scheduler/ui'));
    const sizeOf = async (file: string): Promise<number> => gzipSync(await (await get(rest, file)).text()).length;
    expect(await sizeOf(style)).toBeLessThan(10_000);
    expect(await sizeOf(script)).toBeLessThan(60_000);
  });

  it('allows its page nothing from elsewhere, and nothing inside it', async () => {
    const { headers } = await get(await open(), '/scheduler/ui');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('is kept by browsers: files for good, the document until it changes', async () => {
    const rest = await open();
    const page = await get(rest, '/scheduler/ui');
    expect(page.headers.get('cache-control')).toBe('private, no-cache');
    const [file = ''] = await filesOf(page);
    expect((await get(rest, file)).headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    for (const path of ['/scheduler/ui', file]) {
      const tag = (await get(rest, path)).headers.get('etag') ?? '';
      const again = await get(rest, path, { 'If-None-Match': `"other", W/${tag}` });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
      expect((await get(rest, path, { 'If-None-Match': '"other"' })).status).toBe(200);
    }
  });

  it.each(['/scheduler/ui/none.js', '/scheduler/ui/..%2f..%2fpackage.json', '/scheduler/ui/__proto__'])(
    'has no other file: %s',
    async (path) => {
      const answer = await get(await open(), path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toHaveProperty('error_message');
    },
  );

  it('is there only when it is wanted', async () => {
    const rest = await open({ options: { dashboard: false } });
    expect((await get(rest, '/scheduler/ui')).status).toBe(404);
    expect(
      rest.app
        .get(SchedulerEndpoints)
        .list()
        .some(({ name }) => name.includes('dashboard')),
    ).toBe(false);
  });

  it('asks for the credentials of the REST API, and for the action to read', async () => {
    const can = (username: string) => (username === 'reader' ? 'read' : ['runs.read' as const]);
    const rest = await open({
      options: {
        auth: { username: 'any', password: 'pw' },
        authenticate: ({ password }) => password === 'pw',
        access: (_, username = '') => ({ actor: username, can: can(username) }),
      },
    });
    for (const path of ['/scheduler/ui', '/scheduler/ui/x.js']) {
      const refused = await get(rest, path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain('Basic');
      expect((await get(rest, path, { Authorization: basic('runner', 'pw') })).status).toBe(403);
    }
    expect((await get(rest, '/scheduler/ui', { Authorization: basic('reader', 'pw') })).status).toBe(200);
  });

  it('is served under a path of its own, a global prefix and versions', async () => {
    const rest = await open({
      options: { apiPrefix: '/tasks', dashboard: { path: 'admin/board' } },
      configure: (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI }),
    });
    const page = await get(rest, '/api/tasks/admin/board');
    expect(page.status).toBe(200);
    for (const file of await filesOf(page)) expect((await get(rest, file)).status).toBe(200);
    expect(rest.app.get(SchedulerEndpoints).url('scheduler.get_dashboard')).toBe('/api/tasks/admin/board');
  });

  it('is not described as part of the API', async () => {
    const rest = await open();
    const own = (await (await get(rest, '/scheduler/openapi.json')).json()) as { paths: object };
    const swagger = SwaggerModule.createDocument(rest.app, new DocumentBuilder().build());
    for (const { paths } of [own, swagger]) {
      expect(Object.keys(paths)).toContain('/scheduler/jobs');
      expect(Object.keys(paths).some((path) => path.includes('/ui'))).toBe(false);
    }
  });

  it('leaves the routes of the API as they are', async () => {
    const rest = await open();
    expect((await rest.send('GET /scheduler/jobs')).json).toEqual([]);
  });
});
