import { Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  CronTrigger,
  HttpBasicAuth,
  type JobDefinition,
  ManualClock,
  MemoryJobStore,
  SchedulerModule,
  SchedulerService,
  Task,
  schedulerOptionsFromConfig,
  type SchedulerModuleOptions,
} from 'nestjs-apscheduler';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { START, startApp, startFailure } from '../../support/nest-app.js';

@Injectable()
class Jobs {
  readonly calls: unknown[][] = [];

  @Task('jobs:job1')
  job1(...args: unknown[]): void {
    this.calls.push(args.slice(0, -1));
  }
}

describe('jobs of the options', () => {
  it('are declared in every form that a definition has', async () => {
    const called: string[] = [];
    const jobs: SchedulerModuleOptions['jobs'] = [
      { id: 'flat', task: 'jobs:job1', args: [1, 2], trigger: 'interval', minutes: 1 },
      { id: 'nested', func: 'jobs:job1', kwargs: { a: 3 }, trigger: { type: 'interval', minutes: 1 } },
      { id: 'trigger', task: 'jobs:job1', trigger: CronTrigger.fromCrontab('* * * * *') },
      { id: 'function', task: () => called.push('function'), trigger: 'interval', minutes: 1 },
      { task: 'jobs:job1', args: ['at once'] },
    ];
    const { app, clock, scheduler } = await startApp({ options: { jobs }, providers: [Jobs] });
    expect(await scheduler.getJobs()).toHaveLength(5);
    await clock.advance(60_000);
    expect(called).toEqual(['function']);
    // The cron job fires at 0:00 and at 0:01.
    expect(app.get(Jobs).calls).toHaveLength(5);
    expect(app.get(Jobs).calls).toEqual(expect.arrayContaining([[], [1, 2], [{ a: 3 }], ['at once']]));
  });

  it('are refused with their place in the list', async () => {
    const jobs = [
      { id: 'a', task: 'jobs:job1', trigger: 'interval', seconds: 0 },
      { id: 'b', trigger: 'interval', seconds: 1 },
      { id: 'c', task: 'jobs:job2', trigger: 'interval', seconds: 1 },
    ] as unknown as SchedulerModuleOptions['jobs'];
    const { message } = await startFailure({ options: { ...(jobs && { jobs }) }, providers: [Jobs] });
    expect(message).toContain('jobs[0] ("a"): ');
    expect(message).toContain('jobs[1] ("b"): task is missing');
    expect(message).toContain('jobs[2] ("c"): task "jobs:job2" is not registered; did you mean "jobs:job1"?');
  });

  it('stay as they are when a restarted application declares them unchanged: their pause, their phase', async () => {
    const store = new MemoryJobStore();
    const options: SchedulerModuleOptions = {
      jobStores: { default: store },
      jobs: [
        { id: 'paused', task: 'jobs:job1', trigger: 'interval', minutes: 10 },
        { id: 'weekly', task: 'jobs:job1', trigger: 'interval', weeks: 1 },
        { id: 'changed', task: 'jobs:job1', trigger: 'interval', minutes: 10 },
      ],
    };
    const first = await startApp({ options, providers: [Jobs] });
    await first.scheduler.pauseJob('paused');
    const before = await first.scheduler.getJob('weekly');
    await first.app.close();

    const clock = new ManualClock(START + 3 * 86_400_000);
    const changed: JobDefinition = { id: 'changed', task: 'jobs:job1', trigger: 'interval', minutes: 20 };
    const jobs = options.jobs?.map((job) => (job.id === 'changed' ? changed : job)) ?? [];
    const second = await startApp({ options: { ...options, clock, jobs }, providers: [Jobs] });
    expect(await second.scheduler.getJob('paused')).toMatchObject({ paused: true, nextRunTime: null });
    expect((await second.scheduler.getJob('weekly'))?.nextRunTime).toBe(before?.nextRunTime);
    // What is overdue stays due.
    expect((await second.scheduler.getJob('changed'))?.trigger.toJSON()).toMatchObject({ minutes: 20 });
    expect((await second.scheduler.getJob('changed'))?.nextRunTime).toBe(START + 10 * 60_000);
    expect(await second.scheduler.getJobs()).toHaveLength(3);
  });
});

describe('schedulerOptionsFromConfig', () => {
  it('makes an application of an environment', async () => {
    const clock = new ManualClock(START);
    const environment = {
      SCHEDULER_TIMEZONE: 'UTC',
      SCHEDULER_EXECUTORS: '{"default": {"type": "threadpool", "max_workers": 20}}',
      SCHEDULER_JOB_DEFAULTS: '{"max_instances": 3}',
      SCHEDULER_JOBS:
        '[{"id": "job1", "func": "jobs:job1", "args": [1, 2], "trigger": {"type": "cron", "second": "*/30"}}]',
    };
    const options = { ...schedulerOptionsFromConfig(environment), clock };
    const { app, scheduler } = await startApp({ options, providers: [Jobs] });
    expect(await scheduler.getJob('job1')).toMatchObject({ task: 'jobs:job1', maxInstances: 3 });
    await clock.advance(60_000);
    expect(app.get(Jobs).calls).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it("reads through Nest's ConfigService", async () => {
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          load: [() => ({ SCHEDULER_TIMEZONE: 'Asia/Tokyo', SCHEDULER_ALLOWED_HOSTS: ['elsewhere'] })],
        }),
        SchedulerModule.forRootAsync({
          imports: [ConfigModule],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => schedulerOptionsFromConfig(config),
        }),
      ],
    }).compile();
    onTestFinished(() => module.close());
    await module.init();
    const scheduler = module.get(SchedulerService);
    expect(scheduler.timezone).toBe('Asia/Tokyo');
    expect(scheduler.allowedHosts).toEqual(['elsewhere']);
    expect(scheduler.running).toBe(false);
  });

  it('takes the environment of the process', () => {
    vi.stubEnv('SCHEDULER_API_PREFIX', '/jobs');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(schedulerOptionsFromConfig(process.env)).toMatchObject({ apiPrefix: '/jobs' });
  });
});

describe('auth without anything that decides', () => {
  const WARNING = expect.stringContaining('The REST API refuses everybody') as string;
  const api = { apiEnabled: true, auth: new HttpBasicAuth() };

  it('is warned of at the start', async () => {
    const { logs } = await startApp({ options: api });
    expect(logs).toContainEqual(WARNING);
  });

  it.each<[what: string, options: SchedulerModuleOptions]>([
    ['a callback', { ...api, authenticate: () => true }],
    ['credentials', { ...api, auth: { username: 'ada', password: 'l0velace' } }],
    ['an open API', { ...api, auth: false }],
    ['a guard', { ...api, apiGuard: { canActivate: () => true } }],
    ['no API', { ...api, apiEnabled: false }],
  ])('is not warned of with %s', async (_what, options) => {
    const { logs } = await startApp({ options });
    expect(logs).not.toContainEqual(WARNING);
  });

  it('is not warned of when the callback comes before the start', async () => {
    @Injectable()
    class Users {
      constructor(scheduler: SchedulerService) {
        scheduler.authenticate(() => true);
      }
    }
    const { logs } = await startApp({ options: api, providers: [Users] });
    expect(logs).not.toContainEqual(WARNING);
  });
});
