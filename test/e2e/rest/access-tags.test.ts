import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listEndpoints } from '../../../lib/rest/endpoints/endpoint.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const ENDPOINTS = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' });
const OURS = { id: 'ours', func: 'app:work', trigger: 'interval', hours: 1, tags: ['billing'] };

describe.each(PLATFORMS)('An actor who is limited to tags, on %s', (platform) => {
  let rest: RestApp;
  let foreignRun: string;
  let tags: unknown;
  beforeEach(async () => {
    tags = ['billing', 'reports'];
    const access = () => ({ actor: 'bob', can: 'all', tags }) as never;
    rest = await startRestApp(platform, { options: { access, shutdownTimeout: 0 } });
    const { scheduler } = rest;
    scheduler.registerTask('app:wait', (run: { signal: AbortSignal }) => {
      return new Promise((resolve) => run.signal.addEventListener('abort', resolve));
    });
    await scheduler.addJob({ id: 'theirs', task: 'app:wait', trigger: 'interval', hours: 1, tags: ['payroll'] });
    await scheduler.addJob({ id: 'nobodys', task: 'app:wait', trigger: 'interval', hours: 1 });
    foreignRun = (await scheduler.runJob('theirs', { wait: false })).id;
  });
  afterEach(() => rest.close());

  const stateOf = async ({ scheduler }: RestApp): Promise<unknown> => {
    const { runs } = await scheduler.getRuns();
    return { jobs: await scheduler.getJobs(), runs, state: scheduler.health().state };
  };
  const idsOf = (json: unknown): string[] => (json as { id: string }[]).map(({ id }) => id);

  it('finds no other job and no run of one on any route, changes none, and does not control the scheduler', async () => {
    const before = await stateOf(rest);
    // PUT adds a job where it finds none: it has a test of its own.
    const withId = ENDPOINTS.filter(({ method, path }) => path.includes(':id') && method !== 'PUT');
    for (const { method, path, name } of withId) {
      const id = path.startsWith('/scheduler/runs') ? foreignRun : 'theirs';
      const { status } = await rest.send(`${method} ${path.replace(':id', id)}`);
      expect([name, status]).toEqual([name, 404]);
    }
    expect(withId.length).toBeGreaterThanOrEqual(11);
    for (const { method, path } of ENDPOINTS.filter(({ action }) => action === 'scheduler.control')) {
      expect((await rest.send(`${method} ${path}`)).status).toBe(403);
    }
    expect((await rest.send('GET /scheduler/jobs')).json).toEqual([]);
    expect((await rest.send('GET /scheduler/runs')).json).toMatchObject({ runs: [] });
    expect(await stateOf(rest)).toEqual(before);
  });

  it('adds, sees, changes, runs and removes jobs with one of the tags, and sees their runs', async () => {
    expect(await rest.send('POST /scheduler/jobs', { json: OURS })).toMatchObject({ status: 200 });
    expect(idsOf((await rest.send('GET /scheduler/jobs')).json)).toEqual(['ours']);
    expect(await rest.send('PATCH /scheduler/jobs/ours', { json: { name: 'n', tags: ['reports'] } })).toMatchObject({
      status: 200,
      json: { name: 'n', tags: ['reports'] },
    });
    expect((await rest.send('POST /scheduler/jobs/ours/run')).status).toBe(200);
    const { runs } = (await rest.send('GET /scheduler/runs')).json as { runs: { id: string; job_id: string }[] };
    expect(runs.map(({ job_id }) => job_id)).toEqual(['ours']);
    expect((await rest.send(`GET /scheduler/runs/${runs[0]?.id}`)).status).toBe(200);
    expect((await rest.send('POST /scheduler/jobs/ours/pause')).status).toBe(200);
    expect((await rest.send('DELETE /scheduler/jobs/ours')).status).toBe(204);
    // Its tags are gone with it.
    expect((await rest.send(`GET /scheduler/runs/${runs[0]?.id}`)).status).toBe(404);
  });

  it('learns of no other job by filters and cursors, and finds jobs of its own by tags that others use too', async () => {
    const { scheduler } = rest;
    await scheduler.addJob({ id: 'z', task: 'app:work', trigger: 'interval', hours: 1, tags: ['billing', 'payroll'] });
    const page = { next_cursor: null };
    const jobs = await rest.send('GET /scheduler/jobs?tag=payroll&limit=1&sort=name&fields=id');
    expect(jobs.json).toEqual({ ...page, jobs: [{ id: 'z' }] });
    const bulk = { action: 'pause', where: {}, limit: 1, dry_run: true };
    for (const where of [{}, { tag: ['payroll'] }]) {
      const { json } = await rest.send('POST /scheduler/jobs/bulk', { json: { ...bulk, where } });
      expect(json).toMatchObject({ ...page, results: [{ id: 'z' }] });
    }
    const timeline = await rest.send('GET /scheduler/timeline?to=2026-11-23&tag=payroll');
    expect((timeline.json as { times: { job_id: string }[] }).times.map(({ job_id }) => job_id)).toEqual(['z']);
    expect((await rest.send('GET /scheduler/jobs?tag=nothing&limit=1')).json).toEqual({ ...page, jobs: [] });
  });

  it('adds no job without one of the tags, takes none of its own out of sight, and replaces none', async () => {
    const without = await rest.send('POST /scheduler/jobs', { json: { ...OURS, tags: ['payroll'] } });
    expect(without).toMatchObject({
      status: 403,
      json: { error_message: expect.stringContaining('billing, reports') },
    });
    const replacing = { json: { ...OURS, id: 'theirs', replace_existing: true } };
    expect((await rest.send('POST /scheduler/jobs', replacing)).status).toBe(403);
    await rest.send('POST /scheduler/jobs', { json: OURS });
    expect((await rest.send('PATCH /scheduler/jobs/ours', { json: { tags: [] } })).status).toBe(403);
    expect(await rest.scheduler.getJob('ours')).toMatchObject({ tags: ['billing'] });
    expect(await rest.scheduler.getJob('theirs')).toMatchObject({ tags: ['payroll'] });
  });

  it.each([['billing'], [[5]], [null], [['']], [Array.from({ length: 101 }, (_, n) => `t${n}`)]])(
    'is let in nowhere with tags that are no texts, or too many: %j',
    async (wrong) => {
      tags = wrong;
      expect((await rest.send('GET /scheduler/jobs')).status).toBe(500);
    },
  );
});
