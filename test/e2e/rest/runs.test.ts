import { EventEmitter, once } from 'node:events';
import { currentRun, SchedulerEndpoints, type RunContext } from 'nestjs-apscheduler';
import { MemoryJobStore, type RecordResult } from 'nestjs-apscheduler/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { basic, PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

type Wire = Record<string, unknown>;

const NOW = '2026-11-22T22:36:39.205000+00:00';
const NO_RUN = `${'0'.repeat(18)}-00000000`;

/** Told of each run that begins and will not end by itself. */
const begun = new EventEmitter();

const untilAborted = ({ runId, signal }: RunContext): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    begun.emit('run', runId);
  });

const TASKS = {
  add: (a: number, b: number) => a + b,
  greet: ({ name }: { name: string }) => `hello ${name}`,
  fail: () => {
    throw new TypeError('no luck');
  },
  hang: untilAborted,
  report: () => {
    currentRun()?.log('begun');
    currentRun()?.progress(0.5);
    return { rows: 3 };
  },
};

describe.each(PLATFORMS)('runs on %s', (platform) => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp(platform, { tasks: TASKS, options: { node: 'worker-1' } });
  });
  afterEach(async () => {
    // The application's end would wait for them, on a clock that stands still.
    const { runs } = await rest.scheduler.getRuns({ state: 'running' });
    for (const { id } of runs) await rest.scheduler.cancelRun(id);
    await rest.close();
  });

  const get = (path: string) => rest.send(`GET /scheduler${path}`);
  const post = (path: string, json?: unknown) => rest.send(`POST /scheduler${path}`, { json });
  const runsAt = async (path: string): Promise<Wire[]> => {
    const { status, json } = await get(path);
    expect(status).toBe(200);
    return (json as { runs: Wire[] }).runs;
  };
  const add = (id: string, func: string, more: object = {}) =>
    post('/jobs', { id, func, trigger: 'interval', minutes: 10, ...more });

  describe('by hand', () => {
    it('are answered with the job, which tells of its last run', async () => {
      await add('a', 'report');
      const { status, json } = await post('/jobs/a/run');
      expect(status).toBe(200);
      expect(json).toMatchObject({ id: 'a', func: 'report' });
      expect((json as Wire)['last_run']).toEqual({
        id: expect.stringMatching(/^[\da-f]{18}-[\da-f]{8}$/) as unknown,
        job_id: 'a',
        jobstore: 'default',
        func: 'report',
        cause: 'manual',
        state: 'succeeded',
        reason: null,
        settled: true,
        scheduled_run_time: NOW,
        last_scheduled_run_time: NOW,
        fire_time: NOW,
        started_at: NOW,
        finished_at: NOW,
        duration: 0,
        attempt: 1,
        given: null,
        retry_of: null,
        retry_at: null,
        result: { rows: 3 },
        result_omitted: null,
        error: null,
        log: [{ time: NOW, message: 'begun' }],
        progress: 0.5,
        node: 'worker-1',
        executor: 'default',
        worker: null,
      });
      expect((await get('/jobs')).json).toEqual([json]);
    });

    it('take arguments of their own, and leave those of the job', async () => {
      await add('sum', 'add', { args: [1, 2] });
      await add('greet', 'greet', { kwargs: { name: 'ada' } });
      const result = async (id: string, body?: unknown): Promise<unknown> => {
        const { json } = await post(`/jobs/${id}/run`, body);
        return ((json as Wire)['last_run'] as Wire)['result'];
      };
      expect(await result('sum', { args: [10, 20] })).toBe(30);
      expect(await result('sum', {})).toBe(3);
      expect(await result('greet', { kwargs: { name: 'bob' } })).toBe('hello bob');
      expect(await result('greet')).toBe('hello ada');
      expect((await get('/jobs/sum')).json).toMatchObject({ args: [1, 2] });
    });

    it('are answered at once with the run when nobody waits, and go on', async () => {
      await add('a', 'hang', { args: [], retry: 2 });
      const { status, json } = await post('/jobs/a/run?wait=false');
      expect(status).toBe(202);
      expect(json).toMatchObject({ job_id: 'a', cause: 'manual', state: 'running', finished_at: null, duration: null });
      const { id } = json as { id: string };
      expect((await get(`/runs/${id}`)).json).toMatchObject({ id, state: 'running' });
      expect((await get('/jobs/a')).json).toMatchObject({ last_run: { id, state: 'running' } });
      await rest.clock.advance('90s');
      expect(await post(`/runs/${id}/cancel`)).toMatchObject({
        status: 200,
        json: { id, state: 'cancelled', reason: 'cancelled', settled: true, duration: 90 },
      });
      expect((await get(`/runs/${id}`)).json).toMatchObject({
        state: 'cancelled',
        error: { name: 'RunCancelledError' },
      });
    });

    it.each(['', '?wait=true'])('that fail are a 500 with the message, and are kept, with %j', async (query) => {
      await add('a', 'fail');
      const { status, json } = await post(`/jobs/a/run${query}`);
      expect([status, json]).toEqual([500, { error_message: 'no luck' }]);
      const [run] = await runsAt('/jobs/a/runs');
      expect(run).toMatchObject({
        state: 'failed',
        error: { name: 'TypeError', message: 'no luck', stack: expect.stringContaining('TypeError') as unknown },
      });
    });

    it('that take too long are a 500 that says so', async () => {
      await add('a', 'hang', { timeout: 30 });
      const run = once(begun, 'run');
      const answer = post('/jobs/a/run');
      await run;
      await rest.clock.advance('30s');
      expect(await answer).toMatchObject({
        status: 500,
        json: { error_message: 'Run of job "a" took longer than its timeout of 30 s' },
      });
      expect(await runsAt('/runs?state=timed_out')).toMatchObject([{ reason: 'timeout', duration: 30 }]);
    });

    it('that are lost before they begin are a 500 that says so', async () => {
      class Losing extends MemoryJobStore {
        override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
          const refused = args[0].filter(({ settled }) => !settled).map(({ id }) => id);
          return { ...(await super.record(...args)), refused };
        }
      }
      const losing = await startRestApp(platform, { tasks: TASKS, options: { jobStores: { default: new Losing() } } });
      const job = { id: 'a', func: 'report', trigger: 'interval', minutes: 10 };
      expect(await losing.send('POST /scheduler/jobs', { json: job })).toMatchObject({ status: 200 });
      expect(await losing.send('POST /scheduler/jobs/a/run')).toMatchObject({
        status: 500,
        json: { error_message: 'Run of job "a" was lost: its scheduler stopped, or lost its lease' },
      });
      await losing.close();
    });

    it('that somebody cancels are a 409, and so is one run too many', async () => {
      await add('a', 'hang');
      const run = once(begun, 'run');
      const answer = post('/jobs/a/run');
      const [id] = (await run) as [string];
      const message = 'Job "a" already has its maximum of 1 running instance(s)';
      expect(await post('/jobs/a/run?wait=false')).toMatchObject({ status: 409, json: { error_message: message } });
      await post(`/runs/${id}/cancel`);
      expect(await answer).toMatchObject({ status: 409, json: { error_message: 'Run of job "a" was cancelled' } });
    });

    it.each<[query: string, body: unknown, fault: string]>([
      ['?wait=maybe', undefined, 'wait must be true or false, got "maybe"'],
      ['?wait=', undefined, 'wait must be true or false, got ""'],
      ['?wait=FALSE', undefined, 'wait must be true or false, got "FALSE"'],
      ['?wait=0', undefined, 'wait must be true or false, got "0"'],
      ['?wait=false&wait=true', undefined, "wait must be true or false, got [ 'false', 'true' ]"],
      ['?Wait=false', undefined, 'Wait is not known here'],
      ['', { args: 'x' }, 'args must be an array, got "x"'],
      ['', { kwargs: [] }, 'kwargs must be an object, got []'],
      ['', { args: null }, 'args must be an array, got null'],
      ['', { wait: false }, 'wait is not known here'],
      ['', { jobstore: 'default' }, 'jobstore is not known here'],
      ['', [], 'body must be a JSON object, got []'],
      ['?wait=x', { args: 1, foo: 2 }, 'args must be an array, got 1'],
      ['?wait=x', { args: 1, foo: 2 }, 'wait must be true or false'],
    ])('are refused with %j and %j, and nothing runs', async (query, body, fault) => {
      await add('a', 'add');
      const { status, json } = await post(`/jobs/a/run${query}`, body);
      expect(status).toBe(400);
      expect((json as Wire)['error_message']).toContain(fault);
      expect(await runsAt('/runs')).toEqual([]);
    });

    it('are refused with a body that is no JSON, or holds what no argument may', async () => {
      await add('a', 'add');
      for (const body of ['{"args":', '{"args":[1e999]}', `{"args":[{"__proto__":1}]}`]) {
        expect(await rest.send('POST /scheduler/jobs/a/run', { body })).toMatchObject({ status: 400 });
      }
      expect(await runsAt('/runs')).toEqual([]);
    });

    it('need a job, waited for or not', async () => {
      for (const query of ['', '?wait=false', '?wait=maybe']) {
        const answer = await post(`/jobs/nobody/run${query}`);
        expect(answer).toMatchObject({ status: 404, json: { error_message: 'Job nobody not found' } });
      }
    });
  });

  describe('in a list', () => {
    beforeEach(async () => {
      await add('good', 'report');
      await add('bad', 'fail', { seconds: 30 });
      await rest.clock.advance('22m');
    });

    it('come newest first, page by page', async () => {
      const all = await runsAt('/runs');
      expect(all.map(({ job_id, state }) => [job_id, state])).toEqual([
        ['bad', 'failed'],
        ['good', 'succeeded'],
        ['bad', 'failed'],
        ['good', 'succeeded'],
      ]);
      expect(all[0]).toMatchObject({ cause: 'schedule', scheduled_run_time: '2026-11-22T22:57:39.205000+00:00' });
      const first = (await get('/runs?limit=3')).json as { runs: Wire[]; next_cursor: string };
      expect(first.runs).toEqual(all.slice(0, 3));
      const second = (await get(`/runs?limit=3&cursor=${first.next_cursor}`)).json;
      expect(second).toEqual({ runs: all.slice(3), next_cursor: null });
    });

    it.each([
      ['job_id=good', ['good', 'good']],
      ['job_id=nobody', []],
      ['state=failed', ['bad', 'bad']],
      ['state=failed,succeeded', ['bad', 'good', 'bad', 'good']],
      ['state=failed&state=succeeded&job_id=good', ['good', 'good']],
      ['state=running,missed&state=lost', []],
      ['jobstore=default&limit=1', ['bad']],
      ['from=2026-11-22T22:50:00', ['bad', 'good']],
      ['from=2026-11-22T23:50:00%2B01:00', ['bad', 'good']],
      ['to=2026-11-22T22:47:00Z', ['good']],
      ['from=2026-11-22T22:47&to=2026-11-22T22:57', ['good', 'bad']],
      ['', ['bad', 'good', 'bad', 'good']],
    ])('are those that ?%s asks for', async (query, ids) => {
      expect((await runsAt(`/runs?${query}`)).map(({ job_id }) => job_id)).toEqual(ids);
    });

    it('are those of one job', async () => {
      expect(await runsAt('/jobs/bad/runs?limit=1&state=failed')).toMatchObject([{ job_id: 'bad' }]);
      expect(await runsAt('/jobs/good/runs')).toMatchObject([{ job_id: 'good' }, { job_id: 'good' }]);
    });

    it('stay when their job is gone', async () => {
      await rest.send('DELETE /scheduler/jobs/bad');
      expect(await runsAt('/jobs/bad/runs')).toHaveLength(2);
      expect(await runsAt('/jobs/bad/runs?state=running')).toEqual([]);
    });

    it('are none for a job that has not run, and a 404 for one that nobody knows', async () => {
      await add('new', 'add');
      expect((await get('/jobs/new/runs')).json).toEqual({ runs: [], next_cursor: null });
      const { status, json } = await get('/jobs/nobody/runs');
      expect([status, json]).toEqual([404, { error_message: 'Job nobody not found' }]);
    });

    it('are there for job ids of any characters and length', async () => {
      for (const id of ['a/b 50%', 'runs', 'x'.repeat(191), `${'/'.repeat(150)}runs`]) {
        await add(id, 'report');
        expect((await post(`/jobs/${encodeURIComponent(id)}/run`)).status).toBe(200);
        expect(await runsAt(`/jobs/${encodeURIComponent(id)}/runs?limit=1`)).toMatchObject([{ job_id: id }]);
        expect(await runsAt(`/runs?job_id=${encodeURIComponent(id)}`)).toMatchObject([{ job_id: id }]);
      }
    });

    it.each([
      ['limit=0', 'limit must be a whole number from 1 to 1000, got "0"'],
      ['limit=1001', 'limit must be a whole number from 1 to 1000, got "1001"'],
      ['limit=1e2', 'limit must be a whole number from 1 to 1000, got "1e2"'],
      ['limit=1&limit=2', "limit must be a whole number from 1 to 1000, got [ '1', '2' ]"],
      [
        'state=done',
        'state must be one or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed',
      ],
      ['state=', 'state must be one or more of running'],
      ['state=failed,', 'state must be one or more of running'],
      [
        'state=failed&state=done',
        'state must be one or more of running, handed_over, succeeded, failed, timed_out, cancelled',
      ],
      ['state=__proto__', 'state must be one or more of running'],
      ['state[a]=failed', 'state[a] is not known here'],
      ['from=soon', 'from must be an ISO 8601 date (2030-01-31T09:00:00+01:00), got "soon"'],
      ['to=2030-02-30', 'to must be a day of the calendar, got "2030-02-30"'],
      ['from=1893456000000', 'from must be an ISO 8601 date'],
      ['from=', 'from must be an ISO 8601 date, got ""'],
      // A plus is a blank in a query.
      ['to=2030-01-01T00:00:00+01:00', 'to must be an ISO 8601 date'],
      ['from=2030-01-01&from=2031-01-01', "from must be an ISO 8601 date, got [ '2030-01-01', '2031-01-01' ]"],
      ['jobstore=nope', 'jobstore "nope" is not known; known are default'],
      ['jobstore=', 'jobstore must be a job store\'s alias, got ""'],
      ['cursor=', 'cursor must be the next_cursor of a page, got ""'],
      ['cursor=2', 'cursor must be the next_cursor of a page, got "2"'],
      ['cursor[]=2', 'cursor[] is not known here'],
      ['offset=2', 'offset is not known here'],
      ['__proto__=1', '__proto__ is not known here'],
    ])('are refused for ?%s, naming it', async (query, fault) => {
      for (const path of ['/runs', '/jobs/good/runs', '/jobs/nobody/runs']) {
        const { status, json } = await get(`${path}?${query}`);
        const { error_message: message, ...more } = json as { error_message: string };
        expect([path, status, more]).toEqual([path, 400, {}]);
        expect(message).toMatch(/^Invalid query for runs: /);
        expect(message).toContain(fault);
      }
    });

    it('are refused for a job_id that is empty, or beside the path', async () => {
      expect((await get('/runs?job_id=')).json).toEqual({
        error_message: 'Invalid query for runs: job_id must be a job\'s id, got ""',
      });
      expect((await get('/jobs/good/runs?job_id=good')).json).toEqual({
        error_message: 'Invalid query for runs: job_id is not known here',
      });
      expect((await get('/runs?jobId=good')).json).toEqual({
        error_message: 'Invalid query for runs: jobId is not known here; did you mean job_id?',
      });
    });

    it('are refused with every fault, whoever finds it', async () => {
      const { json } = await get('/runs?limit=0&state=x&from=soon&to=2030-02-30&jobstore=nope&cursor=1&foo=1');
      const { error_message: message } = json as { error_message: string };
      const names = message.split(/: |; /).map((part) => part.split(' ', 1)[0]);
      const all = ['foo', 'limit', 'state', 'from', 'to', 'jobstore', 'cursor'];
      expect(names).toEqual(expect.arrayContaining(all));
      expect(names.filter((name) => all.includes(name ?? ''))).toHaveLength(all.length);
    });
  });

  describe('one by one', () => {
    it('are found by their ids', async () => {
      await add('a', 'report');
      await post('/jobs/a/run');
      const [run] = await runsAt('/runs');
      expect((await get(`/runs/${String(run?.['id'])}`)).json).toEqual(run);
      expect((await rest.send(`GET http://x/scheduler/runs/${String(run?.['id'])}?a=/b`)).json).toEqual(run);
      expect(await rest.send(`HEAD /scheduler/runs/${String(run?.['id'])}`)).toMatchObject({ status: 200, text: '' });
    });

    it.each(['nobody', NO_RUN, '__proto__', '%2F', '%00', 'x'.repeat(500), encodeURIComponent('🔑'.repeat(50))])(
      'are a 404 when nobody knows %s',
      async (id) => {
        const error_message = `Run "${decodeURIComponent(id)}" not found`;
        expect(await get(`/runs/${id}`)).toMatchObject({ status: 404, json: { error_message } });
        expect(await post(`/runs/${id}/cancel`)).toMatchObject({ status: 404, json: { error_message } });
      },
    );

    it('have a path that can be read', async () => {
      for (const target of ['GET /scheduler/runs/%E0%A4%A', 'POST /scheduler/runs/%E0%A4%A/cancel']) {
        expect(await rest.send(target)).toMatchObject({ status: 400, json: {} });
      }
    });

    it('cannot be cancelled when they are over', async () => {
      await add('a', 'report');
      await post('/jobs/a/run');
      const [run] = await runsAt('/runs');
      const id = String(run?.['id']);
      const error_message = `Run "${id}" cannot be cancelled: it is succeeded`;
      expect(await post(`/runs/${id}/cancel`)).toMatchObject({ status: 409, json: { error_message } });
    });

    it('can be cancelled while they wait for their turn', async () => {
      await add('a', 'hang', { overlap: 'queue' });
      const first = (await post('/jobs/a/run?wait=false')).json as { id: string };
      const second = (await post('/jobs/a/run?wait=false')).json as { id: string };
      expect(await post(`/runs/${second.id}/cancel`)).toMatchObject({
        status: 200,
        json: { state: 'cancelled', started_at: null, duration: null },
      });
      expect((await get(`/runs/${first.id}`)).json).toMatchObject({ state: 'running' });
    });

    it('tell when they are tried again, and of which run they are another attempt', async () => {
      await add('a', 'fail', { retry: { attempts: 2, delay: 20 } });
      await rest.clock.advance('10m');
      const [first] = await runsAt('/runs');
      expect(first).toMatchObject({ attempt: 1, retry_of: null, retry_at: '2026-11-22T22:46:59.205000+00:00' });
      await rest.clock.advance('1m');
      const [second] = await runsAt('/runs?limit=1');
      expect(second).toMatchObject({ attempt: 2, cause: 'retry', retry_of: first?.['id'], retry_at: null });
    });
  });

  it('have names for their routes', async () => {
    const endpoints = rest.app.get(SchedulerEndpoints);
    expect(endpoints.url('scheduler.get_runs')).toBe('/scheduler/runs');
    expect(endpoints.url('scheduler.get_run', { id: 'x' })).toBe('/scheduler/runs/x');
    expect(endpoints.url('scheduler.cancel_run', { id: 'x' })).toBe('/scheduler/runs/x/cancel');
    expect(endpoints.url('scheduler.get_job_runs', { id: 'a/b' })).toBe('/scheduler/jobs/a%2Fb/runs');
  });
});

