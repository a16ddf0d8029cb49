import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../lib/engine/model/job.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';
import { jobToDict } from '../../../../lib/rest/wire/job-to-dict.js';
import { jsonify } from '../../../../lib/rest/wire/jsonify.js';
import { triggerToDict } from '../../../../lib/rest/wire/trigger-to-dict.js';

const INTERVAL = new IntervalTrigger({ minutes: 90, startDate: '2030-01-01', timezone: 'Europe/Berlin' });

const job = (changes: Partial<Job> = {}): Job => ({
  id: 'i1',
  name: 'n',
  task: 'app:work',
  args: [1],
  kwargs: { a: 2 },
  trigger: INTERVAL,
  startOpen: false,
  executor: 'default',
  coalesce: true,
  misfireGraceTime: 30,
  maxInstances: 3,
  catchUpLimit: 1000,
  overlap: 'skip',
  maxQueued: 100,
  timeout: null,
  retry: null,
  runOnStart: false,
  tags: [],
  metadata: {},
  description: null,
  maxRuns: null,
  pauseAfterFailures: null,
  enabled: true,
  nextRunTime: Date.UTC(2030, 0, 1),
  nextNominalTime: Date.UTC(2030, 0, 1),
  paused: false,
  jobStore: 'default',
  pending: false,
  lastRun: null,
  waitingFor: null,
  ...changes,
});

describe('triggerToDict', () => {
  it('shows a date trigger', () => {
    expect(triggerToDict(new DateTrigger({ runDate: '2030-05-05T12:00:00+02:00' }))).toEqual({
      trigger: 'date',
      run_date: '2030-05-05T12:00:00+02:00',
      timezone: '+02:00',
    });
  });

  it('shows an interval trigger by the parts that are not zero, its dates first', () => {
    const trigger = new IntervalTrigger({
      weeks: 1,
      days: 1,
      hours: 1,
      minutes: 1,
      seconds: 1,
      startDate: '2030-01-01',
      endDate: '2031-01-01',
      timezone: 'UTC',
    });
    const dict = triggerToDict(trigger);
    expect(dict).toEqual({
      trigger: 'interval',
      start_date: '2030-01-01T00:00:00+00:00',
      end_date: '2031-01-01T00:00:00+00:00',
      weeks: 1,
      days: 1,
      hours: 1,
      minutes: 1,
      seconds: 1,
      timezone: 'UTC',
    });
    expect(Object.keys(dict).slice(0, 3)).toEqual(['trigger', 'start_date', 'end_date']);
    expect(triggerToDict(INTERVAL)).not.toHaveProperty('weeks');
  });

  it('shows a cron trigger by the fields that were given, as text', () => {
    const trigger = new CronTrigger({ dayOfWeek: 'mon-fri', hour: 9, timezone: 'UTC', jitter: 5 });
    expect(triggerToDict(trigger)).toEqual({
      trigger: 'cron',
      day_of_week: 'mon-fri',
      hour: '9',
      timezone: 'UTC',
      jitter: 5,
    });
  });

  it("shows a trigger of somebody's own by its name and options", () => {
    const own: Trigger = {
      type: 'full-moon',
      timezone: 'UTC',
      next: () => null,
      previous: () => null,
      toJSON: () => ({ type: 'full-moon', leapYears: true }),
    };
    expect(triggerToDict(own)).toEqual({ trigger: 'full-moon', leap_years: true });
  });
});

describe('jobToDict', () => {
  it("shows a job, its next run in its trigger's zone", () => {
    expect(jobToDict(job())).toEqual({
      id: 'i1',
      name: 'n',
      func: 'app:work',
      args: [1],
      kwargs: { a: 2 },
      trigger: 'interval',
      start_date: '2030-01-01T00:00:00+01:00',
      hours: 1,
      minutes: 30,
      timezone: 'Europe/Berlin',
      misfire_grace_time: 30,
      max_instances: 3,
      next_run_time: '2030-01-01T01:00:00+01:00',
      coalesce: true,
      catch_up_limit: 1000,
      overlap: 'skip',
      max_queued: 100,
      timeout: null,
      retry: null,
      executor: 'default',
      jobstore: 'default',
      run_on_start: false,
      tags: [],
      metadata: {},
      description: null,
      max_runs: null,
      runs_left: null,
      pause_after_failures: null,
      failures: 0,
      enabled: true,
      paused: false,
      pause: null,
      last_run: null,
      waiting_for: null,
    });
  });

  it('shows that a job is paused', () => {
    expect(jobToDict(job({ nextRunTime: null, paused: true }))).toMatchObject({ next_run_time: null, paused: true });
  });

  it('shows who paused a job, when and why', () => {
    const pause = { since: Date.UTC(2030, 0, 1), actor: 'ann', note: 'the printer burns', reason: 'request' } as const;
    expect(jobToDict(job({ nextRunTime: null, paused: true, pause }))).toHaveProperty('pause', {
      since: '2030-01-01T00:00:00+00:00',
      actor: 'ann',
      note: 'the printer burns',
      reason: 'request',
    });
  });

  it('shows of a pending job what is settled', () => {
    const dict = jobToDict(job({ pending: true }));
    expect(dict).toMatchObject({ id: 'i1', trigger: 'interval', jobstore: 'default' });
    const defaults = ['misfire_grace_time', 'max_instances', 'next_run_time', 'coalesce', 'catch_up_limit'];
    for (const name of [...defaults, 'overlap', 'max_queued', 'timeout', 'retry']) {
      expect(dict).not.toHaveProperty(name);
    }
  });
});

describe('jsonify', () => {
  it('makes a JSON response', async () => {
    const response = jsonify({ a: [1, null] });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ a: [1, null] });
  });

  it('takes a status', () => {
    expect(jsonify({ error_message: 'x' }, 404).status).toBe(404);
  });

  it('writes dates as Python does, with a numeric offset', async () => {
    const dates = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-01T00:00:00.205Z'), new Date(NaN)];
    expect(await jsonify({ dates }).json()).toEqual({
      dates: ['2030-01-01T00:00:00+00:00', '2030-01-01T00:00:00.205000+00:00', null],
    });
  });

  it('writes jobs as the API answers them, however deep they are', async () => {
    expect(await jsonify(job()).json()).toEqual(jobToDict(job()));
    expect(await jsonify({ jobs: [job()] }).json()).toEqual({ jobs: [jobToDict(job())] });
  });

  it('writes null for nothing, and throws for a cycle', async () => {
    expect(await jsonify(undefined).json()).toBeNull();
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => jsonify(cycle)).toThrow(TypeError);
  });
});
