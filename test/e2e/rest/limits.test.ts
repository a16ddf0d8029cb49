import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryJobStore } from '../../../lib/engine/stores/memory/memory.job-store.js';
import type { LimitOptions } from '../../../lib/module/limit-options.js';
import { PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const JOB = { id: 'a', func: 'app:work', trigger: 'interval', minutes: 10 };

describe.each(PLATFORMS)('The limits of jobs over REST, on %s', (platform) => {
  let rest: RestApp;
  const open = async (limits: LimitOptions, setup: RestAppSetup = {}): Promise<void> => {
    rest = await startRestApp(platform, { ...setup, options: { ...setup.options, limits } });
  };
  const post = (json: object) => rest.send('POST /scheduler/jobs', { json: { ...JOB, ...json } });
  const refusal = (message: string) => ({ status: 429, json: { error_message: message } });
  afterEach(() => rest.close());

  describe('limits.jobs', () => {
    const FULL = refusal('Job store "default" has as many jobs as limits.jobs allows, 2: remove some first');

    it('is how many jobs a job store has, however they came', async () => {
      await open({ jobs: 2 });
      await rest.scheduler.addJob({ id: 'own', task: 'app:work', trigger: 'interval', minutes: 1 });
      expect(await post({ id: 'a' })).toMatchObject({ status: 200 });
      expect(await post({ id: 'b' })).toMatchObject(FULL);
      const put = await rest.send('PUT /scheduler/jobs/b', { json: { ...JOB, id: 'b' } });
      expect(put).toMatchObject(FULL);
      expect(await rest.scheduler.getJobs()).toHaveLength(2);
    });

    it('does not keep the application from adding jobs, nor a job from being replaced or changed', async () => {
      await open({ jobs: 1 });
      await post({});
      await rest.scheduler.addJob({ id: 'own', task: 'app:work', trigger: 'interval', minutes: 1 });
      expect(await post({ replace_existing: true, minutes: 20 })).toMatchObject({ status: 200, json: { minutes: 20 } });
      expect(await rest.send('PUT /scheduler/jobs/a', { json: JOB })).toMatchObject({ status: 200 });
      expect(await rest.send('PATCH /scheduler/jobs/a', { json: { minutes: 5, trigger: 'interval' } })).toMatchObject({
        status: 200,
      });
      expect(await post({ id: 'b', replace_existing: true })).toMatchObject({ status: 429 });
    });

    it('lets another in at once when one has been removed', async () => {
      await open({ jobs: 2 });
      await post({ id: 'a' });
      await post({ id: 'b' });
      expect(await post({ id: 'c' })).toMatchObject(FULL);
      await rest.send('DELETE /scheduler/jobs/a');
      expect(await post({ id: 'c' })).toMatchObject({ status: 200 });
      expect(await post({ id: 'd' })).toMatchObject(FULL);
    });

    it('holds for jobs that are added at once', async () => {
      await open({ jobs: 2 });
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => post({ id: `job${n}` })));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
      expect(await rest.scheduler.getJobs()).toHaveLength(2);
    });

    it('does not count a job that was not added', async () => {
      await open({ jobs: 2 });
      await post({});
      expect(await post({})).toMatchObject({ status: 409 });
      expect(await post({ id: 'b' })).toMatchObject({ status: 200 });
    });

    it('keeps no count of a store that is not known', async () => {
      await open({ jobs: 2 });
      const count = vi.spyOn(rest.scheduler, 'countJobs');
      expect(await post({ jobstore: 'unknown' })).toMatchObject({ status: 400 });
      expect(count).not.toHaveBeenCalled();
    });

    it('counts each store by itself, every five seconds at most until it is full', async () => {
      const other = new MemoryJobStore();
      const count = vi.spyOn(other, 'countJobs');
      await open({ jobs: 3 }, { options: { jobStores: { other } } });
      const add = (id: string) => post({ id, jobstore: 'other' });
      await add('a');
      await add('b');
      expect(count).toHaveBeenCalledTimes(1);
      await rest.clock.advance('5s');
      await rest.scheduler.removeJob('a');
      await add('c');
      expect(count).toHaveBeenCalledTimes(2);
      await add('d');
      expect(await add('e')).toMatchObject({ status: 429 });
      expect(count).toHaveBeenCalledTimes(3);
      expect(await post({ id: 'e' })).toMatchObject({ status: 200 });
    });

    it('counts jobs that wait for the start', async () => {
      await open({ jobs: 1 }, { options: { autoStart: false } });
      await rest.scheduler.addJob({ id: 'own', task: 'app:work', trigger: 'interval', minutes: 1 });
      expect(await post({})).toMatchObject({ status: 429 });
    });
  });

  describe('limits.minInterval', () => {
    const CRON = { trigger: 'cron', hour: 9, minute: '0,30', minutes: undefined };

    it.each([
      ['an interval', { seconds: 60, minutes: undefined }, { seconds: 59, minutes: undefined }, '1m'],
      ['a cron trigger, at its closest times', CRON, { ...CRON, minute: '0,29' }, '30m'],
      ['one time', { trigger: 'date', minutes: undefined, run_date: '2030-01-01' }, CRON, '1d'],
      [
        'triggers that are combined',
        {
          trigger: 'or',
          minutes: undefined,
          triggers: [
            { type: 'cron', minute: 0 },
            { type: 'cron', minute: 20 },
          ],
        },
        {
          trigger: 'or',
          minutes: undefined,
          triggers: [
            { type: 'cron', minute: 0 },
            { type: 'cron', minute: 19 },
          ],
        },
        1200,
      ],
    ])('is how close the times of a job may be: %s', async (_, slow, fast, minInterval) => {
      await open({ minInterval });
      expect(await post(slow)).toMatchObject({ status: 200 });
      const refused = {
        status: 429,
        json: { error_message: expect.stringContaining('limits.minInterval') as unknown },
      };
      expect(await post({ ...fast, id: 'b' })).toMatchObject(refused);
      expect(await rest.send('PUT /scheduler/jobs/b', { json: { ...JOB, ...fast, id: 'b' } })).toMatchObject(refused);
      expect(
        await rest.send('PATCH /scheduler/jobs/a', { json: { ...fast, trigger: 'interval', ...fast } }),
      ).toMatchObject(refused);
      expect(await rest.scheduler.getJobs()).toHaveLength(1);
    });

    it('says which times are too close', async () => {
      await open({ minInterval: '30m' });
      expect(await post({ ...CRON, minute: '0,29' })).toMatchObject(
        refusal('The trigger fires 1740 s after 2026-11-23T09:00:00+00:00, and limits.minInterval is 1800 s'),
      );
    });

    it('does not concern a change of something else, nor jobs of the application', async () => {
      await open({ minInterval: '1h' });
      await rest.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', seconds: 1 });
      expect(await rest.send('PATCH /scheduler/jobs/a', { json: { name: 'x' } })).toMatchObject({ status: 200 });
      const { json } = await rest.send('GET /scheduler/jobs/a');
      expect(await rest.send('PATCH /scheduler/jobs/a', { json })).toMatchObject({ status: 200 });
    });

    it('is 10 ms by default, and nothing when it is 0', async () => {
      await open({});
      const every = (ms: number) => ({ minutes: undefined, every: `${ms}ms`, next_run_time: null });
      expect(await post({ id: 'a', ...every(10) })).toMatchObject({ status: 200 });
      expect(await post({ id: 'b', ...every(9) })).toMatchObject({ status: 429 });
      await rest.close();
      await open({ minInterval: 0 });
      expect(await post({ id: 'b', ...every(1) })).toMatchObject({ status: 200 });
    });

    it('leaves it to the trigger to say that it is wrong', async () => {
      await open({ minInterval: '1h' });
      const ended = { seconds: 1, minutes: undefined, start_date: '2020-01-01', end_date: '2020-01-02' };
      expect(await post(ended)).toMatchObject({ status: 400 });
    });
  });
});
