import { Injectable } from '@nestjs/common';
import { ScheduledTask, schedulerOptionsFromConfig, Task, type Job, type RunContext } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { createApp, START, startApp, startFailure } from '../../support/nest-app.js';

@Injectable()
class Reports {
  @Task('report')
  report(): void {}
}

/** What the definitions below have in common, however they are given. */
const EXPECTED = {
  misfireGraceTime: 300,
  trigger: { type: 'interval', hours: 1, minutes: 30, jitter: { max: 120, seed: 'id' } },
  isDelayedWithinBounds: true,
};

function told(job: Job | undefined): object {
  if (job === undefined) throw new Error('there is no such job');
  const delay = (job.nextRunTime ?? 0) - (START + 90 * 60_000);
  const isDelayedWithinBounds = delay >= 0 && delay <= 120_000;
  return { misfireGraceTime: job.misfireGraceTime, trigger: job.trigger.toJSON(), isDelayedWithinBounds };
}

describe('Durations as text and seeded jitter', () => {
  it('are taken by decorators', async () => {
    @Injectable()
    class Decorated {
      @ScheduledTask('interval', {
        id: 'a',
        every: '1h30m',
        jitter: { max: '2m', seed: 'id' },
        misfireGraceTime: 'PT5M',
      })
      run(): void {}
    }
    const { scheduler } = await startApp({ providers: [Decorated] });
    expect(told(await scheduler.getJob('a'))).toMatchObject(EXPECTED);
  });

  it('are refused by decorators beside the parts of an interval', async () => {
    @Injectable()
    class Broken {
      // @ts-expect-error an interval has parts or a text, not both
      @ScheduledTask('interval', { every: '1h', seconds: 5 })
      both(): void {}
    }
    const { message } = await startFailure({ providers: [Broken] });
    expect(message).toContain('Broken.both: seconds must not be given beside every');
  });

  it('are taken by the options, defaults included', async () => {
    const { scheduler } = await startApp({
      providers: [Reports],
      options: {
        jobDefaults: { misfireGraceTime: '5m' },
        jobs: [
          { id: 'a', task: 'report', trigger: 'interval', every: 'PT90M', jitter: { max: '2m', seed: 'id' } },
          { id: 'b', task: 'report', trigger: { type: 'interval', every: '90m', jitter: { max: 120, seed: 'id' } } },
        ],
      },
    });
    expect(told(await scheduler.getJob('a'))).toMatchObject(EXPECTED);
    expect(told(await scheduler.getJob('b'))).toMatchObject(EXPECTED);
  });

  it('are taken by an environment', async () => {
    const jitter = { max: '2m', seed: 'id' };
    const options = schedulerOptionsFromConfig({
      SCHEDULER_JOB_DEFAULTS: '{"misfire_grace_time": "5m"}',
      SCHEDULER_JOBS: JSON.stringify([
        { id: 'flat', func: 'report', trigger: 'interval', every: '1h30m', jitter },
        { id: 'nested', func: 'report', trigger: { type: 'interval', every: '1h30m', jitter } },
        { id: 'own', func: 'report', trigger: 'interval', every: '1h30m', jitter, misfire_grace_time: 'PT5M' },
      ]),
    });
    const { scheduler } = await startApp({ providers: [Reports], options });
    for (const id of ['flat', 'nested', 'own']) expect(told(await scheduler.getJob(id))).toMatchObject(EXPECTED);
  });

  it('survive an export and an import', async () => {
    const definition = {
      task: 'report',
      trigger: 'interval',
      every: '1h30m',
      jitter: { max: '2m', seed: 'id' },
    } as const;
    const { scheduler } = await startApp({ providers: [Reports] });
    const job = await scheduler.addJob({ id: 'a', ...definition, misfireGraceTime: '5m' });
    const text = await scheduler.exportJobs();
    await scheduler.removeAllJobs();
    const [copy] = await scheduler.importJobs(text);
    expect(told(copy)).toMatchObject(EXPECTED);
    expect(copy?.nextRunTime).toBe(job.nextRunTime);
  });

  it('that cannot be read keep the application from starting, each named with where it stands', async () => {
    @Injectable()
    class Broken {
      @ScheduledTask('interval', { every: '1 hour' })
      one(): void {}

      @ScheduledTask('cron', { hour: 3, jitter: '5', misfireGraceTime: 'P1M' })
      two(): void {}
    }
    const jobs = [{ id: 'a', task: 'report', trigger: 'interval', every: 'P1Y' }] as const;
    const { message } = await startFailure({ providers: [Broken, Reports], options: { jobs } });
    expect(message).toContain('Broken.one: every must be a duration such as 1h30m, 90s or PT90S, got "1 hour"');
    expect(message).toContain(
      'misfireGraceTime must not count in years or months, which have no fixed length, got "P1M"',
    );
    expect(message).toContain('jitter needs a unit (90s), got "5"');
    expect(message).toMatch(/jobs\[0\].*: every must not count in years or months, .*, got "P1Y"/);
  });

  it('say how long the service waits for running jobs', async () => {
    const { app, scheduler, clock } = await createApp({ providers: [Reports] });
    await app.init();
    const untilAborted = ({ signal }: RunContext): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    await scheduler.addJob({ task: untilAborted, trigger: 'date', runDate: START });
    await clock.advance(0);
    let stopped = false;
    const shutdown = scheduler.shutdown({ timeout: '1m' }).then(() => (stopped = true));
    await clock.advance('59s');
    expect(stopped).toBe(false);
    await clock.advance('1s');
    await shutdown;
  });
});

describe('SchedulerService', () => {
  it('previews triggers and jobs', async () => {
    const { scheduler } = await startApp({ providers: [Reports] });
    await scheduler.addJob({ id: 'a', task: 'report', trigger: 'cron', hour: 9 });
    const expected = {
      description: 'at 09:00, every day (UTC)',
      timezone: 'UTC',
      times: [{ time: START + 9 * 3_600_000, iso: '2030-01-01T09:00:00+00:00' }],
    };
    expect(await scheduler.previewJob('a', { count: 1 })).toEqual(expected);
    expect(await scheduler.preview({ trigger: 'cron', hour: 9 }, { count: 1 })).toEqual(expected);
    expect((await scheduler.previewJob('a')).times).toHaveLength(10);
  });
});
