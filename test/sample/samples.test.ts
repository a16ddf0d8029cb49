import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeReplicas } from './replicas.suite.js';
import { SampleProcess } from './sample-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

const basic = { authorization: `Basic ${btoa('admin:secret')}` };
const started: SampleProcess[] = [];
let folder = '';

/** Starts a sample, with a jobs file of its own unless one is given. */
function start(name: string, environment?: Readonly<Record<string, string>>): SampleProcess {
  const JOBS_FILE = join(folder, `${started.length}.db`);
  const sample = new SampleProcess(name, { JOBS_FILE, ...environment });
  started.push(sample);
  return sample;
}

async function ask(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

describe('The samples', { timeout: 30_000 }, () => {
  beforeAll(() => {
    const { status, stdout, stderr } = node('sample/build.mjs');
    if (status !== 0) throw new Error(`They cannot be built:\n${stdout}\n${stderr}`);
  }, 120_000);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sample-'));
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((sample) => sample.stop()));
    rmSync(folder, { recursive: true });
  });

  it('are listed if the name of one is unknown', () => {
    const { status, stderr } = node('sample/start.mjs', '09-nothing');
    expect(status).toBe(1);
    expect(stderr).toContain('There is no sample "09-nothing". Choose one of: 01-basics, 02-config-from-env,');
  });

  describe('01-basics', () => {
    it('prints its address, its credentials, and three commands to try', async () => {
      const sample = start('01-basics');
      const url = await sample.url();
      await sample.writes(/user is "admin", the password "secret"/);
      const [block] = await sample.writes(/( {2}curl .*\n){3}/);
      expect(block.split('\n').every((line) => line === '' || line.includes(url))).toBe(true);
    });

    it('has a job for each trigger and logs how each run ends', async () => {
      const sample = start('01-basics');
      const url = await sample.url();
      await sample.writes(/warm-up ran and returned/);
      const { body } = await ask(`${url}/scheduler/jobs`, { headers: basic });
      expect(body).toEqual([
        expect.objectContaining({ id: 'heartbeat', trigger: 'interval', seconds: 5 }),
        expect.objectContaining({ trigger: 'cron' }),
        expect.objectContaining({ trigger: 'cron' }),
      ]);
      await ask(`${url}/scheduler/jobs/heartbeat/run`, { headers: basic, method: 'POST' });
      await sample.writes(/heartbeat ran and returned 1/);
      await sample.writes(/heartbeat ran and returned 2/);
    });

    it('runs a task that a job added over REST names', async () => {
      const sample = start('01-basics');
      const url = await sample.url();
      const body = '{"id": "hello", "func": "greet", "args": ["world"]}';
      expect((await ask(`${url}/scheduler/jobs`, { headers: basic, method: 'POST', body })).status).toBe(200);
      await sample.writes(/Hello, world!/);
      expect((await ask(`${url}/scheduler/jobs`)).status).toBe(401);
    });

    it.each(['SIGTERM', 'SIGKILL'] as const)(
      'has the jobs that were added when it starts again, after %s',
      async (signal) => {
        const JOBS_FILE = join(folder, 'here', 'jobs.db');
        const first = start('01-basics', { JOBS_FILE });
        const url = await first.url();
        const body = '{"id": "later", "func": "greet", "args": ["again"], "trigger": "interval", "hours": 9}';
        await ask(`${url}/scheduler/jobs`, { headers: basic, method: 'POST', body });
        await ask(`${url}/scheduler/jobs/later/run`, { headers: basic, method: 'POST' });
        const { body: added } = await ask(`${url}/scheduler/jobs/later`, { headers: basic });
        await first.writes(/later ran and returned/);
        first.send(signal);
        await first.end();
        const second = start('01-basics', { JOBS_FILE });
        await second.writes(new RegExp(`Jobs are kept in ${JOBS_FILE}\n.*delete that file`));
        const again = await second.url();
        const { id, args, next_run_time } = added as Record<string, unknown>;
        const { body: kept } = await ask(`${again}/scheduler/jobs/later`, { headers: basic });
        expect(kept).toMatchObject({ id, args, next_run_time });
        const { body: history } = await ask(`${again}/scheduler/runs?job_id=later`, { headers: basic });
        expect(history).toMatchObject({ runs: [{ job_id: 'later', state: 'succeeded', cause: 'manual' }] });
      },
    );

    it('ends on a signal', async () => {
      const sample = start('01-basics');
      await sample.url();
      expect(await sample.stop()).toBe('SIGTERM');
    });

    it('explains that its port is in use', async () => {
      const { port } = new URL(await start('01-basics').url());
      const second = start('01-basics', { PORT: port });
      await second.writes(new RegExp(`Port ${port} is taken by another program. Choose a port: PORT=3001 npm start`));
      expect(await second.end()).toBe(1);
    });

    it('explains that PORT is not a port', async () => {
      const sample = start('01-basics', { PORT: 'http' });
      await sample.writes(/PORT must be a whole number from 0 to 65535, got "http"/);
      expect(await sample.end()).toBe(1);
    });
  });

  describe('02-config-from-env', () => {
    it('reads the job, its defaults and the API from .env', async () => {
      const sample = start('02-config-from-env');
      const url = await sample.url();
      const headers = { authorization: `Basic ${btoa('admin:only-for-this-sample')}` };
      expect(await ask(`${url}/ops/scheduler/jobs/tick`, { headers })).toEqual({
        status: 200,
        body: expect.objectContaining({ id: 'tick', func: 'tick', seconds: 2, max_instances: 3 }),
      });
      await sample.writes(/Tick from the environment/);
    });

    it('prefers the environment over .env', async () => {
      const jobs = [{ id: 'mine', func: 'tick', trigger: 'interval', seconds: 1, args: ['of mine'] }];
      const sample = start('02-config-from-env', { SCHEDULER_JOBS: JSON.stringify(jobs) });
      expect(await sample.writes(/Tick (.*)/)).toContain('of mine');
    });
  });

  describe('03-own-guard', () => {
    it('admits only tokens that it has signed', async () => {
      const sample = start('03-own-guard');
      const url = await sample.url();
      const [, token = ''] = await sample.writes(/Bearer (\S+)'/);
      const [head, body, signature] = token.split('.');
      const forged = Buffer.from('{"sub":"you","exp":9999999999}').toString('base64url');
      const tokens = [token, `${head}.${forged}.${signature}`, `${head}.${body}.`, `${head}.${body}`, 'nonsense', ''];
      const answers = await Promise.all(
        tokens.map((each) => ask(`${url}/scheduler`, { headers: { authorization: `Bearer ${each}` } })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401, 401, 401]);
      expect((await ask(`${url}/scheduler`, { headers: basic })).status).toBe(401);
      const headers = { authorization: `Bearer ${token}` };
      expect((await ask(`${url}/scheduler/jobs/clean/run`, { headers, method: 'POST' })).status).toBe(200);
      await sample.writes(/All clean/);
    });
  });

  describe('08-roles', () => {
    it('lets viewers read, operators do everything, and nobody in without a token', async () => {
      const sample = start('08-roles');
      const url = await sample.url();
      const [, viewer, operator] = await sample.writes(
        /Bearer (\S+)' \S+\/jobs\n.*Bearer \1.*\n.*Bearer (\S+)' -X POST/,
      );
      const as = (token: string | undefined, method = 'GET') => ({
        method,
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await ask(url, {})).toMatchObject({ status: 200 });
      expect(await ask(`${url}/scheduler`, as('none'))).toMatchObject({ status: 401 });
      const { body } = await ask(`${url}/scheduler`, as(viewer));
      expect(body).toMatchObject({ can: ['scheduler.read', 'jobs.read', 'runs.read'] });
      expect(await ask(`${url}/scheduler/jobs/clean/run`, as(viewer, 'POST'))).toEqual({
        status: 403,
        body: { error_message: 'This needs one of the roles operator' },
      });
      expect(await ask(`${url}/scheduler/jobs/clean/run`, as(operator, 'POST'))).toMatchObject({ status: 200 });
      await sample.writes(/All clean/);
    });
  });

  describe('09-threads', () => {
    it('computes in worker threads, ends one that is stuck, and ends on a signal', async () => {
      const sample = start('09-threads');
      await sample.writes(/primes: 216816 primes below 3000000/);
      await sample.writes(/stuck: RunTimedOutError: .* took longer than its timeout of 2 s/);
      expect(await sample.stop()).toBe('SIGTERM');
    });
  });

  describe('04-dynamic-jobs', () => {
    const json = { 'content-type': 'application/json' };

    it('adds a job for each reminder and runs it on time', async () => {
      const sample = start('04-dynamic-jobs');
      const url = await sample.url();
      const body = '{"text": "tea is ready", "inSeconds": 0.2}';
      const added = await ask(`${url}/users/ann/reminders`, { method: 'POST', headers: json, body });
      expect(added).toMatchObject({ status: 201, body: { user: 'ann', text: 'tea is ready' } });
      await sample.writes(/Dear ann, remember: tea is ready/);
    });

    it("lists and removes only a user's own reminders", async () => {
      const url = await start('04-dynamic-jobs').url();
      const add = (user: string) =>
        ask(`${url}/users/${user}/reminders`, {
          method: 'POST',
          headers: json,
          body: '{"text": "t", "inSeconds": 60}',
        });
      const { body: anns } = await add('ann');
      await add('ann%2Fb');
      expect((await ask(`${url}/users/ann/reminders`)).body).toEqual([anns]);
      const { id } = anns as { id: string };
      expect((await ask(`${url}/users/bob/reminders/${id}`, { method: 'DELETE' })).status).toBe(404);
      expect((await ask(`${url}/users/ann/reminders/${id}`, { method: 'DELETE' })).status).toBe(204);
      expect((await ask(`${url}/users/ann/reminders`)).body).toEqual([]);
    });

    it('rejects a body that is not a reminder', async () => {
      const url = await start('04-dynamic-jobs').url();
      const bodies = ['{}', '{"text": 1, "inSeconds": 1}', '{"text": "t", "inSeconds": -1}', '[]', 'text'];
      const answers = await Promise.all(
        bodies.map((body) => ask(`${url}/users/ann/reminders`, { method: 'POST', headers: json, body })),
      );
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    });
  });

  describe('05-testing', () => {
    it('has tests that pass', () => {
      const { status, stdout } = node('--test', '--test-reporter=tap', 'sample/dist/05-testing/app.test.js');
      expect(stdout).toMatch(/^# pass 4$/m);
      expect(status).toBe(0);
    });

    it('explains how to run its tests', async () => {
      const [command] = await start('05-testing').writes(/node --test .+/);
      expect(command).toBe('node --test sample/dist/05-testing/app.test.js');
    });
  });

  describeReplicas();

  describe('engine-only', () => {
    it('runs jobs without Nest, and ends on a signal', async () => {
      const sample = start('engine-only');
      await sample.writes(/Hello, world!/);
      expect(await sample.stop()).toBe(0);
    });
  });
});
