import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const SECRET = 'hunter2';
const redact: SchedulerModuleOptions['redact'] = (value, { path }) => {
  if (path.at(-1) === 'token') return '***';
  return typeof value === 'string' ? value.replaceAll(SECRET, '***') : value;
};

describe.each(PLATFORMS)('what an actor is shown on %s', (platform) => {
  let rest: RestApp;
  const as = (role: string, target: string, json?: unknown) => rest.send(target, { headers: { 'X-Role': role }, json });

  beforeAll(async () => {
    rest = await startRestApp(platform, {
      options: {
        redact,
        access: ({ headers }) => ({
          actor: 'ann',
          can:
            headers['x-role'] === 'admin' ? 'all' : ['jobs.read', 'jobs.write', 'jobs.pause', 'jobs.run', 'runs.read'],
        }),
      },
      tasks: {
        'app:work': (...args: unknown[]) => ({ token: SECRET, given: args }),
        'app:fail': () => {
          throw new Error(`wrong password ${SECRET}`);
        },
      },
    });
    const kwargs = { token: SECRET, to: [{ token: SECRET }] };
    const hourly = { trigger: 'interval', hours: 1 } as const;
    await rest.scheduler.addJob({ id: 'good', task: 'app:work', args: [SECRET, 1], kwargs, ...hourly });
    await rest.scheduler.addJob({ id: 'bad', task: 'app:fail', ...hourly });
  });
  afterAll(() => rest.close());

  it('has no secret on any route without secrets.read, and all of them with it', async () => {
    await as('user', 'POST /scheduler/jobs/good/run?wait=false', { args: [{ token: SECRET }], kwargs: { a: SECRET } });
    await as('user', 'POST /scheduler/jobs/bad/run');
    const [run] = (await rest.scheduler.getRuns({ jobId: 'good' })).runs;
    for (const target of [
      'GET /scheduler/jobs',
      'GET /scheduler/jobs/good',
      'GET /scheduler/jobs/bad',
      'PATCH /scheduler/jobs/good',
      'POST /scheduler/jobs/good/pause',
      'POST /scheduler/jobs/good/resume',
      'POST /scheduler/jobs/good/run',
      'POST /scheduler/jobs/good/run?wait=false',
      'POST /scheduler/jobs/bad/run',
      'GET /scheduler/jobs/good/runs',
      'GET /scheduler/jobs/bad/runs',
      'GET /scheduler/runs',
      `GET /scheduler/runs/${run?.id}`,
    ]) {
      const json = target.startsWith('PATCH') ? { name: 'n' } : undefined;
      expect([target, (await as('user', target, json)).text]).toEqual([target, expect.stringContaining('***')]);
      expect((await as('user', target, json)).text).not.toContain(SECRET);
      expect([target, (await as('admin', target, json)).text]).toEqual([target, expect.stringContaining(SECRET)]);
    }
  });

  it('can be sent back whole, and changes nothing', async () => {
    const before = await rest.scheduler.getJob('good');
    const { json } = await as('user', 'GET /scheduler/jobs/good');
    const answer = await as('user', 'PATCH /scheduler/jobs/good', { ...(json as object), name: 'renamed' });
    expect(answer).toMatchObject({ status: 200, json: { name: 'renamed', args: ['***', 1] } });
    expect(await rest.scheduler.getJob('good')).toEqual({ ...before, name: 'renamed' });
  });

  it('is the message of a failed run as the option lets it be', async () => {
    const { status, json } = await as('user', 'POST /scheduler/jobs/bad/run');
    expect([status, json]).toEqual([500, { error_message: 'wrong password ***' }]);
  });
});

describe('what everybody is shown where nothing says who may see secrets', () => {
  it('is redacted', async () => {
    const rest = await startRestApp('express', { options: { redact } });
    await rest.scheduler.addJob({ id: 'j', task: 'app:work', args: [SECRET], trigger: 'interval', hours: 1 });
    expect((await rest.send('GET /scheduler/jobs/j')).json).toMatchObject({ args: ['***'] });
    expect((await rest.send('GET /scheduler')).json).toMatchObject({
      can: expect.not.arrayContaining(['secrets.read']) as unknown,
    });
    await rest.close();
  });
});
