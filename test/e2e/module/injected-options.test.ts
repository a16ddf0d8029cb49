import { setImmediate } from 'node:timers/promises';
import { Global, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ConfigurationError, ScheduledTask, Task } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { startApp, startFailure, type NestWorldOptions } from '../../support/nest-app.js';

@Injectable()
class AppConfig {
  readonly reportCron = '0 9 * * 1-5';
  readonly reports = true;
  readonly pollSeconds = 30;
}

@Module({ providers: [AppConfig], exports: [AppConfig] })
class ConfigModule {}

const schedule = ScheduledTask as unknown as (...args: unknown[]) => MethodDecorator;

async function problemsOf(parts: NestWorldOptions): Promise<readonly string[]> {
  const error = await startFailure(parts);
  expect(error).toBeInstanceOf(ConfigurationError);
  return error.message.split('\n  - ').slice(1);
}

describe('a schedule whose options are made by a factory', () => {
  it('is made for each type of trigger, of what its module imports', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask(
        'cron',
        (config: AppConfig) => ({ crontab: config.reportCron, enabled: config.reports, id: 'report' }),
        { inject: [AppConfig] },
      )
      @ScheduledTask('cron', (config) => ({ crontab: config.reportCron, enabled: !config.reports, id: 'off' }), {
        inject: [AppConfig],
      })
      report(): void {}

      @ScheduledTask('interval', ({ pollSeconds }) => ({ seconds: pollSeconds, id: 'poll', args: [pollSeconds] }), {
        inject: [AppConfig],
      })
      poll(_every: number): void {}

      @ScheduledTask('date', (delay: string, missing?: string) => ({ delay, id: 'once', name: missing ?? 'none' }), {
        inject: ['DELAY', { token: 'MISSING', optional: true }],
      })
      once(): void {}

      @ScheduledTask('calendarinterval', async () => (await setImmediate(), { months: 1, id: 'monthly' }), {
        inject: [],
      })
      monthly(): void {}

      @ScheduledTask(
        'or',
        () => ({
          triggers: [
            { type: 'cron', hour: 4 },
            { type: 'interval', days: 9 },
          ],
          id: 'or',
        }),
        {
          inject: [],
        },
      )
      either(): void {}
    }
    @Module({ imports: [ConfigModule], providers: [Reports, { provide: 'DELAY', useValue: '5s' }] })
    class ReportsModule {}
    const { scheduler } = await startApp({ imports: [ReportsModule] });
    const jobs = new Map((await scheduler.getJobs()).map((job) => [job.id, job]));
    expect([...jobs.keys()].sort()).toEqual(['monthly', 'off', 'once', 'or', 'poll', 'report']);
    expect(jobs.get('off')).toMatchObject({ enabled: false, nextRunTime: null });
    expect(jobs.get('report')).toMatchObject({ enabled: true });
    expect(jobs.get('report')?.trigger.toJSON()).toMatchObject({ crontab: '0 9 * * 1-5' });
    expect(jobs.get('poll')).toMatchObject({ args: [30], task: 'Reports:poll' });
    expect(jobs.get('poll')?.trigger.toJSON()).toMatchObject({ seconds: 30 });
    expect(jobs.get('once')?.name).toBe('none');
  });

  it('is given what a constructor there would be given: its own providers, global ones, and transient ones', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Own {
      readonly minutes = 3;
    }
    @Global()
    @Module({ imports: [ConfigModule], exports: [ConfigModule] })
    class GlobalModule {}
    @Injectable()
    class Reports {
      @ScheduledTask('interval', (config, own) => ({ seconds: config.pollSeconds, minutes: own.minutes }), {
        inject: [AppConfig, Own],
      })
      run(): void {}
    }
    @Module({ providers: [Reports, Own] })
    class ReportsModule {}
    const { scheduler } = await startApp({ imports: [GlobalModule, ReportsModule] });
    expect((await scheduler.getJobs())[0]?.trigger.toJSON()).toMatchObject({ minutes: 3, seconds: 30 });
  });

  it('is made once, when onModuleInit has set its dependencies up, also for a class whose instances are made for each run', async () => {
    let calls = 0;
    @Injectable()
    class Remote {
      seconds = 0;
      onModuleInit(): void {
        this.seconds = 20;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Reports {
      constructor(@Inject(REQUEST) readonly request: unknown) {}

      @ScheduledTask('interval', ({ seconds }) => ({ seconds: seconds * ++calls }), { inject: [Remote] })
      run(): void {}
    }
    const { clock } = await startApp({ providers: [Remote, Reports] });
    await clock.advance(60_000);
    expect(calls).toBe(1);
  });

  it('keeps the name that @Task gives, and the options that the other decorators have', async () => {
    @Injectable()
    class Reports {
      @Task('report', { rest: false })
      @ScheduledTask('interval', () => ({ minutes: 1 }), { inject: [] })
      @ScheduledTask('interval', { minutes: 2 })
      run(): void {}
    }
    const { scheduler } = await startApp({ providers: [Reports] });
    expect((await scheduler.getJobs()).map(({ id, task }) => [id, task])).toEqual([
      ['Reports:run', 'report'],
      ['Reports:run#2', 'report'],
    ]);
  });

  it('is reported with its class and method when it cannot be made, all of them at once', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    @Injectable()
    class PerTenant {
      constructor(readonly tenant: Tenant) {}
    }
    @Injectable()
    class Reports {
      @ScheduledTask('cron', ({ reportCron }) => ({ crontab: reportCron }), { inject: [AppConfig] })
      unknownClass(): void {}

      @ScheduledTask('interval', (_a: string, b: string) => ({ every: b }), { inject: ['KNOWN', 'UNKNOWN'] })
      unknownName(): void {}

      @ScheduledTask('interval', () => ({ minutes: 1 }), { inject: [Tenant] })
      scoped(): void {}

      @ScheduledTask('interval', () => ({ minutes: 1 }), { inject: [PerTenant] })
      dependsOnScoped(): void {}

      @ScheduledTask('interval', () => ({ minutes: 1 }), { inject: [REQUEST] })
      request(): void {}

      @schedule(
        'interval',
        () => {
          throw new Error('postgres://ada:secret@db is away');
        },
        { inject: [] },
      )
      throws(): void {}

      @schedule('interval', () => Promise.reject(new TypeError('no period')), { inject: [] })
      rejects(): void {}

      @schedule('interval', () => 5, { inject: [] })
      number(): void {}

      @schedule('interval', async () => undefined, { inject: [] })
      nothing(): void {}

      @schedule('interval', () => ({ seconds: -1 }), { inject: [] })
      wrongOption(): void {}

      @schedule('interval', () => ({ minutes: 1 }))
      noInject(): void {}

      @schedule('interval', () => ({ minutes: 1 }), { inject: AppConfig })
      noArray(): void {}

      @schedule('interval', () => ({ minutes: 1 }), { inject: [], id: 'x' })
      optionsBeside(): void {}
    }
    // The module has it, and Reports' own module does not import it.
    const providers = [Reports, Tenant, PerTenant, { provide: 'KNOWN', useValue: 1 }];
    @Module({ providers })
    class ReportsModule {}
    const problems = await problemsOf({ imports: [ConfigModule, ReportsModule] });
    const problem = (method: string): string => problems.find((text) => text.startsWith(`Reports.${method}: `)) ?? '';
    expect(problems).toHaveLength(13);
    expect(problem('unknownClass')).toMatch(
      /cannot inject what its factory asks for: .*AppConfig at index \[0\].*ReportsModule/,
    );
    expect(problem('unknownName')).toMatch(/"UNKNOWN" at index \[1\]/);
    expect(problem('unknownName')).not.toContain('\n');
    expect(problem('scoped')).toContain(
      'Tenant is request-scoped, and there is no request when the application starts',
    );
    expect(problem('dependsOnScoped')).toContain('PerTenant is request-scoped');
    expect(problem('request')).toContain('REQUEST is request-scoped');
    expect(problem('throws')).toMatch(/@ScheduledTask has a factory that failed: postgres:.* is away/);
    expect(problems.join()).not.toContain('secret');
    expect(problem('rejects')).toContain('has a factory that failed: no period');
    expect(problem('number')).toContain('has a factory that must return an object of options, got 5');
    expect(problem('nothing')).toContain('has a factory that must return an object of options, got undefined');
    expect(problem('wrongOption')).toContain('seconds ');
    expect(problem('noInject')).toContain('needs { inject: [...] } beside its factory, got undefined');
    expect(problem('noArray')).toContain(
      'needs inject to be an array of what its factory takes, got [class AppConfig]',
    );
    expect(problem('optionsBeside')).toContain(
      'takes only { inject } beside a factory, which returns all other options; got id',
    );
  });
});
