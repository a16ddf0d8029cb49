import { MemoryJobStore } from 'nestjs-apscheduler';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccessRequest } from '../../../lib/module/access.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

interface Page {
  readonly jobs: Record<string, unknown>[];
  readonly next_cursor: string | null;
}

describe.each(PLATFORMS)('GET /jobs with a query, on %s', (platform) => {
  let rest: RestApp;

  beforeAll(async () => {
    const access = ({ headers }: AccessRequest) => {
      const tags = headers['x-tags'];
      return { actor: 'ann', can: 'all', ...(typeof tags === 'string' && { tags: tags.split(',') }) } as const;
    };
    rest = await startRestApp(platform, {
      options: { access },
      tasks: { 'app:bill': () => Promise.reject(new Error('no')) },
    });
    const { scheduler } = rest;
    const every = { trigger: 'interval', hours: 1 } as const;
    await scheduler.addJob({ id: 'b', name: 'Alpha', task: 'app:bill', ...every, tags: ['billing', 'x,y'] });
    await scheduler.addJob({ id: 'a', name: 'beta', task: 'app:work', trigger: 'cron', hour: 9, tags: ['reports'] });
    await scheduler.addJob({ id: 'c', name: 'Gamma', task: 'app:work', ...every });
    await scheduler.pauseJob('c');
    await scheduler.addJob({ id: 'd', name: '100 %', task: 'app:work', ...every });
    await scheduler.runJob('b', { wait: true }).catch(() => undefined);
  });
  afterAll(() => rest.close());

  const page = async (query: string, headers: Record<string, string> = {}): Promise<Page> => {
    const { json, status } = await rest.send(`GET /scheduler/jobs?${query}`, { headers });
    expect(status).toBe(200);
    return json as Page;
  };
  const ids = async (query: string, headers?: Record<string, string>): Promise<unknown[]> =>
    (await page(query, headers)).jobs.map(({ id }) => id);

  it.each([
    ['text=ALPHA', ['b']],
    ['text=%25', ['d']],
    ['state=paused', ['c']],
    ['state=scheduled,paused&state=waiting', ['a', 'b', 'c', 'd']],
    ['trigger=cron', ['a']],
    ['func=app:bill', ['b']],
    ['func=app:bill&func=app:work&trigger=cron', ['a']],
    ['jobstore=default&executor=default', ['a', 'b', 'c', 'd']],
    ['tag=x%2Cy', ['b']],
    ['tag=billing&tag=reports', ['a', 'b']],
    ['declared=true', []],
    ['declared=false&limit=1', ['a']],
    ['last_outcome=failed', ['b']],
    ['next_from=2026-11-23T00:00:00Z', ['a']],
    ['next_to=2026-11-23T00:00:00Z', ['b', 'd']],
    ['sort=name', ['d', 'b', 'a', 'c']],
    ['sort=-name', ['c', 'a', 'b', 'd']],
    ['sort=next_run', ['b', 'd', 'a', 'c']],
    ['sort=-last_run&limit=1', ['b']],
  ])('finds by %s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it('goes on by the cursor of a page, and shows jobs as all other routes do', async () => {
    const first = await page('sort=name&limit=3');
    expect(first.jobs[1]).toEqual((await rest.send('GET /scheduler/jobs/b')).json);
    const second = await page(`sort=name&limit=3&cursor=${first.next_cursor}`);
    expect([...first.jobs, ...second.jobs].map(({ name }) => name)).toEqual(['100 %', 'Alpha', 'beta', 'Gamma']);
    expect(second.next_cursor).toBeNull();
  });

  it('shows the members that are asked for', async () => {
    expect((await page('fields=id,name&fields=paused&state=paused')).jobs).toEqual([
      { id: 'c', name: 'Gamma', paused: true },
    ]);
  });

  it('finds jobs of their tags only for those who are limited to tags', async () => {
    const limited = { 'x-tags': 'reports,other' };
    expect(await ids('limit=1', limited)).toEqual(['a']);
    expect(await ids('tag=billing', limited)).toEqual([]);
    expect(await ids('tag=billing&tag=reports', limited)).toEqual(['a']);
    expect((await page('limit=1', limited)).next_cursor).toBeNull();
  });

  it('names every fault of a query, by its members on the wire', async () => {
    const query =
      'stat=x&state=asleep&sort=size&limit=0&next_from=soon&jobstore=none&declared=1&tag=&cursor=x&last_outcome=no';
    const { status, json } = await rest.send(`GET /scheduler/jobs?${query}`);
    expect(status).toBe(400);
    const { error_message: message } = json as { error_message: string };
    for (const part of [
      'Invalid query for jobs',
      'stat is not known here',
      'state must be one or more of scheduled, paused, waiting, running, got "asleep"',
      'sort must be one of id, -id, name, -name, next_run, -next_run, last_run, -last_run, got "size"',
      'limit must be a whole number from 1 to 1000, got "0"',
      'next_from',
      'jobstore "none" is not known; known are default',
      'declared must be true or false, got "1"',
      'tag must be one or more non-empty texts',
      'cursor must be the next_cursor of a page',
      'last_outcome must be one or more of running, handed_over, succeeded',
    ]) {
      expect(message).toContain(part);
    }
  });
});

describe.each(PLATFORMS)('GET /jobs without a query, on %s', (platform) => {
  it('sends thousands of jobs in parts, as one array, in the order of few', async () => {
    const rest = await startRestApp(platform);
    const count = 2500;
    await rest.scheduler.addJobs(
      Array.from({ length: count }, (_, n) => ({
        id: `job-${n}`,
        task: 'app:work',
        trigger: 'interval',
        hours: 1 + (n % 3),
      })),
    );
    const { headers, json } = await rest.send('GET /scheduler/jobs');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['content-length']).toBeUndefined();
    const jobs = json as { id: string; next_run_time: string }[];
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(count);
    const times = jobs.map(({ next_run_time: time }) => time);
    expect(times).toEqual(times.toSorted());
    expect(jobs[7]).toEqual((await rest.send(`GET /scheduler/jobs/${jobs[7]?.id}`)).json);
    await rest.close();
  });

  it('breaks the connection off when a store fails half-way: a part must not look like all', async () => {
    const store = new MemoryJobStore();
    const rest = await startRestApp(platform, { options: { jobStores: { default: store } } });
    await rest.scheduler.addJobs(
      Array.from({ length: 3500 }, (_, n) => ({ id: `job-${n}`, task: 'app:work', trigger: 'interval', hours: 1 })),
    );
    const find = store.find.bind(store);
    let pages = 0;
    vi.spyOn(store, 'find').mockImplementation((search) =>
      ++pages > 3 ? Promise.reject(new Error('connection refused')) : find(search),
    );
    await expect(rest.send('GET /scheduler/jobs')).rejects.toThrow(/aborted|socket hang up|ECONNRESET/);
    expect(pages).toBe(4);
    expect((await rest.send('GET /scheduler/jobs?limit=1')).status).toBe(503);
    await rest.close();
  });
});
