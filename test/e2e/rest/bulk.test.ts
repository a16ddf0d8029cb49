import { MemoryJobStore } from 'nestjs-apscheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../lib/module/access.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

interface Bulk {
  readonly results: { id: string; jobstore: string | null; ok: boolean; error_message: string | null }[];
  readonly next_cursor: string | null;
  readonly dry_run: boolean;
}

describe.each(PLATFORMS)('On %s', (platform) => {
  let rest: RestApp;

  beforeEach(async () => {
    const access = ({ headers }: AccessRequest) => {
      const { 'x-can': can = 'all', 'x-tags': tags } = headers;
      const actions = can === 'all' ? can : String(can).split(',');
      return { actor: 'ann', can: actions, ...(typeof tags === 'string' && { tags: tags.split(',') }) } as never;
    };
    rest = await startRestApp(platform, { options: { access } });
    for (const id of ['a', 'b', 'c']) {
      const tags = id === 'c' ? ['reports'] : ['billing'];
      await rest.scheduler.addJob({ id, task: 'app:work', trigger: 'interval', hours: 1, tags });
    }
  });
  afterEach(() => rest.close());

  const bulk = async (json: object, headers: Record<string, string> = {}) => {
    const answer = await rest.send('POST /scheduler/jobs/bulk', { json, headers });
    return { status: answer.status, ...(answer.json as Bulk & { error_message?: string }) };
  };

  describe('POST /jobs/bulk', () => {
    it('pauses the jobs that a filter finds, and says of each what became of it', async () => {
      const answer = await bulk({
        action: 'pause',
        where: { tag: ['billing'], state: ['scheduled'] },
        note: 'holiday',
      });
      expect(answer).toMatchObject({ status: 200, next_cursor: null, dry_run: false });
      expect(answer.results).toEqual([
        { id: 'a', jobstore: 'default', ok: true, error_message: null },
        { id: 'b', jobstore: 'default', ok: true, error_message: null },
      ]);
      const { json } = await rest.send('GET /scheduler/jobs/a');
      expect(json).toMatchObject({ paused: true, pause: { note: 'holiday', actor: 'ann' } });
    });

    it('names the jobs of a dry run, and those that are not there', async () => {
      const answer = await bulk({ action: 'remove', ids: ['a', 'zzz'], dry_run: true });
      expect(answer).toMatchObject({
        dry_run: true,
        results: [
          { id: 'a', ok: true },
          { id: 'zzz', jobstore: null, ok: false, error_message: 'Job zzz not found' },
        ],
      });
      expect((await rest.scheduler.getJobs()).length).toBe(3);
    });

    it('refuses what the body asks for without the action that it needs', async () => {
      const reader = { 'x-can': 'jobs.bulk,jobs.pause' };
      for (const [action, more] of [
        ['run', {}],
        ['remove', {}],
        ['tag', { tags: ['x'] }],
      ] as const) {
        const answer = await bulk({ action, ids: ['a'], ...more }, reader);
        expect([action, answer.status]).toEqual([action, 403]);
        expect(answer.error_message).toMatch(/needs the action jobs\.(run|write), which "ann" does not have/);
      }
      expect((await bulk({ action: 'pause', ids: ['a'] }, reader)).status).toBe(200);
      expect((await bulk({ action: 'pause', ids: ['a'] }, { 'x-can': 'jobs.pause' })).status).toBe(403);
    });

    it('finds only jobs of their tags for those who are limited to tags, and leaves them those', async () => {
      const limited = { 'x-tags': 'reports' };
      expect((await bulk({ action: 'pause', where: {} }, limited)).results.map(({ id }) => id)).toEqual(['c']);
      expect((await bulk({ action: 'remove', ids: ['a'] }, limited)).results).toMatchObject([
        { ok: false, jobstore: null },
      ]);
      expect((await bulk({ action: 'untag', ids: ['c'], tags: ['reports'] }, limited)).status).toBe(403);
      expect((await bulk({ action: 'tag', ids: ['c'], tags: ['new'] }, limited)).results).toMatchObject([{ ok: true }]);
    });

    it('names every fault of a request', async () => {
      const { error_message: message, status } = await bulk({
        action: 'delete',
        ids: ['a', ''],
        where: { stat: 1, state: 'asleep', sort: 'id' },
        limit: 0,
        dry_run: 'no',
        colour: 'red',
      });
      expect(status).toBe(400);
      for (const part of [
        'Invalid bulk request',
        'colour is not known here',
        'action must be one of pause, resume, run, remove, tag, untag, got "delete"',
        'ids must be one or more non-empty texts',
        'where.stat is not known here',
        'where.state must be one or more of scheduled',
        'limit must be a whole number',
        'dry_run must be true or false, got "no"',
      ]) {
        expect(message).toContain(part);
      }
    });
  });

  describe('PUT /jobs/:id', () => {
    const JOB = { func: 'app:work', trigger: 'interval', minutes: 5 };

    it('adds a job, and lets it take the place of the one that is there', async () => {
      expect(await rest.send('PUT /scheduler/jobs/new', { json: JOB })).toMatchObject({
        status: 200,
        json: { id: 'new', minutes: 5 },
      });
      const again = await rest.send('PUT /scheduler/jobs/new', {
        json: { ...JOB, id: 'new', minutes: 7, tags: ['t'] },
      });
      expect(again).toMatchObject({ status: 200, json: { id: 'new', minutes: 7, tags: ['t'] } });
      expect(again.headers.etag).toBeDefined();
      expect((await rest.scheduler.getJobs()).length).toBe(4);
    });

    it('refuses another id, a replacement that is said, and conditions', async () => {
      const other = await rest.send('PUT /scheduler/jobs/a', { json: { ...JOB, id: 'b', replace_existing: false } });
      expect(other).toMatchObject({ status: 400 });
      expect(other.text).toMatch(/id must be that of the path, \\"a\\", or left out; got \\"b\\"/);
      expect(other.text).toMatch(/replace_existing cannot be given: PUT always replaces/);
      const conditional = await rest.send('PUT /scheduler/jobs/a', { json: JOB, headers: { 'if-match': '"x"' } });
      expect(conditional).toMatchObject({
        status: 400,
        json: { error_message: expect.stringMatching(/PUT takes no if-match/) },
      });
      expect((await rest.send('PUT /scheduler/jobs/a', { json: {} })).status).toBe(400);
    });

    it('takes the id of the path as given when it names what is missing', async () => {
      class Durable extends MemoryJobStore {
        override readonly capabilities = { durable: true, shared: false, notifying: false };
      }
      const durable = await startRestApp(platform, { options: { jobStores: { default: new Durable() } } });
      const { json } = await durable.send('PUT /scheduler/jobs/new', { json: {} });
      await durable.close();
      expect(json).toEqual({ error_message: 'Invalid job: func is missing' });
    });

    it('replaces nothing for those who are limited to tags', async () => {
      const headers = { 'x-tags': 'reports' };
      const put = async (id: string) =>
        (await rest.send(`PUT /scheduler/jobs/${id}`, { json: { ...JOB, tags: ['reports'] }, headers })).status;
      expect([await put('a'), await put('c'), await put('new')]).toEqual([409, 403, 200]);
    });
  });
});
