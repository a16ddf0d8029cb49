import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRestApp, type RestApp } from '../../support/rest-app.js';

/* Flask-APScheduler hands a body's members to add_job, where None is the default of most of them. */

const JOB = { id: 'new', func: 'app:work' };
const NOTHING = { args: [], kwargs: {}, name: 'new' };
const CRON = { year: null, month: null, day: null, week: null, day_of_week: null, minute: null, second: null };
const BOUNDS = { start_date: null, end_date: null, timezone: null, jitter: null };

describe('null for a member of a body', () => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp('express');
  });
  afterAll(() => rest.close());

  const add = async (members: object) => {
    const { status, json } = await rest.send('POST /scheduler/jobs', { json: { ...JOB, ...members } });
    await rest.send('DELETE /scheduler/jobs/new');
    return { status, json };
  };

  it.each<[object, object]>([
    [{ args: null, kwargs: null, name: null }, NOTHING],
    [{ name: '' }, NOTHING],
    [{ trigger: null }, { trigger: 'date' }],
    [{ trigger: 'date', run_date: null, timezone: null }, { trigger: 'date' }],
    [
      { trigger: 'interval', minutes: 10, ...BOUNDS },
      { trigger: 'interval', minutes: 10 },
    ],
    [{ trigger: { type: 'interval', minutes: 10, ...BOUNDS } }, { trigger: 'interval', minutes: 10 }],
    [
      { trigger: 'cron', hour: 3, ...CRON, ...BOUNDS },
      { trigger: 'cron', hour: '3' },
    ],
    [{ trigger: { type: 'cron', hour: 3, ...CRON } }, { trigger: 'cron', hour: '3' }],
  ])('says as much as nothing when %j is added', async (members, expected) => {
    expect(await add(members)).toMatchObject({ status: 200, json: { ...JOB, ...expected } });
  });

  it('still means a pause, and that no run is too late', async () => {
    const members = { trigger: 'interval', minutes: 10, next_run_time: null, misfire_grace_time: null };
    expect(await add(members)).toMatchObject({ status: 200, json: { next_run_time: null, misfire_grace_time: null } });
  });

  it.each(['id', 'func', 'max_instances', 'coalesce', 'executor'])('is refused for %s', async (name) => {
    const message = expect.stringMatching(
      new RegExp(`^Invalid job(?: "new")?: ${name} must be .*, got null`),
    ) as unknown;
    expect(await add({ [name]: null })).toMatchObject({ status: 400, json: { error_message: message } });
  });

  it('says as much as nothing beside the trigger of a change or a preview, and nowhere else', async () => {
    await rest.send('POST /scheduler/jobs', { json: { ...JOB, trigger: 'interval', minutes: 10, args: [1] } });
    const change = (json: object) => rest.send('PATCH /scheduler/jobs/new', { json });
    expect(await change({ trigger: 'cron', hour: 3, ...CRON, ...BOUNDS })).toMatchObject({
      status: 200,
      json: { trigger: 'cron', hour: '3' },
    });
    const body = { trigger: { type: 'cron', hour: 3, ...CRON, ...BOUNDS }, count: 1 };
    expect(await rest.send('POST /scheduler/preview', { json: body })).toMatchObject({ status: 200 });
    for (const name of ['args', 'kwargs', 'name', 'start_date', 'hour', 'trigger']) {
      expect(await change({ [name]: null })).toMatchObject({ status: 400 });
    }
    expect((await rest.send('GET /scheduler/jobs/new')).json).toMatchObject({ args: [1], trigger: 'cron', hour: '3' });
  });
});
