import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ACTIONS } from '../../../lib/module/actions.js';
import { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED } from '../../../lib/engine/lifecycle/states.js';
import { HttpBasicAuth } from '../../../lib/rest/auth/http-basic-auth.js';
import { SchedulerEndpoints } from '../../../lib/rest/endpoints/scheduler-endpoints.js';
import { basic, PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

/* Flask-APScheduler's own tests of its API, as behaviours of ours. Where the contract differs on purpose, so do they. */

const JOB = { id: 'job1', func: 'app:work', trigger: 'interval', minutes: 10 };
const DATE_JOB = { id: 'job1', func: 'app:work', trigger: 'date', run_date: '2030-12-01T12:30:01-06:00' };

describe.each(PLATFORMS)('the API of Flask-APScheduler on %s', (platform) => {
  let rest: RestApp;
  const runs: unknown[][] = [];
  const open = async (options = {}): Promise<void> => {
    rest = await startRestApp(platform, {
      options,
      tasks: {
        record: (...args: unknown[]) => void runs.push(args.slice(0, -1)),
        fail: () => {
          throw new Error('the disk is full');
        },
      },
    });
  };
  const addJob = async (job: object = JOB): Promise<void> => {
    expect(await rest.send('POST /scheduler/jobs', { json: job })).toMatchObject({ status: 200 });
  };
  beforeEach(() => void runs.splice(0));
  afterEach(() => rest.close());

  describe('the scheduler', () => {
    beforeEach(() => open());

    it('tells its host, the allowed hosts and that it runs', async () => {
      const { status, json } = await rest.send('GET /scheduler');
      expect(status).toBe(200);
      const original = { current_host: rest.scheduler.hostName, allowed_hosts: ['*'], running: true };
      expect(json).toEqual({ ...original, state: 'running', cluster_state: null, can: [...DEFAULT_ACTIONS] });
    });

    it('is paused', async () => {
      expect(await rest.send('POST /scheduler/pause')).toMatchObject({ status: 204, text: '' });
      expect(rest.scheduler.state).toBe(STATE_PAUSED);
      expect((await rest.send('GET /scheduler')).json).toMatchObject({ running: true });
    });

    it('is paused twice without harm', async () => {
      await rest.send('POST /scheduler/pause');
      expect(await rest.send('POST /scheduler/pause')).toMatchObject({ status: 204 });
    });

    it('is resumed', async () => {
      await rest.send('POST /scheduler/pause');
      expect(await rest.send('POST /scheduler/resume')).toMatchObject({ status: 204, text: '' });
      expect(rest.scheduler.state).toBe(STATE_RUNNING);
    });

    it('is resumed while it runs without harm', async () => {
      expect(await rest.send('POST /scheduler/resume')).toMatchObject({ status: 204 });
    });

    it('is shut down', async () => {
      expect(await rest.send('POST /scheduler/shutdown')).toMatchObject({ status: 204, text: '' });
      expect(rest.scheduler.state).toBe(STATE_STOPPED);
      expect((await rest.send('GET /scheduler')).json).toMatchObject({ running: false });
    });

    it('is shut down without waiting for a run that does not end', async () => {
      let signal: AbortSignal | undefined;
      rest.scheduler.registerTask('endless', (context: { signal: AbortSignal }) => {
        signal = context.signal;
        return new Promise(() => undefined);
      });
      await addJob({ id: 'endless', func: 'endless' });
      await rest.clock.advance(1);
      expect(signal).toBeDefined();
      expect(await rest.send('POST /scheduler/shutdown', { json: { wait: false } })).toMatchObject({ status: 204 });
      expect(rest.scheduler.state).toBe(STATE_STOPPED);
    });

    it('cannot be shut down when it does not run', async () => {
      await rest.send('POST /scheduler/shutdown');
      const { status, json } = await rest.send('POST /scheduler/shutdown');
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: 'Scheduler is not running' });
    });

    it('is started again after a shutdown', async () => {
      await rest.send('POST /scheduler/shutdown');
      expect(await rest.send('POST /scheduler/start')).toMatchObject({ status: 204, text: '' });
      expect(rest.scheduler.state).toBe(STATE_RUNNING);
    });

    it('cannot be started when it runs', async () => {
      const { status, json } = await rest.send('POST /scheduler/start');
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: 'Scheduler is already running' });
    });

    it('cannot be paused or resumed when it is stopped', async () => {
      await rest.send('POST /scheduler/shutdown');
      for (const action of ['pause', 'resume']) {
        const { status, json } = await rest.send(`POST /scheduler/${action}`);
        expect(status).toBe(400);
        expect(json).toEqual({ error_message: 'Scheduler is not running' });
      }
    });
  });

  describe('jobs', () => {
    beforeEach(() => open());

    it('are added', async () => {
      const { status, json } = await rest.send('POST /scheduler/jobs', { json: DATE_JOB });
      expect(status).toBe(200);
      expect(json).toMatchObject(DATE_JOB);
    });

    it('conflict when they have the same id', async () => {
      await addJob(DATE_JOB);
      const { status, json } = await rest.send('POST /scheduler/jobs', { json: DATE_JOB });
      expect(status).toBe(409);
      expect(json).toEqual({ error_message: 'Job job1 already exists.' });
    });

    it('are refused when they are invalid', async () => {
      const { status, json } = await rest.send('POST /scheduler/jobs', { json: { id: null } });
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: expect.stringMatching(/id must be .* null; func is missing/) as unknown });
    });

    it('are deleted', async () => {
      await addJob();
      expect(await rest.send('DELETE /scheduler/jobs/job1')).toMatchObject({ status: 204, text: '' });
      expect(await rest.send('GET /scheduler/jobs/job1')).toMatchObject({ status: 404 });
    });

    it('cannot be deleted when they are not there', async () => {
      const { status, json } = await rest.send('DELETE /scheduler/jobs/job1');
      expect(status).toBe(404);
      expect(json).toEqual({ error_message: 'Job job1 not found' });
    });

    it('are shown', async () => {
      await addJob();
      const { status, json } = await rest.send('GET /scheduler/jobs/job1');
      expect(status).toBe(200);
      expect(json).toMatchObject({ ...JOB, args: [], kwargs: {} });
    });

    it('cannot be shown when they are not there', async () => {
      const { status, json } = await rest.send('GET /scheduler/jobs/job1');
      expect(status).toBe(404);
      expect(json).toEqual({ error_message: 'Job job1 not found' });
    });

    it('are listed', async () => {
      expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200, json: [] });
      await addJob();
      const { status, json } = await rest.send('GET /scheduler/jobs');
      expect(status).toBe(200);
      expect(json).toMatchObject([JOB]);
      expect(json).toHaveLength(1);
    });

    it('are updated', async () => {
      await addJob();
      const changes = { args: [1], trigger: 'cron', minute: '*/1', start_date: '2030-01-01' };
      const { status, json } = await rest.send('PATCH /scheduler/jobs/job1', { json: changes });
      expect(status).toBe(200);
      expect(json).toMatchObject({
        id: 'job1',
        func: 'app:work',
        ...changes,
        start_date: '2030-01-01T00:00:00+00:00',
        next_run_time: '2030-01-01T00:00:00+00:00',
      });
      expect((await rest.send('GET /scheduler/jobs/job1')).json).toEqual(json);
    });

    it('cannot be updated when they are not there', async () => {
      const { status, json } = await rest.send('PATCH /scheduler/jobs/job1', { json: { args: [1] } });
      expect(status).toBe(404);
      expect(json).toEqual({ error_message: 'Job job1 not found' });
    });

    it('are not updated to what is invalid', async () => {
      await addJob();
      const before = (await rest.send('GET /scheduler/jobs/job1')).json;
      const { status, json } = await rest.send('PATCH /scheduler/jobs/job1', {
        json: { trigger: 'invalid_trigger', name: 'new' },
      });
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: expect.stringContaining('trigger') as unknown });
      expect((await rest.send('GET /scheduler/jobs/job1')).json).toEqual(before);
    });

    it('are paused and resumed', async () => {
      await addJob();
      const paused = await rest.send('POST /scheduler/jobs/job1/pause');
      expect(paused).toMatchObject({ status: 200, json: { id: 'job1', next_run_time: null } });
      const resumed = await rest.send('POST /scheduler/jobs/job1/resume');
      expect(resumed).toMatchObject({ status: 200, json: { next_run_time: '2026-11-22T22:46:39.205000+00:00' } });
    });

    it.each(['pause', 'resume', 'run'])('cannot be told to %s when they are not there', async (action) => {
      const { status, json } = await rest.send(`POST /scheduler/jobs/job1/${action}`);
      expect(status).toBe(404);
      expect(json).toEqual({ error_message: 'Job job1 not found' });
    });

    it('are run at once, and answered when the run is over', async () => {
      await addJob({ ...JOB, func: 'record', args: [1, 'x'], kwargs: { a: 2 } });
      const { status, json } = await rest.send('POST /scheduler/jobs/job1/run');
      expect(status).toBe(200);
      expect(json).toMatchObject({ id: 'job1', next_run_time: '2026-11-22T22:46:39.205000+00:00' });
      expect(runs).toEqual([[1, 'x', { a: 2 }]]);
    });

    it('answer what their task throws when they are run', async () => {
      await addJob({ ...JOB, func: 'fail' });
      const { status, json } = await rest.send('POST /scheduler/jobs/job1/run');
      expect(status).toBe(500);
      expect(json).toEqual({ error_message: 'the disk is full' });
    });

    it('are listed while the scheduler is stopped, without what the start will give them', async () => {
      await rest.send('POST /scheduler/shutdown');
      await addJob();
      const { json } = await rest.send('GET /scheduler/jobs');
      expect(json).toMatchObject([JOB]);
      const [job] = json as [object];
      for (const member of ['misfire_grace_time', 'max_instances', 'next_run_time']) {
        expect(job).not.toHaveProperty(member);
      }
      await rest.send('POST /scheduler/start');
      expect((await rest.send('GET /scheduler/jobs')).json).toMatchObject([
        { max_instances: 1, misfire_grace_time: null, next_run_time: '2026-11-22T22:46:39.205000+00:00' },
      ]);
    });
  });

  describe('its place', () => {
    it('is the API prefix', async () => {
      await open({ apiPrefix: '/api' });
      expect(await rest.send('GET /api')).toMatchObject({ status: 200 });
      expect(await rest.send('GET /api/jobs')).toMatchObject({ status: 200, json: [] });
    });

    it('is nowhere else', async () => {
      await open({ apiPrefix: '/api' });
      expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 404 });
      expect(await rest.send('GET /invalidapi/jobs')).toMatchObject({ status: 404 });
    });

    it('is looked up by the endpoint prefix and a name', async () => {
      await open({ endpointPrefix: 'api.' });
      const url = rest.app.get(SchedulerEndpoints).url('api.get_scheduler_info');
      expect(await rest.send(`GET ${url}`)).toMatchObject({ status: 200 });
    });

    it('is not found without the endpoint prefix', async () => {
      await open({ endpointPrefix: 'api.' });
      expect(() => rest.app.get(SchedulerEndpoints).url('get_scheduler_info')).toThrow('"get_scheduler_info"');
    });
  });

  describe('authentication', () => {
    const DENIED = {
      status: 401,
      json: { error_message: 'Access Denied' },
      headers: { 'www-authenticate': 'Basic realm="Authentication Required"' },
    };

    beforeEach(async () => {
      await open({ auth: new HttpBasicAuth() });
      rest.scheduler.authenticate(({ username, password }) => username === 'test' && password === 'test');
    });

    it('lets valid credentials in', async () => {
      expect(await rest.send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject({ status: 200 });
    });

    it('keeps invalid credentials out', async () => {
      expect(await rest.send('GET /scheduler', { headers: basic('guest', 'guest') })).toMatchObject(DENIED);
    });

    it('keeps a malformed header out', async () => {
      expect(await rest.send('GET /scheduler', { headers: { Authorization: 'Basic 1231234' } })).toMatchObject(DENIED);
    });

    it('keeps missing credentials out', async () => {
      expect(await rest.send('GET /scheduler')).toMatchObject(DENIED);
    });
  });
});
