import { applyDecorators, Injectable } from '@nestjs/common';
import { CronExpression, CronTrigger, RunContext, ScheduledTask, Task } from 'nestjs-apscheduler';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp, startApp, startFailure, START } from '../../support/nest-app.js';

describe('An application that starts', () => {
  it('says how many jobs it declares and when the next is due', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { hours: 2 })
      @ScheduledTask('interval', { hours: 1 })
      report(): void {}
    }
    const { logs } = await startApp({ providers: [Reports] });
    expect(logs).toContain('log: 2 job(s) declared; the next is due at 2030-01-01T01:00:00.000Z');
  });

  it('says that it declares no jobs', async () => {
    const { logs } = await startApp();
    expect(logs).toContain('log: No jobs are declared');
  });

  it('names a class with schedules that no module provides, once', async () => {
    class Base {
      @ScheduledTask('interval', { hours: 1 })
      inherited(): void {}
    }
    @Injectable()
    class Provided extends Base {}
    @Injectable()
    class Forgotten {
      @ScheduledTask('interval', { hours: 1 })
      report(): void {}
    }
    const warning = 'warn: @ScheduledTask is not looked at in classes that no module provides: Forgotten';
    const first = await startApp({ providers: [Provided] });
    expect(first.logs.filter((line) => line.startsWith('warn'))).toEqual([warning]);
    const second = await startApp();
    expect(second.logs).not.toContain(warning);
    expect(Forgotten.name).toBe('Forgotten');
  });

  it('warns under PM2 that each process runs all jobs in memory', async () => {
    process.env['pm_id'] = '0';
    onTestFinished(() => void delete process.env['pm_id']);
    const { logs } = await startApp();
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: This is one of several processes, under PM2 or in a cluster, and each runs all jobs that are kept in memory: ' +
        'keep them in a shared store, or schedule in one process',
    ]);
  });
});

describe('A job store of which options only say the kind', () => {
  it('is loaded and opened: SQL by its URL', async () => {
    const { scheduler } = await startApp({
      options: { jobStores: { default: { type: 'sql', url: 'sqlite::memory:', tablePrefix: 'jobs_' } } },
    });
    expect(scheduler.health().jobStores).toMatchObject({ default: { status: 'up' } });
    await scheduler.shutdown();
  });

  it('is loaded: Redis by its URL', async () => {
    const jobStores = { default: { type: 'redis', url: 'redis://127.0.0.1:1' } } as const;
    const { scheduler } = await createApp({ options: { jobStores } });
    await expect(scheduler.start()).rejects.toThrow('Redis at 127.0.0.1:1');
  });

  it('is named where it cannot use its options, and no URL is shown', async () => {
    const jobStores = { kept: { type: 'sql', url: 'mongodb://a:secret@b' } } as const;
    const { message } = await startFailure({ options: { jobStores } });
    expect(message).toContain('Job store "kept" cannot be made');
    expect(message).not.toContain('secret');
  });
});

describe('A declaration', () => {
  it('stays without running with enabled: false, by a decorator and in the option jobs; its task can be used', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { hours: 1, enabled: false })
      off(): void {}

      @ScheduledTask('interval', { hours: 1, enabled: true })
      on(): void {}
    }
    const { scheduler } = await startApp({
      providers: [Reports],
      options: {
        jobs: [
          { id: 'listed', task: 'Reports:off', trigger: 'interval', hours: 1, enabled: false },
          { id: 'kept', task: 'Reports:off', trigger: 'interval', hours: 1, enabled: true },
        ],
      },
    });
    const jobs = await scheduler.getJobs();
    const due = jobs.filter(({ nextRunTime }) => nextRunTime !== null).map(({ id }) => id);
    const held = jobs.filter(({ enabled, paused }) => paused && !enabled).map(({ id }) => id);
    expect(due.toSorted()).toEqual(['Reports:on', 'kept']);
    expect(held.toSorted()).toEqual(['Reports:off', 'listed']);
    expect(scheduler.tasks.has('Reports:off')).toBe(true);
  });

  it('is refused with an enabled that is neither true nor false', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { hours: 1, enabled: 'false' as never })
      report(): void {}
    }
    const { message } = await startFailure({ providers: [Reports] });
    expect(message).toContain('enabled must be true or false, got "false"');
  });

  it('of a date with a delay runs once, that long after the start', async () => {
    const times: number[] = [];
    @Injectable()
    class Caches {
      @ScheduledTask('date', { delay: '5s' })
      warmUp(run: RunContext): void {
        times.push(run.scheduledTime);
      }
    }
    const { clock } = await startApp({ providers: [Caches] });
    await clock.advance('1m');
    expect(times).toEqual([START + 5_000]);
  });

  it('can be made by a decorator of the application, from applyDecorators()', async () => {
    const Nightly = (name: string) => applyDecorators(Task(name), ScheduledTask('cron', { hour: 3 }));
    @Injectable()
    class Files {
      @Nightly('tidy')
      tidy(): void {}
    }
    const { scheduler } = await startApp({ providers: [Files] });
    expect(await scheduler.getJobs()).toMatchObject([{ id: 'Files:tidy', task: 'tidy' }]);
  });
});

describe('Names for common crontab strings', () => {
  it('can all be read', () => {
    const crontabs = Object.values(CronExpression);
    expect(crontabs).toHaveLength(83);
    for (const crontab of crontabs) expect(CronTrigger.fromCrontab(crontab).next(null, START)).not.toBeNull();
  });
});