describe.each(PLATFORMS)('on %s runs', (platform) => {
  it('are for those only who may use the API, and not for pages from elsewhere', async () => {
    const rest = await startRestApp(platform, { options: { auth: { username: 'ada', password: 'l0velace' } } });
    const headers = { ...basic('ada', 'l0velace'), Origin: 'https://evil.example.org' };
    try {
      for (const target of [
        'GET /runs',
        'GET /runs/x',
        'GET /jobs/a/runs',
        'POST /runs/x/cancel',
        'POST /jobs/a/run',
      ]) {
        const [method, path] = target.split(' ');
        const at = `${method} /scheduler${path}`;
        expect(await rest.send(at)).toMatchObject({ status: 401, json: { error_message: 'Access Denied' } });
        if (method === 'POST') expect((await rest.send(at, { headers })).status).toBe(403);
      }
    } finally {
      await rest.close();
    }
  });

  it('of hosts that run nothing are refused, and the history is still there', async () => {
    const rest = await startRestApp(platform, { options: { allowedHosts: [] } });
    try {
      await rest.send('POST /scheduler/jobs', { json: { id: 'a', func: 'app:work', trigger: 'interval', hours: 1 } });
      expect(await rest.send('POST /scheduler/jobs/a/run?wait=false')).toMatchObject({ status: 400 });
      expect((await rest.send('GET /scheduler/runs')).json).toEqual({ runs: [], next_cursor: null });
    } finally {
      await rest.close();
    }
  });
});
