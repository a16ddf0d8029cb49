import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD_JOBS, bodyText } from '../../support/bad-jobs.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

/* The clock stands at 2026-11-22T22:36:39.205Z, a Sunday. */

describe.each(PLATFORMS)('previews on %s', (platform) => {
  let rest: RestApp;

  beforeAll(async () => {
    rest = await startRestApp(platform);
    await rest.scheduler.addJob({
      id: 'office',
      task: 'app:work',
      trigger: 'cron',
      hour: 9,
      timezone: 'Europe/Berlin',
    });
    await rest.scheduler.addJob({ id: 'a/b 50%', task: 'app:work', trigger: 'interval', every: '10m' });
    await rest.scheduler.addJob({ id: 'x'.repeat(191), task: 'app:work', trigger: 'interval', days: 1 });
    await rest.scheduler.addJob({
      id: 'once',
      task: 'app:work',
      trigger: 'date',
      runDate: '2030-05-05T12:00:00+02:00',
    });
  });
  afterAll(() => rest.close());

  const next = (id: string, query = '') => rest.send(`GET /scheduler/jobs/${encodeURIComponent(id)}/next${query}`);
  const preview = (json: unknown) => rest.send('POST /scheduler/preview', { json });

  it('tell what a job means and when it fires next, with offsets', async () => {
    const { status, json, headers } = await next('office', '?count=3');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json\b/);
    expect(json).toEqual({
      description: 'at 09:00, every day (Europe/Berlin)',
      timezone: 'Europe/Berlin',
      next_run_times: ['2026-11-23T09:00:00+01:00', '2026-11-24T09:00:00+01:00', '2026-11-25T09:00:00+01:00'],
    });
  });

  it('have ten times when nothing is said, and as many as there are', async () => {
    expect((await next('office')).json).toMatchObject({ next_run_times: { length: 10 } });
    expect((await next('once')).json).toEqual({
      description: 'once, on 5 May 2030 at 12:00:00 (+02:00)',
      timezone: '+02:00',
      next_run_times: ['2030-05-05T12:00:00+02:00'],
    });
    expect((await next('once', '?from=2031-01-01')).json).toMatchObject({ next_run_times: [] });
  });

  it.each([
    ['?from=2030-06-30&count=1', '2030-06-30T09:00:00+02:00'],
    ['?from=2030-06-30T09:00:01&count=1', '2030-07-01T09:00:00+02:00'],
    ['?count=1&from=2030-06-30T07:00:00Z', '2030-06-30T09:00:00+02:00'],
    ['?from=2030-06-30T07:00:00%2B00:00&count=1', '2030-06-30T09:00:00+02:00'],
    ['?from=2030-06-30%2009:00&count=1', '2030-06-30T09:00:00+02:00'],
  ])('begin where %s says', async (query, expected) => {
    const { status, json } = await next('office', query);
    expect([status, json]).toEqual([200, expect.objectContaining({ next_run_times: [expected] })]);
  });

  it('are there for ids of any characters and length', async () => {
    for (const id of ['a/b 50%', 'x'.repeat(191)]) {
      expect(await next(id, '?count=2')).toMatchObject({ status: 200, json: { next_run_times: { length: 2 } } });
    }
  });

  it('are not there for a job that is not', async () => {
    const { status, json } = await next('nobody');
    expect([status, json]).toEqual([404, { error_message: 'Job nobody not found' }]);
  });

  it.each([
    ['count=0', 'count must be a whole number from 1 to 1000, got "0"'],
    ['count=abc', 'count must be a whole number from 1 to 1000, got "abc"'],
    ['count=', 'count must be a whole number from 1 to 1000, got ""'],
    ['count=-1', 'count must be a whole number from 1 to 1000, got "-1"'],
    ['count=1.5', 'count must be a whole number from 1 to 1000, got "1.5"'],
    ['count=1e2', 'count must be a whole number from 1 to 1000, got "1e2"'],
    ['count=1e9', 'count must be a whole number from 1 to 1000, got "1e9"'],
    ['count=1001', 'count must be a whole number from 1 to 1000, got "1001"'],
    ['count=0x10', 'count must be a whole number from 1 to 1000, got "0x10"'],
    ['count=%205', 'count must be a whole number from 1 to 1000, got " 5"'],
    [`count=${'9'.repeat(30)}`, 'count must be a whole number from 1 to 1000, got "999'],
    ['count=1&count=2', "count must be a whole number from 1 to 1000, got [ '1', '2' ]"],
    ['count[]=1', 'count[] is not known here'],
    ['count[a]=1', 'count[a] is not known here'],
    ['from=soon', 'from must be an ISO 8601 date'],
    ['from=', 'from must be an ISO 8601 date, got ""'],
    ['from=2030-02-30', 'from must be a day of the calendar, got "2030-02-30"'],
    ['from=1893456000000', 'from must be an ISO 8601 date'],
    // A plus is a blank in a query.
    ['from=2030-01-01T00:00:00+01:00', 'from must be an ISO 8601 date'],
    ['from=2030-01-01&from=2031-01-01', "from must be an ISO 8601 date, got [ '2030-01-01', '2031-01-01' ]"],
    ['limit=3', 'limit is not known here'],
    ['__proto__=1', '__proto__ is not known here'],
  ])('are refused for ?%s, naming it', async (query, expected) => {
    const { status, json } = await next('office', `?${query}`);
    const { error_message: message, ...more } = json as { error_message: string };
    expect([status, more]).toEqual([400, {}]);
    expect(message).toMatch(/^Invalid preview: /);
    expect(message).toContain(expected);
  });

  it('tell every fault of a query', async () => {
    const { json } = await next('office', '?count=0&from=soon&foo=1');
    const { error_message: message } = json as { error_message: string };
    expect(message.split(/: |; /).map((part) => part.split(' ', 1)[0])).toEqual(
      expect.arrayContaining(['foo', 'count', 'from']),
    );
  });

  it.each([
    ['flat', { trigger: 'cron', day_of_week: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' }],
    ['nested', { trigger: { type: 'cron', day_of_week: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' } }],
  ])('tell what a trigger means before it is saved, given %s', async (_, trigger) => {
    const { status, json } = await preview({ ...trigger, count: 2, from: '2030-03-29T12:00:00+01:00' });
    expect(status).toBe(200);
    expect(json).toEqual({
      description: 'at 09:00, Monday to Friday (Europe/Berlin)',
      timezone: 'Europe/Berlin',
      next_run_times: ['2030-04-01T09:00:00+02:00', '2030-04-02T09:00:00+02:00'],
    });
    expect((await rest.send('GET /scheduler/jobs')).json).toHaveLength(4);
  });

  it.each([
    [
      { trigger: 'interval', every: 'PT90S', count: 1 },
      'every 1 minute 30 seconds, starting 22 November 2026 at 22:38:09.205 (UTC)',
    ],
    [
      { trigger: 'date', run_date: '2030-01-01', timezone: 'Asia/Tokyo' },
      'once, on 1 January 2030 at 00:00:00 (Asia/Tokyo)',
    ],
    [
      { trigger: 'cron', crontab: '0 9 * * 1-5', jitter: '30s' },
      'at 09:00, Monday through Friday (UTC), delayed by up to 30 seconds at random',
    ],
    [
      { trigger: 'cron', minute: '*/5', jitter: { max: '1m', seed: 'id' } },
      'every 5 minutes (UTC), delayed by up to 1 minute, the same for each run',
    ],
  ])('of %j say: %s', async (body, description) => {
    const { status, json } = await preview(body);
    expect([status, json]).toEqual([200, expect.objectContaining({ description })]);
  });

  it('reach into triggers that are made of triggers', async () => {
    const base = { trigger: 'cron', day_of_week: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' };
    const body = {
      trigger: 'except',
      base,
      except: ['2026-11-24', { from: '2026-11-26', to: '2026-11-27' }],
      count: 3,
    };
    expect((await preview(body)).json).toEqual({
      description:
        'at 09:00, Monday to Friday (Europe/Berlin), except: on 24 November 2026; from 26 November 2026 to 27 November 2026',
      timezone: 'Europe/Berlin',
      next_run_times: ['2026-11-23T09:00:00+01:00', '2026-11-25T09:00:00+01:00', '2026-11-27T09:00:00+01:00'],
    });
    const broken = { trigger: 'or', triggers: [base, { trigger: 'interval', every: 'soon' }], count: 0 };
    const { status, json } = await preview(broken);
    const { error_message: message } = json as { error_message: string };
    expect(status).toBe(400);
    expect(message).toMatch(/triggers\[1\]\.every must be a duration such as .*, got "soon"/);
    expect(message).toMatch(/count must be a whole number/);
  });

  it('give the time that the job has once it is added', async () => {
    const trigger = { trigger: 'interval', every: '7m' };
    const { next_run_times: times } = (await preview(trigger)).json as { next_run_times: string[] };
    const added = await rest.send('POST /scheduler/jobs', { json: { id: 'new', func: 'app:work', ...trigger } });
    expect(added.json).toMatchObject({ next_run_time: times[0] });
    await rest.send('DELETE /scheduler/jobs/new');
  });

  it.each<[unknown, string]>([
    [{ trigger: 'interval', hours: 1, end_date: '2020-01-01' }, 'trigger never fires: its last time is past'],
    [
      { trigger: 'cron', hour: 1, end_date: '2031-01-01', from: '2032-01-01' },
      'trigger never fires: its last time is past',
    ],
    [{ trigger: 'cron', month: 2, day: 30 }, 'day can never match'],
    [{}, 'trigger is missing'],
    [{ hour: 3 }, 'trigger is missing'],
    [{ trigger: 'weekly' }, 'trigger must be one of date, interval, cron'],
    [{ trigger: 'cron', hour: 3, id: 'a' }, 'id is not known here'],
    [{ trigger: 'cron', hour: 3, max_instances: 3 }, 'max_instances is not known here'],
    [{ trigger: { type: 'cron', hour: 3, count: 3 } }, 'trigger.count is not known here'],
    ...[0, -1, 1001, 1e9, 1.5, '3', null, true, [], {}].map((count): [unknown, string] => [
      { trigger: 'cron', hour: 3, count },
      'count must be a whole number from 1 to 1000',
    ]),
    ...['', 'soon', 17, null, [], '2030-02-30'].map((from): [unknown, string] => [
      { trigger: 'cron', hour: 3, from },
      'from must be ',
    ]),
    [[], 'body must be a JSON object'],
    ['cron', 'body must be a JSON object'],
  ])('are refused for %j', async (body, expected) => {
    const { status, json } = await preview(body);
    const { error_message: message, ...more } = json as { error_message: string };
    expect([status, more]).toEqual([400, {}]);
    expect(message).toContain(expected);
  });

  it('tell every fault of a body, by its name on the wire', async () => {
    const { json } = await preview({
      trigger: 'interval',
      seconds: -5,
      start_date: 'soon',
      count: 0,
      from: 'later',
      foo: 1,
    });
    const { error_message: message } = json as { error_message: string };
    expect(message.split(/: |; /).map((part) => part.split(' ', 1)[0])).toEqual(
      expect.arrayContaining(['foo', 'count', 'seconds', 'start_date', 'from']),
    );
  });

  it('are refused for every trigger that no job can have', async () => {
    const ofTriggers = BAD_JOBS.filter(
      ({ field, base }) =>
        'trigger' in base &&
        /^(?:jitter|every|seconds|start_date|end_date|run_date|timezone|crontab|hour|day)\b/.test(field),
    );
    expect(ofTriggers.length).toBeGreaterThan(100);
    for (const bad of ofTriggers) {
      const { status, json } = await rest.send('POST /scheduler/preview', { body: bodyText(bad.base, bad) });
      const { error_message: message } = json as { error_message: string };
      const names = message.split(/: |; /).map((part) => part.split(' ', 1)[0]);
      expect([bad, status, names]).toEqual([bad, 400, expect.arrayContaining([bad.field])]);
    }
  });
});

describe('previews', () => {
  it('are for those only who may use the API', async () => {
    const rest = await startRestApp('express', { options: { auth: { username: 'ada', password: 'l0velace' } } });
    try {
      for (const target of ['GET /scheduler/jobs/a/next', 'POST /scheduler/preview']) {
        expect(await rest.send(target)).toMatchObject({ status: 401, json: { error_message: 'Access Denied' } });
      }
    } finally {
      await rest.close();
    }
  });
});
