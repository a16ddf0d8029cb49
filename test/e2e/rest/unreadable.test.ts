import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damageSql } from '../../support/damage.js';
import { startRestApp, type RestApp } from '../../support/rest-app.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const [sqlite] = await testDatabases();

describe('A job that cannot be read, over REST', () => {
  let rest: RestApp;
  beforeEach(async () => {
    const url = (await sqlite?.fresh()) ?? '';
    const options = { jobStores: { default: new SqlJobStore({ url, time: 'node' }) } };
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
});
