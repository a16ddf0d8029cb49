import {
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  SchedulerClient,
  StaleEditError,
  UnauthorizedError,
  UnavailableError,
  type Job,
} from 'nestjs-apscheduler/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../lib/rest/endpoints/endpoint.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const AUTH = { username: 'ann', password: 'pass wörd: 1' };
const EVERY_HOUR = { func: 'app:work', trigger: 'interval', hours: 1 } as const;

/** A fetch that answers what it is given, in turn, and notes what it was asked. */
function scripted(...answers: (Response | Error)[]) {
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const send = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    asked.push({ url: url as string, init });
    const next = answers.shift() ?? new Response('{}');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { asked, fetch: send };
}

const away = (after = '0'): Response =>
  new Response('{"error_message": "Job store failed"}', { status: 503, headers: { 'Retry-After': after } });

describe.each(PLATFORMS)('The client of an application on %s', (platform) => {
  let rest: RestApp;
  let client: SchedulerClient;

  beforeAll(async () => {
    const untilAborted = (run: { signal: AbortSignal }): Promise<never> =>
      new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const tasks = { 'app:wait': untilAborted };
    rest = await startRestApp(platform, { options: { auth: AUTH }, tasks });
    client = new SchedulerClient({ url: `http://127.0.0.1:${rest.port}/scheduler/`, ...AUTH });
  });
  afterAll(() => rest.close());

  it('exports jobs to another scheduler', async () => {
    const target = await startRestApp(platform);
    const other = new SchedulerClient({ url: `http://127.0.0.1:${target.port}/scheduler` });
    for (let n = 0; n < 300; n++)
      await rest.scheduler.addJob({ id: `ä-${n}`, task: 'app:work', trigger: 'interval', hours: 1 });
    await rest.scheduler.addJob({ id: 'left', task: 'app:work', trigger: 'interval', hours: 1 });
    expect(await other.importJobs(client.exportJobs({ text: 'ä-' }))).toMatchObject({ added: 300, failed: 0 });
    expect((await other.getJob('ä-7')).next_run_time).toBe((await client.getJob('ä-7')).next_run_time);
    for await (const line of client.exportJobs()) {
      expect(line).toEqual({ format: 'nestjs-apscheduler', version: 1 });
      break;
    }
    await rest.scheduler.removeAllJobs();
    await target.close();
  });

  it('says why it changes something, and reads who did what', async () => {
    const job = await client.addJob({ id: 'audited', ...EVERY_HOUR }, { reason: 'Wartung\nfür ☃' });
    await client.updateJob(job.id, { name: 'other' }, { reason: 'a better name' });
    await client.deleteJob(job.id);
    const entries = [];
    for await (const entry of client.listAudit({ job_id: job.id, limit: 1 })) entries.push(entry);
    expect(entries.map(({ action, actor, note }) => [action, actor, note])).toEqual([
      ['job.remove', 'ann', null],
      ['job.modify', 'ann', 'a better name'],
      ['job.add', 'ann', 'Wartung für ☃'],
    ]);
    expect((await client.getAudit({ job_id: job.id, action: ['job.add'] })).entries).toHaveLength(1);
  });

  it('adds, finds, changes, runs and removes jobs', async () => {
    const job: Job = await client.addJob({ id: 'a/b ü', ...EVERY_HOUR, tags: ['x'] });
    expect(job).toMatchObject({ id: 'a/b ü', hours: 1, tags: ['x'] });
    expect(await client.getJob('a/b ü')).toEqual(job);
    expect((await client.updateJob(job.id, { name: 'other' })).name).toBe('other');
    expect((await client.putJob(job.id, { ...EVERY_HOUR, hours: 2 })).hours).toBe(2);
    expect(await client.pauseJob(job.id, { note: 'holiday' })).toMatchObject({
      paused: true,
      pause: { note: 'holiday' },
    });
    expect((await client.resumeJob(job.id)).paused).toBe(false);
    expect((await client.runJob(job.id)).last_run?.state).toBe('succeeded');
    expect((await client.getNextRunTimes(job.id, { count: 2 })).next_run_times).toHaveLength(2);
    expect((await client.changeJobs({ action: 'tag', ids: [job.id], tags: ['y'] })).results).toMatchObject([
      { ok: true },
    ]);
    expect(await client.deleteJob(job.id)).toBeUndefined();
    await expect(client.getJob(job.id)).rejects.toThrow(NotFoundError);
  });

  it('goes through all jobs and all runs that a query finds, page by page', async () => {
    for (let n = 0; n < 7; n++) await client.addJob({ id: `page-${n}`, ...EVERY_HOUR, tags: ['pages', 'with, comma'] });
    const ids: string[] = [];
    for await (const { id } of client.listJobs({ tag: ['with, comma'], limit: 3, sort: '-id' })) ids.push(id);
    expect(ids).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `page-${n}`));
    for (const id of ids) await client.runJob(id);
    const runs: string[] = [];
    for await (const { job_id } of client.listRuns({ state: ['succeeded'], limit: 2, from: '2020-01-01' }))
      runs.push(job_id);
    expect(runs.filter((id) => id.startsWith('page-')).toSorted()).toEqual(ids.toSorted());
    expect((await client.getJobs()).jobs.length).toBeLessThanOrEqual(100);
    expect((await client.getJobRuns('page-0')).runs).toHaveLength(1);
  });

  it('edits a job only if nobody else has', async () => {
    await client.addJob({ id: 'edited', ...EVERY_HOUR });
    const { job, version } = await client.getVersionedJob('edited');
    await client.updateJob(job.id, { name: 'theirs' });
    const edit = client.updateJob(job.id, { name: 'ours' }, { ifVersion: version });
    await expect(edit).rejects.toThrow(StaleEditError);
    await expect(edit).rejects.toMatchObject({
      status: 412,
      differences: [{ field: 'name', current: 'theirs', given: 'ours' }],
    });
    const again = await client.getVersionedJob('edited');
    expect((await client.updateJob(job.id, { name: 'ours' }, { ifVersion: again.version })).name).toBe('ours');
  });

  it('starts a run, cancels and removes it', async () => {
    await client.addJob({ id: 'waits', func: 'app:wait', trigger: 'interval', hours: 1 });
    const run = await client.startRun('waits');
    await expect(client.deleteRun(run.id)).rejects.toThrow(ConflictError);
    expect((await client.cancelRun(run.id)).state).toBe('cancelled');
    expect((await client.getRun(run.id)).id).toBe(run.id);
    await client.deleteRun(run.id);
    await expect(client.getRun(run.id)).rejects.toThrow(NotFoundError);
  });

  it('controls the scheduler and reads what it says of itself', async () => {
    await client.pauseScheduler({ scope: 'node' });
    expect(await client.getSchedulerInfo()).toMatchObject({ running: true, state: 'paused' });
    await client.resumeScheduler();
    await client.shutdownScheduler({ wait: false });
    expect((await client.getSchedulerInfo()).running).toBe(false);
    await client.startScheduler();
    expect((await client.getHealth()).status).toBe('up');
    expect((await client.getStats()).jobs.scheduled).toBeGreaterThan(0);
    expect((await client.getTimeline({ to: '2026-11-24' })).counts).toHaveLength(60);
    expect((await client.getTasks()).map(({ func }) => func)).toContain('app:work');
    expect((await client.getNodes()).nodes).toMatchObject([{ this_node: true, state: 'running', tasks_known: true }]);
    expect((await client.previewTrigger({ trigger: 'cron', hour: 9, count: 1 })).next_run_times).toHaveLength(1);
    expect(await client.getOpenapi()).toMatchObject({ openapi: '3.1.0' });
  });

  it('throws what the API says of a request that it refuses', async () => {
    const wrong = new SchedulerClient({
      url: `http://127.0.0.1:${rest.port}/scheduler`,
      username: 'ann',
      password: 'x',
    });
    await expect(wrong.getJobs()).rejects.toThrow(UnauthorizedError);
    await expect(client.getJobs({ limit: 0 })).rejects.toThrow(InvalidRequestError);
    await expect(client.getJobs({ limit: 0 })).rejects.toThrow(/limit must be a whole number from 1 to 1000/);
    await client.addJob({ id: 'twice', ...EVERY_HOUR });
    await expect(client.addJob({ id: 'twice', ...EVERY_HOUR })).rejects.toThrow(ConflictError);
    await expect(client.addJob({ id: 'long', ...EVERY_HOUR, args: ['x'.repeat(200_000)] })).rejects.toThrow(LimitError);
  });
});

