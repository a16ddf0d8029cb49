import { IsString } from 'class-validator';
import { argumentSchema, Secret } from 'nestjs-apscheduler';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ACTIONS } from '../../../lib/module/actions.js';
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
      'GET /scheduler/export',
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

class MailArgs {
  @IsString() to!: string;
  @Secret() @IsString() password!: string;
}

describe.each(PLATFORMS)('kwargs that their task marks as secret on %s', (platform) => {
  let rest: RestApp;
  const as = (role: string, target: string, json?: unknown) => rest.send(target, { headers: { 'X-Role': role }, json });
  const refusal = (problem: string) => ({ error_message: expect.stringContaining(problem) as unknown });

  beforeEach(async () => {
    const access: SchedulerModuleOptions['access'] = ({ headers }) => ({
      actor: 'ann',
      can: headers['x-role'] === 'admin' ? 'all' : DEFAULT_ACTIONS,
    });
    rest = await startRestApp(platform, { options: { access } });
    rest.scheduler.registerTask('mail', () => 'sent', { args: await argumentSchema(MailArgs) });
    const kwargs = { to: 'ann', password: SECRET };
    await rest.scheduler.addJob({ id: 'mails', task: 'mail', kwargs, trigger: 'interval', hours: 1 });
    await rest.scheduler.runJob('mails', { kwargs });
  });
  afterEach(() => rest.close());

  it('are shown only with secrets.read', async () => {
    for (const target of ['GET /scheduler/jobs', 'GET /scheduler/jobs/mails', 'GET /scheduler/jobs/mails/runs']) {
      const { text } = await as('user', target);
      expect(text).toContain('"password":"***"');
      expect(text).not.toContain(SECRET);
      expect((await as('admin', target)).text).toContain(`"password":"${SECRET}"`);
    }
    expect((await as('user', 'GET /scheduler/jobs/mails')).json).toMatchObject({ kwargs: { to: 'ann' } });
  });

  it('stay what they are in a job that is sent back', async () => {
    const { json } = await as('user', 'GET /scheduler/jobs/mails');
    const answer = await as('user', 'PATCH /scheduler/jobs/mails', { ...(json as object), name: 'renamed' });
    expect(answer).toMatchObject({ status: 200, json: { name: 'renamed' } });
    expect(await rest.scheduler.getJob('mails')).toMatchObject({ kwargs: { password: SECRET } });
  });

  it.each([
    ['PATCH /scheduler/jobs/mails', {}],
    ['POST /scheduler/jobs/mails/run', {}],
    ['POST /scheduler/jobs', { id: 'copy', func: 'mail', trigger: 'interval', hours: 1 }],
  ])('do not become what stands for them: %s', async (target, others) => {
    const { status, json } = await as('user', target, { ...others, kwargs: { to: 'bob', password: '***' } });
    expect([status, json]).toEqual([400, refusal('kwargs has *** in place of a secret')]);
    expect(await rest.scheduler.getJob('mails')).toMatchObject({ kwargs: { to: 'ann', password: SECRET } });
    expect(await rest.scheduler.getJob('copy')).toBeUndefined();
  });

  it('are not shown by another task that the job is given', async () => {
    const change = { func: 'app:work' };
    const { status, json } = await as('user', 'PATCH /scheduler/jobs/mails', change);
    expect([status, json]).toEqual([400, refusal('kwargs must be given with another func')]);
    expect(await rest.scheduler.getJob('mails')).toMatchObject({ task: 'mail' });
    expect((await as('user', 'PATCH /scheduler/jobs/mails', { ...change, kwargs: {} })).status).toBe(200);
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
