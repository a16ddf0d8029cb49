import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../lib/engine/model/run-record.js';
import { jsonify } from '../../../../lib/rest/wire/jsonify.js';
import { runPageToDict, runToDict } from '../../../../lib/rest/wire/run-to-dict.js';

const AT = Date.UTC(2030, 0, 1, 9);

const run = (changes: Partial<Run> = {}): Run => ({
  id: '0001b82f2ac0000001-0a1b2c3d',
  jobId: 'report',
  jobStore: 'default',
  task: 'Reports:daily',
  cause: 'retry',
  nominalTime: AT,
  lastNominalTime: AT,
  fireTime: AT + 500,
  startedAt: AT + 1000,
  finishedAt: AT + 2250,
  attempt: 2,
  retryOf: '0001b82f2ac0000000-0a1b2c3d',
  retryAt: AT + 60_000,
  given: null,
  state: 'failed',
  reason: null,
  settled: true,
  result: null,
  resultOmitted: null,
  error: { name: 'TypeError', message: 'no such report', stack: 'TypeError: no such report\n    at daily' },
  log: [{ time: AT + 1500, message: 'half of it' }],
  progress: 0.5,
  node: 'worker-1',
  executor: 'default',
  worker: null,
  ...changes,
});

describe('runToDict', () => {
  it('shows a run, its times in UTC and how long it took in seconds', () => {
    expect(runToDict(run())).toEqual({
      id: '0001b82f2ac0000001-0a1b2c3d',
      job_id: 'report',
      jobstore: 'default',
      func: 'Reports:daily',
      cause: 'retry',
      state: 'failed',
      reason: null,
      settled: true,
      scheduled_run_time: '2030-01-01T09:00:00+00:00',
      last_scheduled_run_time: '2030-01-01T09:00:00+00:00',
      fire_time: '2030-01-01T09:00:00.500000+00:00',
      started_at: '2030-01-01T09:00:01+00:00',
      finished_at: '2030-01-01T09:00:02.250000+00:00',
      duration: 1.25,
      attempt: 2,
      given: null,
      retry_of: '0001b82f2ac0000000-0a1b2c3d',
      retry_at: '2030-01-01T09:01:00+00:00',
      result: null,
      result_omitted: null,
      error: { name: 'TypeError', message: 'no such report', stack: 'TypeError: no such report\n    at daily' },
      log: [{ time: '2030-01-01T09:00:01.500000+00:00', message: 'half of it' }],
      progress: 0.5,
      node: 'worker-1',
      executor: 'default',
      worker: null,
    });
  });

  it('shows what a run by hand was given in place of its own arguments', () => {
    expect(runToDict(run({ given: { args: ['moon'] } }))['given']).toEqual({ args: ['moon'], kwargs: null });
  });

  it.each([
    [{ startedAt: null, finishedAt: null }, null],
    [{ startedAt: AT, finishedAt: null }, null],
    [{ startedAt: null, finishedAt: AT }, null],
    [{ startedAt: AT, finishedAt: AT }, 0],
    [{ startedAt: AT, finishedAt: AT - 5000 }, 0],
  ])('of %j has a duration of %j', (times, duration) => {
    expect(runToDict(run(times))).toHaveProperty('duration', duration);
  });
});

describe('runPageToDict', () => {
  it('shows the runs of a page, and where the next one begins', () => {
    expect(runPageToDict({ runs: [run()], nextCursor: 'x' })).toEqual({ runs: [runToDict(run())], next_cursor: 'x' });
    expect(runPageToDict({ runs: [], nextCursor: null })).toEqual({ runs: [], next_cursor: null });
  });
});

describe('jsonify', () => {
  it('writes runs as the API answers them, however deep they are', async () => {
    expect(await jsonify({ last: [run()] }).json()).toEqual({ last: [runToDict(run())] });
  });
});
