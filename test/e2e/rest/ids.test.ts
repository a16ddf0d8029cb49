import { FastifyAdapter } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const JOB = { func: 'app:work', trigger: 'interval', minutes: 10 };

/** Follows a job through every route that has its id in the path. */
async function follow(rest: RestApp, id: string): Promise<number[]> {
  const path = `/scheduler/jobs/${encodeURIComponent(id)}`;
  const requests: readonly (readonly [target: string, json?: object])[] = [
    ['POST /scheduler/jobs', { ...JOB, id }],
    [`GET ${path}`],
    [`PATCH ${path}`, { name: 'renamed' }],
    [`POST ${path}/pause`],
    [`POST ${path}/resume`],
    [`POST ${path}/run`],
  ];
  const statuses: number[] = [];
  for (const [target, json] of requests) {
    const answer = await rest.send(target, { json });
    statuses.push((answer.json as { id?: unknown }).id === id ? answer.status : -answer.status);
  }
  statuses.push((await rest.send(`DELETE ${path}`)).status, (await rest.send(`GET ${path}`)).status);
  return statuses;
}

const FOLLOWED = [200, 200, 200, 200, 200, 200, 204, 404];

describe.each(PLATFORMS)('an id on %s', (platform) => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp(platform);
  });
  afterAll(() => rest.close());

  it.each([
    'plain',
    'a/b',
    '/',
    '//',
    'a%b',
    '%2F',
    '%zz',
    '%',
    'with space',
    '?',
    '#',
    'a?b=c#d',
    ':id',
    '*',
    '.a',
    '...',
    'jobs',
    'pause',
    'run',
    'run/run',
    '__proto__',
    'constructor',
    'zoë',
    '作业',
    '🔑',
    'e\u0301',
    '\n',
    '\u007f',
    '\\',
    '"',
    ';',
    '+',
    '&',
    "'",
    '%E0%A4%A',
    'x'.repeat(101),
    'x'.repeat(191),
    '🔑'.repeat(95),
    `${'/'.repeat(100)}run`,
  ])('may be %j', async (id) => {
    expect(await follow(rest, id)).toEqual(FOLLOWED);
  });

  it('may be made of any characters', { timeout: 30_000 }, async () => {
    const id = fc
      .string({
        unit: fc.oneof(fc.constantFrom(...'/%?#:*.;+& '), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
        minLength: 1,
        maxLength: 60,
      })
      // No URL can say them: clients resolve dots as folders, even when they are encoded.
      .filter((text) => text.length <= 191 && !text.includes('\0') && !/^(?:\.|%2e){1,2}$/i.test(text));
    await fc.assert(
      fc.asyncProperty(id, async (text) => {
        expect(await follow(rest, text)).toEqual(FOLLOWED);
      }),
      { numRuns: 60 },
    );
  });

  it('is found with a query behind it', async () => {
    const id = 'long'.repeat(40);
    await rest.send('POST /scheduler/jobs', { json: { ...JOB, id } });
    expect(await rest.send(`GET /scheduler/jobs/${id}?x=/run`)).toMatchObject({ status: 200 });
    expect(await rest.send(`HEAD /scheduler/jobs/${id}`)).toMatchObject({ status: 200, text: '' });
    expect(await rest.send(`DELETE /scheduler/jobs/${id}`)).toMatchObject({ status: 204 });
  });

  it.each(['', '.', '..', '%2e', '.%2E', '%2E%2e', '\0', 'a\0b', 'x'.repeat(192), '\ud800', 17, null, [], {}, true])(
    'is refused when it is %j',
    async (id) => {
      const { status, json } = await rest.send('POST /scheduler/jobs', { json: { ...JOB, id } });
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: expect.stringMatching(/\bid must/) as unknown });
      expect(await rest.scheduler.getJobs()).toEqual([]);
    },
  );

  it.each(['%', '%z', '%FF', '%E0%A4%A', 'a%2'])('that is encoded as %j is a bad request', async (encoded) => {
    for (const target of ['GET /scheduler/jobs/ID', 'POST /scheduler/jobs/ID/run', 'DELETE /scheduler/jobs/ID']) {
      const { status, json } = await rest.send(target.replace('ID', encoded));
      expect(status).toBe(400);
      // Fastify's router answers in words of its own, before anybody is asked.
      const member = platform === 'express' ? 'error_message' : 'message';
      expect(json).toMatchObject({ [member]: expect.stringContaining(encoded) as unknown });
    }
  });

  it.each([`${'x'.repeat(150)}/nope`, `${'x'.repeat(150)}/run/run`, 'a/b', `${'x'.repeat(150)}//run`])(
    'does not reach over the path %s',
    async (path) => {
      expect(await rest.send(`POST /scheduler/jobs/${path}`)).toMatchObject({ status: 404 });
      expect(await rest.send(`GET /scheduler/jobs/${path}`)).toMatchObject({ status: 404 });
    },
  );
});

describe('a long id', () => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp('fastify', {
      options: { apiPrefix: '/tasks' },
      adapter: new FastifyAdapter({ routerOptions: { maxParamLength: 20 } }),
      configure: (app) => app.setGlobalPrefix('api/v1'),
    });
  });
  afterEach(() => rest.close());

  it('is found under prefixes, whatever length Fastify allows', async () => {
    const id = 'a/b '.repeat(20);
    await rest.scheduler.addJob({ id, task: 'app:work', trigger: 'interval', hours: 1 });
    const path = `/api/v1/tasks/jobs/${encodeURIComponent(id)}`;
    expect(await rest.send(`GET ${path}`)).toMatchObject({ status: 200, json: { id } });
    expect(
      await rest.send(`PATCH ${path}`, { body: '{"name":"n"}', headers: { 'Content-Type': 'text/plain' } }),
    ).toMatchObject({
      status: 200,
      json: { name: 'n' },
    });
    expect(await rest.send(`POST ${path}/run`)).toMatchObject({ status: 200 });
  });
});
