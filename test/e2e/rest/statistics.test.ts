import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../lib/module/access.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

describe.each(PLATFORMS)('On %s', (platform) => {
  let rest: RestApp;

  beforeAll(async () => {
    const access = ({ headers }: AccessRequest) => {
      const { 'x-tags': tags } = headers;
      return { actor: 'ann', can: 'all', ...(typeof tags === 'string' && { tags: tags.split(',') }) } as const;
    };
    rest = await startRestApp(platform, { options: { access } });
    const { scheduler } = rest;
    await scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', hours: 1, tags: ['billing', 'x'] });
    await scheduler.addJob({ id: 'b', task: 'app:work', trigger: 'interval', hours: 2, tags: ['reports'] });
    await scheduler.pauseJob('b');
    await scheduler.runJob('a');
  });
  afterAll(() => rest.close());

  it('GET /stats counts jobs by state and runs by outcome, with times in seconds', async () => {
    const { json, status } = await rest.send('GET /scheduler/stats');
    expect(status).toBe(200);
    const percentiles = { p50: 0.001, p95: 0.001, p99: 0.001 };
    const summary = { outcomes: { succeeded: 1 }, duration: percentiles, lateness: percentiles };
    expect(json).toEqual({
      jobs: { scheduled: 1, paused: 1, waiting: 0, running: 0 },
      minutes: [{ start: '2026-11-22T22:36:00+00:00', outcomes: { succeeded: 1 } }],
      hours: [{ start: '2026-11-22T22:00:00+00:00', outcomes: { succeeded: 1 } }],
      last_hour: summary,
      last_day: summary,
    });
    expect((await rest.send('GET /scheduler/stats', { headers: { 'x-tags': 'billing' } })).status).toBe(403);
  });

  it('GET /timeline has the times at which jobs fire, and counts in intervals', async () => {
    const { json, status } = await rest.send('GET /scheduler/timeline?to=2026-11-23T01:00:00Z&limit=1');
    expect(status).toBe(200);
    const { counts, ...rest_ } = json as { counts: { from: string; count: number }[] };
    expect(rest_).toEqual({
      from: '2026-11-22T22:36:39.205000+00:00',
      to: '2026-11-23T01:00:00+00:00',
      counted_to: '2026-11-23T01:00:00+00:00',
      resolution: null,
      times: [{ time: '2026-11-22T23:36:39.205000+00:00', job_id: 'a', jobstore: 'default', count: 1 }],
    });
    expect(counts.length).toBe(60);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('GET /timeline is of the jobs that filters find, and that may be seen', async () => {
    const jobsOf = async (query: string, headers = {}): Promise<unknown[]> => {
      const { json } = await rest.send(`GET /scheduler/timeline?to=2026-11-23T00:00:00Z${query}`, { headers });
      return (json as { times: { job_id: string }[] }).times.map(({ job_id }) => job_id);
    };
    expect(await jobsOf('&tag=billing')).toEqual(['a']);
    expect(await jobsOf('&tag=reports')).toEqual([]);
    expect(await jobsOf('', { 'x-tags': 'reports' })).toEqual([]);
    expect(await jobsOf('', { 'x-tags': 'x' })).toEqual(['a']);
    expect(await jobsOf('&tag=billing', { 'x-tags': 'reports' })).toEqual([]);
  });

  it('GET /timeline has the times of a job in one cell as one', async () => {
    const query = 'to=2026-11-23T02:00:00Z&resolution=86400';
    const { json } = await rest.send(`GET /scheduler/timeline?${query}`);
    expect(json).toMatchObject({
      resolution: 86_400,
      times: [
        { time: '2026-11-22T23:36:39.205000+00:00', job_id: 'a', count: 1 },
        { time: '2026-11-23T00:36:39.205000+00:00', job_id: 'a', count: 2 },
      ],
    });
  });

  it('GET /timeline names every fault of a query', async () => {
    const { json, status } = await rest.send(
      'GET /scheduler/timeline?from=soon&limit=0&resolution=0.5&state=x&sort=id',
    );
    expect(status).toBe(400);
    const { error_message: message } = json as { error_message: string };
    for (const part of [
      'Invalid query for a timeline',
      'sort is not known here',
      'to is missing',
      'from must be',
      'limit must be',
      'resolution must be',
      'state must be',
    ]) {
      expect(message).toContain(part);
    }
  });
});
