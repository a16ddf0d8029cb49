import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

describe.each(PLATFORMS)('durations as text and seeded jitter on %s', (platform) => {
  let rest: RestApp;

  beforeAll(async () => {
    rest = await startRestApp(platform);
  });
  afterAll(() => rest.close());

  const post = async (json: object) => {
    const answer = await rest.send('POST /scheduler/jobs', { json: { func: 'app:work', ...json } });
    return { status: answer.status, json: answer.json as Record<string, unknown> };
  };

  it.each([
    ['flat', { trigger: 'interval', every: '1h30m', jitter: { max: '2m', seed: 'id' } }],
    ['nested', { trigger: { type: 'interval', every: 'PT90M', jitter: { max: 120, seed: 'id' } } }],
  ])('are taken %s and answered as numbers', async (id, trigger) => {
    const { status, json } = await post({ id, ...trigger, misfire_grace_time: 'PT5M' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      trigger: 'interval',
      hours: 1,
      minutes: 30,
      jitter: { max: 120, seed: 'id' },
      misfire_grace_time: 300,
    });
    expect(json).not.toHaveProperty('every');
    const delay = Date.parse(String(json['next_run_time'])) - Date.parse(String(json['start_date']));
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(120_000);
  });

  it('change a job, and what was answered may be sent back and changes nothing', async () => {
    await post({ id: 'c', trigger: 'interval', minutes: 1 });
    const patch = async (json: object) => (await rest.send('PATCH /scheduler/jobs/c', { json })).json;
    const changed = await patch({ trigger: 'interval', every: 'P1DT2H', jitter: { max: '30s', seed: 'id' } });
    expect(changed).toMatchObject({ days: 1, hours: 2, jitter: { max: 30, seed: 'id' } });
    expect(await patch({ misfire_grace_time: '1m' })).toEqual({ ...(changed as object), misfire_grace_time: 60 });
    const current = (await rest.send('GET /scheduler/jobs/c')).json as object;
    expect(await patch(current)).toEqual(current);
  });

  it('are refused by the names of their members', async () => {
    const { status, json } = await post({
      id: 'bad',
      trigger: 'interval',
      every: '1.5h30m',
      jitter: { max: 'soon', seed: 'name' },
      misfire_grace_time: 'P1M',
    });
    expect(status).toBe(400);
    expect(json['error_message']).toMatch(/\bevery may have a fraction in its last part only, got "1.5h30m"/);
    expect(json['error_message']).toMatch(/\bjitter\.max must be a duration such as 1h30m, 90s or PT90S, got "soon"/);
    expect(json['error_message']).toMatch(/\bjitter\.seed must be 'id', got "name"/);
    expect(json['error_message']).toMatch(/\bmisfire_grace_time must not count in years or months/);
  });
});
