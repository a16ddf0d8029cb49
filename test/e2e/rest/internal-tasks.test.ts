import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScheduledTask } from '../../../lib/module/decorators/scheduled-task.decorator.js';
import { Task } from '../../../lib/module/decorators/task.decorator.js';
import { startRestApp, type RestApp } from '../../support/rest-app.js';

@Injectable()
class Wallet {
  @Task('pay', { rest: false })
  @ScheduledTask('interval', { hours: 1, id: 'payday', taskName: 'pay-on-payday', args: [5] })
  pay(amount: number): number {
    return amount;
  }
}

describe('a task that is kept off the REST API', () => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp('express', { providers: [Wallet] });
    rest.scheduler.registerTask('refund', (amount: number) => amount, { rest: false });
    await rest.scheduler.addJob({ id: 'plain', task: 'app:work', trigger: 'interval', hours: 1 });
    await rest.scheduler.addJob({ id: 'refunds', task: 'refund', trigger: 'interval', hours: 1, args: [7] });
  });
  afterAll(() => rest.close());

  it.each(['pay', 'pay-on-payday', 'refund'])('cannot be named when a job is added or changed: %s', async (func) => {
    for (const target of ['POST /scheduler/jobs', 'PATCH /scheduler/jobs/plain']) {
      const { status, json } = await rest.send(target, {
        json: { func, ...(target.startsWith('POST') && { id: 'x' }) },
      });
      const message = expect.stringContaining(`func names a task that is kept off this API, got "${func}"`) as unknown;
      expect([status, json]).toEqual([400, { error_message: message }]);
    }
    expect(await rest.scheduler.getJob('plain')).toMatchObject({ task: 'app:work' });
    expect(await rest.scheduler.getJob('x')).toBeUndefined();
  });

  it.each(['payday', 'refunds'])('takes no other arguments: %s', async (id) => {
    const before = (await rest.send(`GET /scheduler/jobs/${id}`)).json;
    for (const given of [{ args: [1_000_000] }, { kwargs: { to: 'me' } }]) {
      for (const target of [`PATCH /scheduler/jobs/${id}`, `POST /scheduler/jobs/${id}/run`]) {
        const { status, json } = await rest.send(target, { json: given });
        const message = expect.stringMatching(
          /: (kw)?args cannot be given: the task .* is kept off this API$/,
        ) as unknown;
        expect([status, json]).toEqual([400, { error_message: message }]);
      }
    }
    expect((await rest.send(`GET /scheduler/jobs/${id}`)).json).toEqual(before);
    expect((await rest.send(`GET /scheduler/jobs/${id}/runs`)).json).toMatchObject({ runs: [] });
  });

  it("keeps its application's jobs in the API: listed, paused, resumed, retimed and run as they are", async () => {
    const list = (await rest.send('GET /scheduler/jobs')).json as { id: string }[];
    expect(list.map(({ id }) => id)).toContain('payday');
    for (const action of ['pause', 'resume', 'run']) {
      expect(await rest.send(`POST /scheduler/jobs/payday/${action}`)).toMatchObject({ status: 200 });
    }
    const same = { ...((await rest.send('GET /scheduler/jobs/payday')).json as object), name: 'n' };
    expect(await rest.send('PATCH /scheduler/jobs/payday', { json: same })).toMatchObject({ status: 200 });
    expect((await rest.send('GET /scheduler/jobs/payday/runs')).json).toMatchObject({ runs: [{ result: 5 }] });
  });

  it('is named in code as any other', async () => {
    await rest.scheduler.addJob({ id: 'code', task: 'pay', trigger: 'interval', hours: 1, args: [1] });
    expect(await rest.scheduler.runJob('code', { args: [2] })).toBe(2);
  });

  it('is refused where its options cannot be understood', () => {
    const register = (options: object) => () => rest.scheduler.registerTask('t', () => 1, options);
    expect(register({ rest: 'no' })).toThrow('options of task "t" must be { rest: true or false, description, args }');
    expect(register({ Rest: false })).toThrow('options of task "t" must be { rest: true or false, description, args }');
  });
});
