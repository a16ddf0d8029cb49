import { IsString } from 'class-validator';
import { argumentSchema, Secret, type SchedulerModuleOptions } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damageSql } from '../../support/damage.js';
import { startRestApp, type RestApp } from '../../support/rest-app.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const [sqlite] = await testDatabases();

describe('A run that cannot be read, over REST', () => {
  it('is listed in its place, with every member that runs have, and shown as the store has it', async () => {
    const url = (await sqlite?.fresh()) ?? '';
    const rest = await startRestApp('express', {
      options: { jobStores: { default: new SqlJobStore({ url, time: 'node' }) } },
    });
    await rest.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', hours: 1 });
    const runs: string[] = [];
    for (let n = 0; n < 3; n++) {
      await rest.scheduler.runJob('a');
      runs.unshift((await rest.scheduler.getRuns({ limit: 1 })).runs[0]?.id ?? '');
    }
    await damageSql(url, 'default').damageRun[0]?.(runs[1] ?? '');
    const unreadable = {
      id: runs[1],
      job_id: 'a',
      state: 'unreadable',
      unreadable: expect.stringContaining('JSON') as unknown,
    };

    for (const target of ['/scheduler/runs', '/scheduler/jobs/a/runs']) {
      const { status, json } = await rest.send(`GET ${target}`);
      expect(status).toBe(200);
      const { runs: listed, next_cursor } = json as { runs: Record<string, unknown>[]; next_cursor: unknown };
      expect(listed.map(({ id }) => id)).toEqual(runs);
      expect(listed[1]).toMatchObject(unreadable);
      expect(Object.keys(listed[1] ?? {})).toEqual([...Object.keys(listed[0] ?? {}), 'unreadable']);
      expect(next_cursor).toBeNull();
    }
    const pages: unknown[] = [];
    for (let cursor = ''; pages.length < 3;) {
      const { json } = await rest.send(`GET /scheduler/runs?limit=1${cursor && `&cursor=${cursor}`}`);
      const page = json as { runs: { id: string }[]; next_cursor: string | null };
      pages.push(...page.runs.map(({ id }) => id));
      cursor = page.next_cursor ?? '';
    }
    expect(pages).toEqual(runs);
    const { status, json } = await rest.send(`GET /scheduler/runs/${runs[1]}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ ...unreadable, raw: { error: '{', job_id: 'a' } });
    await expect(rest.scheduler.getRun(runs[1] ?? '')).rejects.toMatchObject({ code: 'RUN_UNREADABLE' });
    expect((await rest.send(`POST /scheduler/runs/${runs[1]}/cancel`)).status).toBe(409);
    expect((await rest.send(`DELETE /scheduler/runs/${runs[1]}`)).status).toBe(204);
    expect((await rest.send(`GET /scheduler/runs/${runs[1]}`)).status).toBe(404);
    expect((await rest.send(`DELETE /scheduler/runs/${runs[1]}`)).status).toBe(404);
    expect((await rest.send('GET /scheduler/runs')).json).toMatchObject({ runs: [{ id: runs[0] }, { id: runs[2] }] });
    await rest.close();
  });
});

describe('A job that cannot be read, over REST', () => {
  let rest: RestApp;
  let tags: readonly string[] | undefined;
  beforeEach(async () => {
    const url = (await sqlite?.fresh()) ?? '';
    tags = undefined;
    const options: SchedulerModuleOptions = {
      jobStores: { default: new SqlJobStore({ url, time: 'node' }) },
      access: () => ({ actor: 'ann', can: 'all', ...(tags && { tags }) }),
    };
    rest = await startRestApp('express', { options });
    for (const id of ['a', 'bad']) await rest.scheduler.addJob({ id, task: 'app:work', trigger: 'interval', hours: 1 });
    await damageSql(url, 'default').damageJob[4]?.('bad');
  });
  afterEach(() => rest.close());

  const unreadable = {
    id: 'bad',
    name: 'bad',
    func: 'app:work',
    trigger: 'unreadable',
    next_run_time: null,
    executor: 'default',
    jobstore: 'default',
    unreadable: expect.stringContaining('Mars/Olympus') as unknown,
  };

  it('is listed after the others, with every member that jobs have', async () => {
    const { status, json } = await rest.send('GET /scheduler/jobs');
    expect(status).toBe(200);
    const [sound, bad, ...more] = json as Record<string, unknown>[];
    expect(more).toEqual([]);
    expect(sound).toMatchObject({ id: 'a', trigger: 'interval' });
    expect(bad).toMatchObject(unreadable);
    const own = ['hours', 'start_date', 'timezone'];
    const common = Object.keys(sound ?? {}).filter((name) => !own.includes(name));
    expect(Object.keys(bad ?? {})).toEqual(expect.arrayContaining(common));
  });

  it('is shown as the store has it', async () => {
    const { status, json } = await rest.send('GET /scheduler/jobs/bad');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...unreadable,
      raw: { task: 'app:work', spec: expect.stringContaining('Mars') as unknown },
    });
  });

  it('cannot be changed, paused or run, and is removed', async () => {
    for (const target of [
      'PATCH /scheduler/jobs/bad',
      'POST /scheduler/jobs/bad/pause',
      'POST /scheduler/jobs/bad/run',
    ]) {
      const { status, json } = await rest.send(target, { json: {} });
      expect([target, status]).toEqual([target, 409]);
      expect(json).toEqual({
        error_message: expect.stringMatching(/^Job "bad" cannot be read: .*Mars.*remove the job$/) as unknown,
      });
    }
    expect(await rest.send('GET /scheduler/jobs/bad/runs')).toMatchObject({ status: 200, json: { runs: [] } });
    expect((await rest.send('DELETE /scheduler/jobs/bad')).status).toBe(204);
    expect((await rest.send('GET /scheduler/jobs/bad')).status).toBe(404);
    expect((await rest.send('GET /scheduler/jobs')).json).toMatchObject([{ id: 'a' }]);
  });

  it('is not quoted in errors where a task has secret arguments', async () => {
    class Login {
      @Secret() @IsString() password!: string;
    }
    rest.scheduler.registerTask('app:login', () => undefined, { args: await argumentSchema(Login) });
    const message = 'Its record cannot be read';
    const paused = await rest.send('POST /scheduler/jobs/bad/pause');
    expect(paused).toMatchObject({ status: 409, json: { error_message: message } });
    const { json } = await rest.send('POST /scheduler/jobs/bulk', { json: { action: 'pause', ids: ['bad'] } });
    expect(json).toMatchObject({ results: [{ id: 'bad', ok: false, error_message: message }] });
  });

  it('is not found by who is limited to tags, on whichever route', async () => {
    tags = ['billing'];
    for (const action of ['remove', 'pause']) {
      const { json } = await rest.send('POST /scheduler/jobs/bulk', { json: { action, ids: ['bad'] } });
      const { results } = json as { results: unknown };
      expect(results).toEqual([{ id: 'bad', jobstore: null, ok: false, error_message: 'Job bad not found' }]);
    }
    expect((await rest.send('DELETE /scheduler/jobs/bad')).status).toBe(404);
    tags = undefined;
    expect((await rest.send('GET /scheduler/jobs/bad')).status).toBe(200);
  });
});
