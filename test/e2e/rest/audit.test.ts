import type { INestApplication } from '@nestjs/common';
import type { ExpressAdapter } from '@nestjs/platform-express';
import { IsString } from 'class-validator';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { argumentSchema, Secret } from 'nestjs-apscheduler';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../lib/module/access.js';
import type { SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { PLATFORMS, startRestApp, type RequestOptions, type RestApp } from '../../support/rest-app.js';

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly actor: string | null;
  readonly job_id: string | null;
  readonly run_id: string | null;
  readonly note: string | null;
  readonly address: string | null;
  readonly changes: readonly { field: string; before: unknown; after: unknown }[];
}

class LoginArgs {
  @IsString() user!: string;
  @Secret() @IsString() password!: string;
}

const HOURLY = { func: 'app:work', trigger: 'interval', hours: 1 };

describe.each(PLATFORMS)('On %s', (platform) => {
  let rest: RestApp;
  afterEach(() => rest.close());

  const open = async (options: SchedulerModuleOptions = {}, configure?: (app: INestApplication) => unknown) => {
    const access = ({ headers }: AccessRequest) => {
      const { 'x-actor': actor = 'ann', 'x-tags': tags, 'x-can': can = 'all' } = headers;
      const actions = can === 'all' || can === 'read' ? can : String(can).split(',');
      return { actor, can: actions, ...(typeof tags === 'string' && { tags: tags.split(',') }) } as never;
    };
    rest = await startRestApp(platform, {
      options: { access, release: '7', node: 'vm', ...options },
      ...(configure && { configure }),
      ...(configure && platform === 'fastify' && { adapter: new FastifyAdapter({ trustProxy: true }) }),
    });
    rest.scheduler.registerTask('app:login', () => undefined, { args: await argumentSchema(LoginArgs) });
  };
  const send = async (target: string, json?: unknown, options: RequestOptions = {}) => {
    const answer = await rest.send(target, { ...(json !== undefined && { json }), ...options });
    return { status: answer.status, json: answer.json as Record<string, unknown> };
  };
  const list = async (query = '', options: RequestOptions = {}): Promise<readonly Entry[]> => {
    const { json, status } = await send(`GET /scheduler/audit${query}`, undefined, options);
    expect(status).toBe(200);
    return json['entries'] as readonly Entry[];
  };
  const because = (reason: string): RequestOptions => ({ headers: { 'X-Reason': reason } });

  describe('GET /audit', () => {
    it('shows who has changed what, from where, and why', async () => {
      await open();
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY, note: 'asked for by sales' });
      await send('PATCH /scheduler/jobs/a', { trigger: 'interval', hours: 2, max_instances: 3 }, because('too often'));
      const [changed, added] = await list();
      expect(added).toMatchObject({ action: 'job.add', actor: 'ann', job_id: 'a', note: 'asked for by sales' });
      expect(changed).toEqual({
        id: expect.stringMatching(/^[\da-f]{18}-[\da-f]{8}$/),
        time: '2026-11-22T22:36:39.205000+00:00',
        action: 'job.modify',
        actor: 'ann',
        job_id: 'a',
        jobstore: 'default',
        run_id: null,
        node: 'vm',
        address: '127.0.0.1',
        note: 'too often',
        release: '7',
        changes: [
          {
            field: 'trigger',
            before: expect.objectContaining({ trigger: 'interval', hours: 1 }),
            after: expect.objectContaining({ trigger: 'interval', hours: 2 }),
          },
          {
            field: 'next_run_time',
            before: '2026-11-22T23:36:39.205000+00:00',
            after: '2026-11-23T00:36:39.205000+00:00',
          },
          { field: 'max_instances', before: 1, after: 3 },
        ],
      });
    });

    it('has a note for each route that changes something', async () => {
      await open();
      const changes: readonly (readonly [target: string, json?: unknown])[] = [
        ['POST /scheduler/jobs', { id: 'a', ...HOURLY }],
        ['PUT /scheduler/jobs/a', { ...HOURLY, name: 'other' }],
        ['PATCH /scheduler/jobs/a', { name: 'third' }],
        ['POST /scheduler/jobs/a/pause'],
        ['POST /scheduler/jobs/a/resume'],
        ['POST /scheduler/jobs/a/run'],
        ['POST /scheduler/jobs/bulk', { action: 'tag', ids: ['a'], tags: ['x'] }],
        ['POST /scheduler/pause'],
        ['POST /scheduler/resume'],
        ['DELETE /scheduler/jobs/a'],
        ['POST /scheduler/shutdown'],
        ['POST /scheduler/start'],
      ];
      for (const [index, [target, json]] of changes.entries()) {
        const { status } = await send(target, json, because(`header ${index}`));
        expect([target, status]).toEqual([target, status < 300 ? status : 200]);
      }
      const entries = (await list()).toReversed();
      expect(entries.map(({ note }) => note)).toEqual(changes.map((_, index) => `header ${index}`));
      expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(['ann']));
    });

    it('takes a note of the body before one of the header', async () => {
      await open();
      const bodies: readonly (readonly [target: string, json: object])[] = [
        ['POST /scheduler/jobs', { id: 'a', ...HOURLY }],
        ['PUT /scheduler/jobs/a', { ...HOURLY, name: 'other' }],
        ['PATCH /scheduler/jobs/a', { name: 'third' }],
        ['POST /scheduler/jobs/a/pause', {}],
        ['POST /scheduler/jobs/a/run', { args: [] }],
        ['POST /scheduler/jobs/bulk', { action: 'remove', ids: ['a'] }],
        ['POST /scheduler/pause', { scope: 'node' }],
        ['POST /scheduler/resume', {}],
        ['POST /scheduler/shutdown', { wait: false }],
        ['POST /scheduler/start', {}],
      ];
      for (const [index, [target, json]] of bodies.entries()) {
        await send(target, { ...json, note: `body ${index}` }, because('header'));
      }
      expect((await list()).map(({ note }) => note).toReversed()).toEqual(bodies.map((_, index) => `body ${index}`));
    });

    it('keeps the reason of a pause with the job', async () => {
      await open();
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY });
      const { json } = await send('POST /scheduler/jobs/a/pause', undefined, because('bank holiday'));
      expect(json['pause']).toMatchObject({ actor: 'ann', note: 'bank holiday' });
    });

    it('takes UTF-8 and Latin-1 in the header', async () => {
      await open();
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY });
      const utf8 = Buffer.from('Wartung für ☃').toString('latin1');
      await send('POST /scheduler/jobs/a/pause', undefined, because(utf8));
      await send('POST /scheduler/jobs/a/resume', undefined, because('Änderung'));
      expect((await list()).slice(0, 2).map(({ note }) => note)).toEqual(['Änderung', 'Wartung für ☃']);
    });

    it.each([
      ['PATCH /scheduler/jobs/a', { name: 'x', note: 'x'.repeat(10_001) }, 'note must be a text of 1 to 10000'],
      ['POST /scheduler/pause', { note: '' }, 'note must be a text of 1 to 10000 characters, got ""'],
      ['POST /scheduler/jobs', { id: 'b', ...HOURLY, note: 5 }, 'note must be a text of 1 to 10000 characters, got 5'],
      ['POST /scheduler/jobs/a/run', { note: null }, 'note must be a text'],
    ])('refuses another note: %s %j', async (target, json, message) => {
      await open();
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY });
      const answer = await send(target, json);
      expect(answer).toMatchObject({ status: 400, json: { error_message: expect.stringContaining(message) } });
      expect(await list()).toHaveLength(1);
    });

    it('refuses a long reason, and does nothing', async () => {
      await open();
      const { json, status } = await send('POST /scheduler/pause', undefined, because('x'.repeat(10_001)));
      expect([status, json['error_message']]).toEqual([
        400,
        'Invalid request: "X-Reason" must have at most 10000 characters, got 10001',
      ]);
      expect(rest.scheduler.state).toBe(1);
    });

    it('keeps no secrets, whoever asks', async () => {
      await open({ redact: (value, { path }) => (path.at(-1) === 'token' ? '***' : value) });
      const kwargs = { user: 'bob', password: 's3cret' };
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY, func: 'app:login', kwargs });
      await send('POST /scheduler/jobs/a/run', { kwargs: { ...kwargs, password: 's3cret two' } });
      await send('POST /scheduler/jobs', { id: 'b', ...HOURLY, args: [{ token: 's3cret' }] });
      await send('PATCH /scheduler/jobs/b', { kwargs: { token: 's3cret' } });
      await send('DELETE /scheduler/jobs/b');
      const entries = await list();
      expect(entries).toHaveLength(5);
      expect(JSON.stringify(entries)).not.toContain('s3cret');
      expect(entries[1]?.changes).toEqual([{ field: 'kwargs', before: {}, after: { token: '***' } }]);
    });

    it('finds entries by job, actor, action and time, page by page', async () => {
      await open();
      for (const id of ['a', 'b']) await send('POST /scheduler/jobs', { id, ...HOURLY });
      await rest.clock.advance(1000);
      const asBob: RequestOptions = { headers: { 'X-Actor': 'bob' } };
      await send('POST /scheduler/jobs/a/pause', undefined, asBob);
      const named = async (query: string) =>
        (await list(query)).map(({ action, actor, job_id }) => `${actor} ${action} ${job_id}`);
      const [added, paused] = ['ann job.add', 'bob job.pause a'];
      expect(await named('?job_id=a')).toEqual([paused, `${added} a`]);
      expect(await named('?actor=bob')).toEqual([paused]);
      expect(await named('?action=job.add')).toEqual([`${added} b`, `${added} a`]);
      expect(await named('?action=job.add,job.pause&job_id=a')).toEqual([paused, `${added} a`]);
      expect(await named('?from=2026-11-22T22:36:40Z')).toEqual([paused]);
      expect(await named('?to=2026-11-22T22:36:40Z&jobstore=default')).toEqual([`${added} b`, `${added} a`]);
      const { json: first } = await send('GET /scheduler/audit?limit=2');
      const { json: second } = await send(`GET /scheduler/audit?limit=2&cursor=${String(first['next_cursor'])}`);
      expect([(second['entries'] as Entry[]).map(({ job_id }) => job_id), second['next_cursor']]).toEqual([
        ['a'],
        null,
      ]);
    });

    it.each([
      ['action=job.eat', 'action must be one or more of job.add, '],
      ['limit=0', 'limit must be a whole number from 1 to 1000'],
      ['cursor=x', 'cursor must be the next_cursor of a page'],
      ['from=soon', 'from '],
      ['colour=1', 'colour is not known here'],
    ])('refuses the query %s', async (query, message) => {
      await open();
      const { json, status } = await send(`GET /scheduler/audit?${query}`);
      expect([status, json['error_message']]).toEqual([400, expect.stringContaining(message)]);
    });

    it('has one entry for each job of a bulk request', async () => {
      await open();
      for (const id of ['a', 'b', 'c']) await send('POST /scheduler/jobs', { id, ...HOURLY });
      await send('POST /scheduler/jobs/bulk', { action: 'remove', ids: ['a', 'b', 'none'], note: 'clean up' });
      const removed = await list('?action=job.remove');
      expect(removed.map(({ actor, job_id, note }) => `${job_id} ${actor} ${note}`).toSorted()).toEqual(
        ['a', 'b'].map((id) => `${id} ann clean up`),
      );
    });

    it('shows the client behind a trusted proxy', async () => {
      await open({}, (app) => {
        const adapter = app.getHttpAdapter() as ExpressAdapter;
        if (platform === 'express') adapter.set('trust proxy', true);
      });
      const headers = { 'X-Forwarded-For': '203.0.113.9' };
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY }, { headers });
      expect(await list()).toMatchObject([{ address: '203.0.113.9' }]);
    });

    it('does not believe a client that says where it is', async () => {
      await open();
      await send('POST /scheduler/pause', undefined, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
      expect(await list()).toMatchObject([{ address: '127.0.0.1' }]);
    });

    it('hides from actors limited to tags what concerns other jobs, or all', async () => {
      await open();
      await send('POST /scheduler/jobs', { id: 'mine', ...HOURLY, tags: ['x'] });
      await send('POST /scheduler/jobs', { id: 'other', ...HOURLY, tags: ['y'] });
      await send('POST /scheduler/jobs/other/pause');
      await send('POST /scheduler/pause');
      const limited: RequestOptions = { headers: { 'X-Tags': 'x' } };
      expect((await list('', limited)).map(({ job_id }) => job_id)).toEqual(['mine']);
      expect(await list('?job_id=other', limited)).toEqual([]);
      const { json } = await send('GET /scheduler/audit?limit=1', undefined, limited);
      expect(json).toMatchObject({ entries: [], next_cursor: expect.any(String) });
    });

    it('needs an action of its own, which reading jobs and runs does not give', async () => {
      await open();
      for (const can of ['read', 'jobs.read,jobs.write,scheduler.control']) {
        const { json, status } = await send('GET /scheduler/audit', undefined, { headers: { 'X-Can': can } });
        expect([status, json['error_message']]).toEqual([
          403,
          'This needs the action audit.read, which "ann" does not have',
        ]);
      }
      expect(await list('', { headers: { 'X-Can': 'audit.read' } })).toEqual([]);
    });

    it('has no entry for a request that was refused', async () => {
      await open();
      await send('POST /scheduler/jobs', { id: 'a', func: 'none' });
      await send('POST /scheduler/jobs', { id: 'a', ...HOURLY }, { headers: { 'X-Can': 'read' } });
      await send('POST /scheduler/jobs/none/pause');
      expect(await list()).toEqual([]);
    });

    it('names nobody, and the address, where the API is open to all', async () => {
      rest = await startRestApp(platform);
      await send('POST /scheduler/pause');
      expect(await list()).toMatchObject([{ actor: null, address: '127.0.0.1', action: 'scheduler.pause' }]);
    });

    it('says nothing about who sends requests in what is done in code', async () => {
      await open();
      rest.scheduler.registerTask('app:meddle', () => rest.scheduler.pauseJob('b'));
      for (const id of ['a', 'b']) {
        await send('POST /scheduler/jobs', { id, ...HOURLY, ...(id === 'a' && { func: 'app:meddle' }) });
      }
      await send('POST /scheduler/jobs/a/run');
      expect(await list('?action=job.pause')).toMatchObject([{ actor: null, address: null, job_id: 'b' }]);
    });
  });
});
