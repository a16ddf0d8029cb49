import http from 'node:http';
import { IsString } from 'class-validator';
import { argumentSchema, MemoryJobStore, Secret } from 'nestjs-apscheduler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessRequest } from '../../../lib/module/access.js';
import { PLATFORMS, startRestApp, type RestApp, type RequestOptions } from '../../support/rest-app.js';

class Login {
  @IsString() @Secret() token!: string;
}

const EVERY_HOUR = { task: 'app:work', trigger: 'interval', hours: 1 } as const;

const lineOf = (job: object): string =>
  `${JSON.stringify({ task: 'app:work', trigger: { type: 'interval', hours: 1 }, ...job })}\n`;

describe.each(PLATFORMS)('On %s', (platform) => {
  let rest: RestApp;

  beforeEach(async () => {
    const access = ({ headers }: AccessRequest) => {
      const { 'x-can': can = 'all', 'x-tags': tags } = headers;
      const actions = can === 'all' ? can : String(can).split(',');
      return { actor: 'ann', can: actions, ...(typeof tags === 'string' && { tags: tags.split(',') }) } as never;
    };
    const jobStores = { default: new MemoryJobStore(), other: new MemoryJobStore() };
    rest = await startRestApp(platform, {
      options: { access, jobStores, limits: { bodyBytes: 2000, minInterval: 60 } },
    });
    rest.scheduler.registerTask('app:login', () => undefined, { args: await argumentSchema(Login) });
    rest.scheduler.registerTask('app:internal', () => undefined, { rest: false });
  });
  afterEach(() => rest.close());

  const exported = async (query = '', headers: http.OutgoingHttpHeaders = {}): Promise<string> => {
    const answer = await rest.send(`GET /scheduler/export${query}`, { headers });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    return answer.text;
  };
  const importing = async (body: string, query = '', more: RequestOptions = {}) => {
    const { status, json } = await rest.send(`POST /scheduler/import${query}`, { body, ...more });
    return { status, ...(json as Record<string, unknown>) } as Record<string, unknown>;
  };

  it('jobs are exported by filters, and imported as they were', async () => {
    for (const id of ['a', 'b', 'c']) await rest.scheduler.addJob({ ...EVERY_HOUR, id, tags: id === 'c' ? [] : ['x'] });
    await rest.scheduler.pauseJob('b', { note: 'holiday' });
    const before = (await rest.send('GET /scheduler/jobs')).json;
    const text = await exported('?tag=x');
    expect(text.split('\n').filter(Boolean).length).toBe(3);
    await rest.scheduler.removeJob('a');
    await rest.scheduler.removeJob('b');
    expect(await importing(text, '?dry_run=true')).toMatchObject({ status: 200, added: 2, dry_run: true });
    expect((await rest.scheduler.getJobs()).length).toBe(1);
    expect(await importing(text)).toEqual({
      ...{ status: 200, added: 2, replaced: 0, skipped: 0, failed: 0, dry_run: false, errors: [] },
    });
    const sorted = (jobs: unknown): unknown => (jobs as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted((await rest.send('GET /scheduler/jobs')).json)).toEqual(sorted(before));
    expect(await importing(text, '?on_conflict=skip')).toMatchObject({ skipped: 2, failed: 0 });
    expect(await importing(text, '?on_conflict=replace')).toMatchObject({ replaced: 2 });
    expect(await importing(text, '?jobstore=other')).toMatchObject({ added: 2 });
    expect(await importing(text)).toMatchObject({
      failed: 2,
      errors: [
        { line: 2, id: 'a', error_message: 'Job a already exists.' },
        { line: 3, id: 'b' },
      ],
    });
  });

  it('who imports jobs, from where and why, is recorded for each of them', async () => {
    const by = { actor: 'ann', address: expect.stringContaining('127.0.0.1') as unknown, note: 'move' };
    const headers = { 'X-Reason': 'move' };
    await importing(lineOf({ id: 'a' }) + lineOf({ id: 'b' }), '', { headers });
    await importing(lineOf({ id: 'b', name: 'another' }), '?on_conflict=replace', { headers });
    const { entries } = await rest.scheduler.getAudit();
    expect(entries).toMatchObject([
      { action: 'job.replace', jobId: 'b', ...by },
      { action: 'job.add', jobId: 'b', ...by },
      { action: 'job.add', jobId: 'a', ...by },
    ]);
  });

  it('more jobs than a body may have are exported and imported in one request each', async () => {
    const ids = Array.from({ length: 1200 }, (_, n) => `job-${n}`);
    await rest.scheduler.addJobs(ids.map((id) => ({ ...EVERY_HOUR, id })));
    const text = await exported();
    expect(text.length).toBeGreaterThan(100_000);
    await rest.scheduler.removeAllJobs();
    const chunked = { headers: { 'Transfer-Encoding': 'chunked' } };
    expect(await importing(text, '', chunked)).toMatchObject({ added: 1200, failed: 0 });
    expect(new Set((await rest.scheduler.getJobs()).map(({ id }) => id))).toEqual(new Set(ids));
  });

  it('what a single job may not be, no line may', async () => {
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const body = [
      lineOf({ id: 'unknown', task: 'app:none' }),
      lineOf({ id: 'internal', task: 'app:internal' }),
      lineOf({ id: 'often', trigger: { type: 'interval', seconds: 1 } }),
      lineOf({ id: 'long', args: ['x'.repeat(2000)] }),
      lineOf({ id: 'predicate', retry: { attempts: 3, retryIf: 'none' } }),
      `{"id":"deep","task":"app:work","trigger":{"type":"interval","hours":1},"args":${deep}}\n`,
      '{"__proto__": {}, "id": "x"}\n',
      lineOf({ id: 'placeholder', task: 'app:login', kwargs: { token: '***' } }),
      'no json\n',
      lineOf({ id: 'good' }),
    ].join('');
    const { errors, ...counts } = await importing(body);
    expect(counts).toMatchObject({ status: 200, added: 1 });
    const messages = (errors as { line: number; error_message: string }[]).map(
      ({ error_message, line }) => `${line} ${error_message}`,
    );
    expect(messages).toEqual([
      expect.stringMatching(/^1 .*task names no registered task, got "app:none"/),
      expect.stringMatching(/^2 .*task names a task that is kept off this API/),
      expect.stringMatching(/^3 .*limits\.minInterval is 60 s/),
      expect.stringMatching(/^4 The line is longer than 2000 bytes/),
      expect.stringMatching(/^5 .*retryIf/),
      expect.stringMatching(/^6 .*args is nested more than 64 levels deep/),
      expect.stringMatching(/^7 /),
      expect.stringMatching(/^8 .*kwargs/),
      expect.stringMatching(/^9 .*is not JSON/),
    ]);
    expect((await rest.scheduler.getJobs()).map(({ id }) => id)).toEqual(['good']);
  });

  it('secrets are exported for those who may read them; what is exported without them cannot be imported', async () => {
    await rest.scheduler.addJob({ ...EVERY_HOUR, id: 'login', task: 'app:login', kwargs: { token: 'hunter2' } });
    await rest.scheduler.addJob({ ...EVERY_HOUR, id: 'plain' });
    const hidden = await exported('', { 'X-Can': 'jobs.read' });
    expect(hidden).not.toContain('hunter2');
    const open = await exported('', { 'X-Can': 'jobs.read,secrets.read' });
    expect(open).toContain('hunter2');
    await rest.scheduler.removeAllJobs();
    expect(await importing(hidden)).toMatchObject({
      ...{ added: 1, failed: 1 },
      errors: [{ line: 2, id: 'login', error_message: expect.stringContaining('secrets.read') as unknown }],
    });
    expect(await importing(open, '?on_conflict=skip')).toMatchObject({ added: 1, skipped: 1 });
    expect((await rest.scheduler.getJob('login'))?.kwargs).toEqual({ token: 'hunter2' });
  });

  it('needs the actions of reading and writing jobs, and stays within tags', async () => {
    await rest.scheduler.addJob({ ...EVERY_HOUR, id: 'mine', tags: ['x'] });
    await rest.scheduler.addJob({ ...EVERY_HOUR, id: 'other' });
    const limited = { 'X-Tags': 'x' };
    const text = await exported('', limited);
    expect(text).toContain('"mine"');
    expect(text).not.toContain('"other"');
    const body = lineOf({ id: 'new', tags: ['x'] }) + lineOf({ id: 'not', tags: ['y'] });
    expect(await importing(body, '', { headers: limited })).toMatchObject({ added: 1, failed: 1 });
    expect(await importing(body, '?on_conflict=replace', { headers: limited })).toMatchObject({ status: 403 });
    expect(await importing(body, '', { headers: { 'X-Can': 'jobs.read' } })).toMatchObject({ status: 403 });
    expect((await rest.send('GET /scheduler/export', { headers: { 'X-Can': 'runs.read' } })).status).toBe(403);
  });

  it.each([
    ['GET /scheduler/export?sort=id', /sort/],
    ['GET /scheduler/export?state=asleep', /state/],
    ['POST /scheduler/import?on_conflict=maybe', /on_conflict must be one of error, skip, replace/],
    ['POST /scheduler/import?colour=red', /colour/],
  ])('%s is a 400 that names it', async (target, message) => {
    const { status, json } = await rest.send(target, target.startsWith('POST') ? { body: lineOf({ id: 'a' }) } : {});
    expect([status, json]).toEqual([400, { error_message: expect.stringMatching(message) as unknown }]);
    expect(await rest.scheduler.getJobs()).toEqual([]);
  });

  it('an import whose sender goes away ends, and keeps what has come in', async () => {
    const outgoing = http.request({ host: '127.0.0.1', port: rest.port, method: 'POST', path: '/scheduler/import' });
    outgoing.on('error', () => undefined);
    outgoing.write(`${lineOf({ id: 'a' })}${lineOf({ id: 'b' }).slice(0, 20)}`);
    await vi.waitFor(async () => expect(await rest.scheduler.getJob('a')).toBeDefined());
    outgoing.destroy();
    await vi.waitFor(async () => expect(await importing(lineOf({ id: 'c' }))).toMatchObject({ added: 1 }));
    expect((await rest.scheduler.getJobs()).map(({ id }) => id)).toEqual(['a', 'c']);
  });
});