describe('The client', () => {
  const from = (script: ReturnType<typeof scripted>, more = {}): SchedulerClient =>
    new SchedulerClient({ url: '/scheduler', fetch: script.fetch, ...more });

  it('has a method for each route', () => {
    const method = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    // A stream is not got at once.
    const names = Object.keys(ENDPOINTS).map((name) => (name === 'get_events' ? 'events' : method(name)));
    const missing = names.filter((name) => !(name in SchedulerClient.prototype));
    expect(missing).toEqual([]);
  });

  it('imports more lines than a request takes, and names the lines as they were given', async () => {
    const answer = (added: number, line?: number): Response => {
      const errors = line === undefined ? [] : [{ line, id: null, error_message: 'broken' }];
      const counts = { added, replaced: 0, skipped: 0, failed: errors.length, dry_run: false };
      return new Response(JSON.stringify({ ...counts, errors }));
    };
    const script = scripted(answer(499, 500), answer(500), answer(99, 1));
    const lines = Array.from({ length: 1100 }, (_, n) => ({ id: `job-${n}` }));
    expect(await from(script).importJobs(lines, { on_conflict: 'skip' })).toMatchObject({
      ...{ added: 1098, failed: 2 },
      errors: [{ line: 500 }, { line: 1001 }],
    });
    expect(script.asked.map(({ url }) => url)).toEqual(
      Array.from({ length: 3 }, () => '/scheduler/import?on_conflict=skip'),
    );
    expect(script.asked.map(({ init }) => (init.body as string).split('\n').length - 1)).toEqual([500, 500, 100]);
  });

  it('tries again what can be repeated while a job store fails, as often as it is told', async () => {
    const script = scripted(away(), away(), new Response('{"jobs": [], "next_cursor": null}'));
    expect(await from(script).getJobs()).toEqual({ jobs: [], next_cursor: null });
    expect(script.asked.map(({ url }) => url)).toEqual(Array.from({ length: 3 }, () => '/scheduler/jobs?limit=100'));
    const few = scripted(away(), away());
    await expect(from(few, { retries: 1 }).deleteJob('a')).rejects.toThrow(UnavailableError);
    expect(few.asked).toHaveLength(2);
  });

  it('does not repeat what would be done twice', async () => {
    const script = scripted(away());
    await expect(from(script).runJob('a')).rejects.toThrow('Job store failed');
    expect(script.asked).toHaveLength(1);
  });

  it('answers health that is down', async () => {
    const down = new Response('{"status": "down"}', { status: 503 });
    const script = scripted(down);
    expect(await from(script).getHealth()).toEqual({ status: 'down' });
    expect(script.asked).toHaveLength(1);
  });

  it('ends a request that is aborted, also while it waits for its next try', async () => {
    const controller = new AbortController();
    const script = scripted(away('60'));
    const asked = from(script).getJob('a', { signal: controller.signal });
    await expect.poll(() => script.asked.length).toBe(1);
    controller.abort();
    await expect(asked).rejects.toThrow(ConnectionError);
    await expect(from(scripted(away('60'))).getJob('a', { signal: AbortSignal.abort() })).rejects.toThrow(
      ConnectionError,
    );
  });

  it('says which request was not answered', async () => {
    await expect(from(scripted(new TypeError('fetch failed'))).getJob('a b')).rejects.toThrow(
      'GET /scheduler/jobs/a%20b was not answered',
    );
  });

  it('sends headers that are made for each request, and its own credentials', async () => {
    const script = scripted();
    let tokens = 0;
    const client = from(script, { headers: () => Promise.resolve({ 'X-Token': `${++tokens}` }), ...AUTH });
    await client.getStats();
    await client.getStats();
    const sent = script.asked.map(({ init }) => init.headers as Record<string, string>);
    expect(sent.map((headers) => headers['X-Token'])).toEqual(['1', '2']);
    expect(sent[0]?.['Authorization']).toBe(`Basic ${Buffer.from('ann:pass wörd: 1').toString('base64')}`);
  });

  it('makes errors of responses that are no JSON', async () => {
    const proxy = new Response('<html>Bad gateway</html>', { status: 502 });
    await expect(from(scripted(proxy)).getJob('a')).rejects.toMatchObject({ status: 502, message: 'HTTP status 502' });
    const forbidden = new Response('{"error_message": "no"}', { status: 403 });
    await expect(from(scripted(forbidden)).getJob('a')).rejects.toThrow(ForbiddenError);
  });

  it.each([
    ['no address', { url: '' }, 'url must be the address of the API'],
    ['a number of retries that is none', { url: '/x', retries: -1 }, 'retries must be a whole number, got -1'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => new SchedulerClient(options)).toThrow(message);
  });
});
