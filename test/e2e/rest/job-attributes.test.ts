import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { basic, PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const JOB = { id: 'a', func: 'app:work', trigger: 'interval', minutes: 10 };
const GIVEN = {
  tags: ['billing', 'nightly'],
  metadata: { owner: { team: 'a' } },
  description: 'Sends the invoices.',
  max_runs: 5,
  pause_after_failures: 3,
};

describe.each(PLATFORMS)('The attributes of a job over REST, on %s', (platform) => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp(platform);
  });
  afterEach(() => rest.close());

  const post = (json: object) => rest.send('POST /scheduler/jobs', { json: { ...JOB, ...json } });
  const get = () => rest.send('GET /scheduler/jobs/a');

  it('are given when the job is added, answered, and changed one by one', async () => {
    expect(await post(GIVEN)).toMatchObject({
      status: 200,
      json: { ...GIVEN, runs_left: 5, failures: 0, enabled: true },
    });
    const changed = await rest.send('PATCH /scheduler/jobs/a', { json: { tags: [], description: null, max_runs: 2 } });
    expect(changed).toMatchObject({ status: 200, json: { ...GIVEN, tags: [], description: null, max_runs: 2 } });
    expect((await get()).json).toEqual(changed.json);
  });

  it('can be sent back whole, with what the scheduler sets', async () => {
    await post(GIVEN);
    await rest.send('POST /scheduler/jobs/a/pause', { json: { note: 'x' } });
    const { json } = await get();
    expect(await rest.send('PATCH /scheduler/jobs/a', { json: json as object })).toMatchObject({ status: 200, json });
  });

  it.each([
    [{ tags: 'a' }, 'tags must be an array of non-empty texts, got "a"'],
    [{ tags: ['a\u0000'] }, 'tags must have texts of 1 to 100 characters without control characters'],
    [{ metadata: [] }, 'metadata must be an object, got []'],
    [{ description: 5 }, 'description must be a text or null, got 5'],
    [{ max_runs: 0 }, 'max_runs must be a whole number of at least 1, or null, got 0'],
    [{ pause_after_failures: 'x' }, 'pause_after_failures must be a whole number of at least 1, or null, got "x"'],
  ])('are refused with %j', async (wrong, problem) => {
    expect(await post(wrong)).toMatchObject({ status: 400, json: { error_message: expect.stringContaining(problem) } });
    expect((await get()).status).toBe(404);
  });

  it('cannot pause a job by a member: there are routes for that', async () => {
    expect(await post({ paused: true })).toMatchObject({
      status: 400,
      json: { error_message: expect.stringContaining('paused needs next_run_time null beside it') },
    });
    expect(await post({ paused: true, next_run_time: null })).toMatchObject({ status: 200, json: { paused: true } });
    expect(await rest.send('PATCH /scheduler/jobs/a', { json: { paused: false } })).toMatchObject({
      status: 400,
      json: {
        error_message: expect.stringContaining('paused cannot be changed here: use /pause and /resume of the job'),
      },
    });
  });

  it('cannot enable what its declaration holds', async () => {
    await post({ enabled: false });
    expect((await get()).json).toMatchObject({ enabled: false, paused: true, pause: null, next_run_time: null });
    expect(await rest.send('PATCH /scheduler/jobs/a', { json: { enabled: true } })).toMatchObject({
      status: 400,
      json: { error_message: expect.stringContaining('enabled cannot be changed') },
    });
  });

  it('say who has paused it and why', async () => {
    await post({});
    expect(await rest.send('POST /scheduler/jobs/a/pause', { json: { note: 'the printer burns' } })).toMatchObject({
      status: 200,
      json: { paused: true, pause: { note: 'the printer burns', reason: 'request' } },
    });
    expect(await rest.send('POST /scheduler/jobs/a/pause', { json: { note: 5 } })).toMatchObject({
      status: 400,
      json: { error_message: expect.stringContaining('note must be a text, got 5') },
    });
    expect(await rest.send('POST /scheduler/jobs/a/resume')).toMatchObject({ json: { paused: false, pause: null } });
  });

  it('name the user who has paused it', async () => {
    await rest.close();
    rest = await startRestApp(platform, { options: { auth: { username: 'ann', password: 'secret' } } });
    const headers = basic('ann', 'secret');
    await rest.send('POST /scheduler/jobs', { json: JOB, headers });
    expect(await rest.send('POST /scheduler/jobs/a/pause', { headers })).toMatchObject({
      status: 200,
      json: { pause: { actor: 'ann', note: null } },
    });
  });

  describe('with a version', () => {
    const etag = async (): Promise<string> => (await get()).headers['etag'] as string;
    const patch = (ifMatch: string, json: object) =>
      rest.send('PATCH /scheduler/jobs/a', { json, headers: { 'If-Match': ifMatch } });

    it('are changed while nobody else has changed the job', async () => {
      await post({});
      const tag = await etag();
      await rest.send('POST /scheduler/jobs/a/run');
      expect(await patch(tag, { name: 'first' })).toMatchObject({ status: 200, json: { name: 'first' } });
      expect(await patch('*', { name: 'second' })).toMatchObject({ status: 200, json: { name: 'second' } });
      expect(await patch(`"other", ${await etag()}`, { name: 'third' })).toMatchObject({ status: 200 });
    });

    it('are left as somebody else has made them, and the differences are listed', async () => {
      await post({});
      const tag = await etag();
      await rest.send('PATCH /scheduler/jobs/a', { json: { name: 'theirs', tags: ['x'] } });
      const stale = await patch(tag, { name: 'mine', tags: ['x'], max_instances: 2 });
      expect(stale).toMatchObject({
        status: 412,
        json: {
          error_message: 'Job a has been changed meanwhile: read it again, and decide anew',
          differences: [
            { field: 'name', current: 'theirs', given: 'mine' },
            { field: 'max_instances', current: 1, given: 2 },
          ],
        },
      });
      expect((await get()).json).toMatchObject({ name: 'theirs', max_instances: 1 });
      expect((await patch(`W/${await etag()}`, { name: 'mine' })).status).toBe(412);
    });

    it('are never answered as not modified: the next run time moves while the version stays', async () => {
      await post({});
      const tag = await etag();
      await rest.clock.advance(10 * 60_000);
      const { status } = await rest.send('GET /scheduler/jobs/a', { headers: { 'If-None-Match': tag } });
      expect(status).toBe(200);
    });
  });
});
