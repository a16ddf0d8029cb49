import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const JOB = { id: 'a', func: 'app:work', trigger: 'interval', minutes: 10 };

describe.each(PLATFORMS)('how a job runs, on %s', (platform) => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp(platform);
    rest.scheduler.registerPredicate('isTransient', () => true);
  });
  afterEach(() => rest.close());

  const post = (json: object) => rest.send('POST /scheduler/jobs', { json: { ...JOB, ...json } });
  const patch = (json: object) => rest.send('PATCH /scheduler/jobs/a', { json });
  const get = async () => (await rest.send('GET /scheduler/jobs/a')).json as Record<string, unknown>;

  const GIVEN = {
    coalesce: 'all',
    catch_up_limit: 5,
    misfire_grace_time: '10m',
    max_instances: 2,
    overlap: 'queue',
    max_queued: 3,
    timeout: '30s',
    retry: {
      attempts: 3,
      delay: '10s',
      backoff: 'fixed',
      max_delay: 'PT1M',
      jitter: 0.5,
      retry_if: 'isTransient',
    },
    run_on_start: true,
  };
  const ANSWERED = {
    ...GIVEN,
    coalesce: false,
    misfire_grace_time: 600,
    timeout: 30,
    retry: { ...GIVEN.retry, delay: 10, max_delay: 60 },
  };

  it('is said when it is added, and answered with seconds as numbers', async () => {
    expect(await post(GIVEN)).toMatchObject({ status: 200, json: ANSWERED });
    expect(await rest.scheduler.getJob('a')).toMatchObject({
      coalesce: false,
      catchUpLimit: 5,
      misfireGraceTime: 600,
      maxInstances: 2,
      overlap: 'queue',
      maxQueued: 3,
      timeout: 30,
      retry: { attempts: 3, delay: 10, backoff: 'fixed', maxDelay: 60, jitter: 0.5, retryIf: 'isTransient' },
      runOnStart: true,
    });
  });

  it('is changed later, one thing at a time', async () => {
    await post({});
    for (const [name, value] of Object.entries(GIVEN)) {
      const { status, json } = await patch({ [name]: value });
      expect([name, status]).toEqual([name, 200]);
      expect(json).toHaveProperty(name, ANSWERED[name as keyof typeof ANSWERED]);
    }
    expect(await get()).toMatchObject(ANSWERED);
    expect(await patch({ retry: null, timeout: null, coalesce: 'earliest' })).toMatchObject({
      status: 200,
      json: { retry: null, timeout: null, coalesce: 'earliest', overlap: 'queue' },
    });
  });

  it('may name a mere number of attempts', async () => {
    const retry = { attempts: 3, delay: 1, backoff: 'exponential', max_delay: 3600, jitter: 0 };
    expect((await post({ retry: 3 })).json).toHaveProperty('retry', retry);
    expect((await patch({ retry: 1 })).json).toHaveProperty('retry', null);
    expect((await patch({ retry: { attempts: 3 } })).json).toHaveProperty('retry', retry);
  });

  it('is left as it is by an answer that is sent back, though a run has come in between', async () => {
    const { json } = await post(GIVEN);
    const before = await rest.scheduler.getJob('a');
    await rest.scheduler.runJob('a');
    const answer = await patch({ ...(json as object), name: 'renamed' });
    expect(answer.status).toBe(200);
    const { lastRun: _, ...settings } = before ?? {};
    expect(await rest.scheduler.getJob('a')).toMatchObject({ ...settings, name: 'renamed' });
    expect(answer.json).toMatchObject({ ...ANSWERED, last_run: { state: 'succeeded', result: 'done' } });
  });

  it('is copied by an answer that is added under another id', async () => {
    await post(GIVEN);
    await rest.scheduler.runJob('a');
    const { last_run: lastRun, ...settings } = await get();
    const copy = { ...settings, id: 'b', name: 'b' };
    expect(await rest.send('POST /scheduler/jobs', { json: { ...copy, last_run: lastRun } })).toMatchObject({
      status: 200,
      json: copy,
    });
    await rest.clock.advance(0);
    const added = (await rest.send('GET /scheduler/jobs/b')).json;
    expect(added).toMatchObject({ last_run: { job_id: 'b', cause: 'start' } });
  });

  it('shows a retryIf without a registered name by its own, which cannot be sent but back', async () => {
    const isWorthIt = (): boolean => true;
    const schedule = { trigger: 'interval', minutes: 10 } as const;
    await rest.scheduler.addJob({
      id: 'a',
      task: 'app:work',
      ...schedule,
      retry: { attempts: 2, retryIf: isWorthIt },
    });
    const job = await get();
    expect(job).toMatchObject({ retry: { attempts: 2, retry_if: 'isWorthIt' } });
    expect(await patch(job)).toMatchObject({ status: 200, json: job });
    expect((await rest.scheduler.getJob('a'))?.retry?.predicate).toBe(isWorthIt);
    const { status, json } = await patch({ retry: { attempts: 3, retry_if: 'isWorthIt' } });
    expect([status, json]).toEqual([
      400,
      { error_message: 'Invalid changes to job "a": retry.retry_if names no registered predicate, got "isWorthIt"' },
    ]);
  });

  it('cannot have a task called as its retry_if', async () => {
    const { status, json } = await post({ retry: { attempts: 2, retry_if: 'app:work' } });
    const message = 'Invalid job "a": retry.retry_if names no registered predicate, got "app:work"';
    expect([status, json]).toEqual([400, { error_message: message }]);
  });

  it('is refused with every fault by its name, where that is nested, too', async () => {
    const { status, json } = await post({
      coalesce: 'some',
      catch_up_limit: 0,
      overlap: 'wait',
      max_queued: 1.5,
      timeout: 'P1M',
      run_on_start: 'yes',
      retry: { attempts: 0, delay: 'soon', backoff: 'linear', max_delay: -1, retry_if: 'nobody', maxDelay: 5 },
    });
    const { error_message: message } = json as { error_message: string };
    expect(status).toBe(400);
    expect(message.replace(/^Invalid job "a": /, '').split('; ')).toEqual(
      expect.arrayContaining([
        'coalesce must be true, false, "latest", "earliest" or "all", got "some"',
        'catch_up_limit must be a whole number of at least 1, got 0',
        'overlap must be one of skip, queue, replace, allow, got "wait"',
        'max_queued must be a whole number of at least 1, got 1.5',
        'timeout must not count in years or months, which have no fixed length, got "P1M"',
        'run_on_start must be true, false, "node" or "cluster", got "yes"',
        'retry.attempts must be a whole number of at least 1, got 0',
        'retry.delay must be a duration such as 1h30m, 90s or PT90S, got "soon"',
        'retry.backoff must be "fixed" or "exponential", got "linear"',
        'retry.max_delay must be a number of seconds or a duration such as 1h30m, got -1',
        'retry.retry_if names no registered predicate, got "nobody"',
        'did you mean max_delay?',
      ]),
    );
    expect(await rest.scheduler.getJob('a')).toBeUndefined();
  });

  it('is shown with what is missing to run it', async () => {
    await post({});
    expect(await get()).toHaveProperty('waiting_for', null);
    await rest.scheduler.removeExecutor('default');
    expect(await get()).toHaveProperty('waiting_for', 'executor "default"');
  });

  it('is not shown of a pending job, but whether it runs at the start', async () => {
    await rest.send('POST /scheduler/shutdown');
    const { json } = await post({ run_on_start: true });
    for (const name of ['catch_up_limit', 'overlap', 'max_queued', 'timeout', 'retry']) {
      expect(json).not.toHaveProperty(name);
    }
    expect(json).toMatchObject({ run_on_start: true, last_run: null, waiting_for: null });
  });
});
