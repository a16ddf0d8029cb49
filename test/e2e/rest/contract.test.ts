import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

/* The requests recorded in the contract and their answers, member for member. What Flask-APScheduler does not have comes
   after what it has. */

const EXTRA = {
  coalesce: true,
  catch_up_limit: 1000,
  overlap: 'skip',
  max_queued: 100,
  timeout: null,
  retry: null,
  executor: 'default',
  jobstore: 'default',
  run_on_start: false,
  tags: [],
  metadata: {},
  description: null,
  max_runs: null,
  runs_left: null,
  pause_after_failures: null,
  failures: 0,
  enabled: true,
  paused: false,
  pause: null,
  last_run: null,
  waiting_for: null,
};
const OURS = { args: [], kwargs: {}, misfire_grace_time: null, max_instances: 1, ...EXTRA };
const NOW = '2026-11-22T22:36:39.205000+00:00';
const IN_TEN_MINUTES = '2026-11-22T22:46:39.205000+00:00';

const I1 = { id: 'i1', func: 'app:work', trigger: 'interval', minutes: 10, args: [1], kwargs: { a: 2 } };

describe.each(PLATFORMS)('the wire on %s', (platform) => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp(platform);
  });
  afterEach(() => rest.close());

  const post = (json: object) => rest.send('POST /scheduler/jobs', { json });
  const patch = (id: string, json: object) => rest.send(`PATCH /scheduler/jobs/${id}`, { json });

  it('answers an interval job, whose first time is one interval away', async () => {
    const { status, json, headers } = await post(I1);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json\b/);
    expect(json).toEqual({
      ...OURS,
      ...I1,
      name: 'i1',
      start_date: IN_TEN_MINUTES,
      timezone: 'UTC',
      next_run_time: IN_TEN_MINUTES,
    });
  });

  it('answers members in the order of the original, and its own where they are not in the way', async () => {
    const { json } = await post(I1);
    const members = Object.keys(json as object).filter((name) => name !== 'timezone' && !(name in EXTRA));
    expect(members).toEqual([
      'id',
      'name',
      'func',
      'args',
      'kwargs',
      'trigger',
      'start_date',
      'minutes',
      'misfire_grace_time',
      'max_instances',
      'next_run_time',
    ]);
  });

  it('answers every part of an interval, its bounds and the options of its job', async () => {
    const parts = { weeks: 1, days: 2, hours: 3, minutes: 4, seconds: 5 };
    const options = { name: 'n', misfire_grace_time: 30, max_instances: 3, coalesce: false };
    const job = { id: 'i2', func: 'app:work', trigger: 'interval', ...parts, ...options };
    const { status, json } = await post({ ...job, start_date: '2030-01-01 00:00:00', end_date: '2031-01-01' });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...OURS,
      ...job,
      start_date: '2030-01-01T00:00:00+00:00',
      end_date: '2031-01-01T00:00:00+00:00',
      timezone: 'UTC',
      next_run_time: '2030-01-01T00:00:00+00:00',
    });
  });

  it('answers the parts of an interval that are not zero, in the largest units', async () => {
    const { json } = await post({ id: 'i3', func: 'app:work', trigger: 'interval', minutes: 90, seconds: 0 });
    expect(json).toMatchObject({ hours: 1, minutes: 30 });
    for (const part of ['weeks', 'days', 'seconds']) expect(json).not.toHaveProperty(part);
  });

  it('answers the cron fields that were given', async () => {
    const job = { id: 'c1', func: 'app:work', trigger: 'cron', day_of_week: 'mon-fri', hour: '9-17', minute: '*/15' };
    const { status, json } = await post(job);
    expect(status).toBe(200);
    expect(json).toEqual({
      ...OURS,
      ...job,
      name: 'c1',
      timezone: 'UTC',
      next_run_time: '2026-11-23T09:00:00+00:00',
    });
  });

  it('takes the nested form of a trigger and answers it flat, numbers as strings', async () => {
    const { status, json } = await post({
      id: 'c2',
      func: 'app:work',
      trigger: { type: 'cron', day: 'last', hour: 3 },
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...OURS,
      id: 'c2',
      name: 'c2',
      func: 'app:work',
      trigger: 'cron',
      day: 'last',
      hour: '3',
      timezone: 'UTC',
      next_run_time: '2026-11-30T03:00:00+00:00',
    });
  });

  it('answers a date with the offset that it was given', async () => {
    const job = { id: 'd1', func: 'app:work', trigger: 'date', run_date: '2030-05-05T12:00:00+02:00' };
    const { status, json } = await post(job);
    expect(status).toBe(200);
    expect(json).toEqual({ ...OURS, ...job, name: 'd1', timezone: '+02:00', next_run_time: job.run_date });
  });

  it('runs a job without a trigger once, now', async () => {
    const { status, json } = await post({ id: 'now1', func: 'app:work' });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...OURS,
      id: 'now1',
      name: 'now1',
      func: 'app:work',
      trigger: 'date',
      run_date: NOW,
      timezone: 'UTC',
      next_run_time: NOW,
    });
    await rest.clock.advance(1);
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ json: [] });
  });

  it('adds a job paused when its next run time is null', async () => {
    const { json } = await post({ id: 'p1', func: 'app:work', trigger: 'interval', seconds: 5, next_run_time: null });
    expect(json).toMatchObject({ next_run_time: null, seconds: 5 });
    await rest.clock.advance(60_000);
    expect((await rest.send('GET /scheduler/jobs/p1')).json).toEqual(json);
  });

  it('computes the next run time anew for a new trigger', async () => {
    await post(I1);
    const { status, json } = await patch('i1', { trigger: 'cron', minute: '*/1', start_date: '2030-01-01' });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...OURS,
      id: 'i1',
      name: 'i1',
      func: 'app:work',
      args: [1],
      kwargs: { a: 2 },
      trigger: 'cron',
      minute: '*/1',
      start_date: '2030-01-01T00:00:00+00:00',
      timezone: 'UTC',
      next_run_time: '2030-01-01T00:00:00+00:00',
    });
  });

  it('keeps the next run time for any other change', async () => {
    const before = (await post(I1)).json as object;
    await rest.clock.advance(60_000);
    const { status, json } = await patch('i1', { name: 'new name', args: [9] });
    expect(status).toBe(200);
    expect(json).toEqual({ ...before, name: 'new name', args: [9] });
  });

  it('pauses a job whose next run time is set to null, and moves it when it is set to a date', async () => {
    await post(I1);
    expect((await patch('i1', { next_run_time: null })).json).toMatchObject({ next_run_time: null });
    const { json } = await patch('i1', { next_run_time: '2026-12-01 08:00' });
    expect(json).toMatchObject({ next_run_time: '2026-12-01T08:00:00+00:00', start_date: IN_TEN_MINUTES });
  });

  it('starts a trigger anew that is given again without its next run time', async () => {
    await post({ ...I1, next_run_time: null });
    const { json } = await patch('i1', { trigger: 'interval', minutes: 10 });
    expect(json).toMatchObject({ next_run_time: IN_TEN_MINUTES });
  });

  it('reads a date without an offset in the zone of its trigger', async () => {
    const { json } = await post({ ...I1, start_date: '2030-07-01T09:00', timezone: 'Europe/Berlin' });
    expect(json).toMatchObject({
      start_date: '2030-07-01T09:00:00+02:00',
      next_run_time: '2030-07-01T09:00:00+02:00',
      timezone: 'Europe/Berlin',
    });
  });

  it('answers what it allows beside the original', async () => {
    const extra = { crontab: '0 9 * * 1-5', jitter: 30, timezone: 'Europe/Berlin' };
    const { status, json } = await post({ id: 'x1', func: 'app:work', trigger: 'cron', ...extra, coalesce: false });
    expect(status).toBe(200);
    expect(json).toMatchObject({ ...extra, coalesce: false, executor: 'default', jobstore: 'default' });
  });

  it('replaces a job when it is told to', async () => {
    await post(I1);
    const { status, json } = await post({ ...I1, name: 'again', replace_existing: true });
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: 'i1', name: 'again' });
  });

  it('removes a date job when it has run, and an interval job when its end is past', async () => {
    await post({ id: 'd', func: 'app:work', trigger: 'date', run_date: '2026-11-22T22:37:00Z' });
    await post({ id: 'i', func: 'app:work', trigger: 'interval', minutes: 1, end_date: '2026-11-22T22:39:00Z' });
    await rest.clock.advance(10 * 60_000);
    expect((await rest.send('GET /scheduler/jobs')).json).toEqual([]);
  });

  it('waits for running jobs when it is shut down, as long as the options say', async () => {
    let finish = (): void => undefined;
    rest.scheduler.registerTask('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    await post({ id: 'slow', func: 'slow' });
    await rest.clock.advance(1);
    const shutdown = rest.scheduler.shutdown.bind(rest.scheduler);
    const asked = new Promise((resolve) => {
      vi.spyOn(rest.scheduler, 'shutdown').mockImplementation((options) => {
        resolve(options);
        return shutdown(options);
      });
    });
    let over = false;
    const answer = rest.send('POST /scheduler/shutdown').finally(() => (over = true));
    expect(await asked).toEqual({ scope: 'cluster', wait: true, timeout: 10 });
    await rest.send('GET /scheduler/jobs');
    expect(over).toBe(false);
    finish();
    expect(await answer).toMatchObject({ status: 204 });
  });

  it('answers arguments that JSON does not know without failing', async () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    await rest.scheduler.addJob({
      id: 'odd',
      task: 'app:work',
      trigger: 'interval',
      hours: 1,
      args: [new Date('2030-01-01T00:00:00Z'), 10n, undefined, Symbol('s'), function named() {}, NaN],
      kwargs: { cycle, a: 1 },
    });
    const { status, json } = await rest.send('GET /scheduler/jobs/odd');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      args: ['2030-01-01T00:00:00+00:00', '10n', null, 'Symbol(s)', '[Function: named]', null],
      kwargs: { cycle: expect.stringContaining('Circular') as unknown, a: 1 },
    });
  });

  describe('an answer that is sent back as a change', () => {
    const answers: readonly (readonly [what: string, job: object])[] = [
      ['an interval job', I1],
      ['a job with jitter', { ...I1, jitter: 120 }],
      ['a paused job', { ...I1, next_run_time: null }],
      ['a job with a first run of its own', { ...I1, next_run_time: '2026-12-24T18:00:00+01:00' }],
      ['a cron job', { id: 'i1', func: 'app:work', trigger: 'cron', day: 'last', hour: 3, timezone: 'Asia/Tokyo' }],
      ['a crontab job', { id: 'i1', func: 'app:work', trigger: 'cron', crontab: '*/5 9-17 * * 1-5' }],
      ['a date job', { id: 'i1', func: 'app:work', trigger: 'date', run_date: '2030-05-05T12:00:00+02:00' }],
    ];

    it.each(answers)('leaves %s exactly as it is', async (_, job) => {
      const { json } = await post(job);
      const before = await rest.scheduler.getJob('i1');
      await rest.clock.advance(30_000);
      const answer = await patch('i1', json as object);
      expect(answer.text).toBe((await rest.send('GET /scheduler/jobs/i1')).text);
      expect(answer.json).toEqual(json);
      expect(await rest.scheduler.getJob('i1')).toEqual(before);
    });

    it('is accepted of a job that runs an unnamed function', async () => {
      await rest.scheduler.addJob({ id: 'i1', task: () => 1, trigger: 'interval', hours: 1 });
      const { json } = await rest.send('GET /scheduler/jobs/i1');
      expect(await patch('i1', { ...(json as object), name: 'renamed' })).toMatchObject({
        status: 200,
        json: { ...(json as object), name: 'renamed' },
      });
    });

    it('is accepted of a pending job', async () => {
      await rest.send('POST /scheduler/shutdown');
      const { json } = await post(I1);
      expect(await patch('i1', json as object)).toMatchObject({ status: 200, json: json as object });
    });

    it('changes only what differs', async () => {
      const { json } = await post(I1);
      await rest.clock.advance(30_000);
      const sent = { ...(json as object), name: 'other', args: [2] };
      expect((await patch('i1', sent)).json).toEqual(sent);
    });

    it('keeps its next run time beside another trigger, and needs it for an unchanged one to stay as it is', async () => {
      const { json } = await post(I1);
      await rest.clock.advance(30_000);
      const changed = await patch('i1', { ...(json as object), minutes: 11 });
      expect(changed.json).toMatchObject({ minutes: 11, next_run_time: IN_TEN_MINUTES });
      const again = await patch('i1', { trigger: 'interval', minutes: 11 });
      expect(again.json).toMatchObject({ minutes: 11, next_run_time: '2026-11-22T22:48:09.205000+00:00' });
      expect((await patch('i1', { next_run_time: null })).json).toMatchObject({ minutes: 11, next_run_time: null });
    });
  });
});
