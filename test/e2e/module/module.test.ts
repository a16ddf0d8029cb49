import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  ManualClock,
  MemoryJobStore,
  SCHEDULER_OPTIONS,
  ScheduledTask,
  SchedulerModule,
  SchedulerService,
  type ResolvedSchedulerOptions,
  type SchedulerModuleOptions,
  type SchedulerOptionsFactory,
} from 'nestjs-apscheduler';
import { describe, expect, it, onTestFinished } from 'vitest';
import { START, createApp, startApp, startFailure } from '../../support/nest-app.js';

/** Counts its runs, one each minute. */
@Injectable()
class Counter {
  runs = 0;

  @ScheduledTask('interval', { id: 'count', minutes: 1 })
  count(): void {
    this.runs++;
  }
}

describe('SchedulerModule.forRoot', () => {
  it('needs no options', async () => {
    const module = await Test.createTestingModule({ imports: [SchedulerModule.forRoot()] }).compile();
    onTestFinished(() => module.close());
    await module.init();
    expect(module.get(SchedulerService).running).toBe(true);
  });

  it('runs decorated methods on time', async () => {
    const { app, clock } = await startApp({ providers: [Counter] });
    await clock.advance(10 * 60_000);
    expect(app.get(Counter).runs).toBe(10);
  });

  it('makes the service and the options injectable in modules that do not import it', async () => {
    @Injectable()
    class Consumer {
      constructor(
        @Inject(SchedulerService) readonly scheduler: SchedulerService,
        @Inject(SCHEDULER_OPTIONS) readonly options: ResolvedSchedulerOptions,
      ) {}
    }
    @Module({ providers: [Consumer] })
    class Feature {}
    const { app, scheduler } = await createApp({ imports: [Feature], options: { shutdownTimeout: 3 } });
    expect(app.get(Consumer, { strict: false }).scheduler).toBe(scheduler);
    expect(app.get(Consumer, { strict: false }).options.shutdownTimeout).toBe(3);
  });

  it('refuses options that cannot work, before anything is started', async () => {
    const error = await startFailure({ options: { shutdownTimeout: -1, apiEnabled: true } });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/shutdownTimeout must be a number of seconds .*, got -1/);
    expect(error.message).toContain('apiEnabled needs to know who may use the REST API');
  });

  it('brings the job stores and executors of the options to the engine', async () => {
    const { scheduler } = await startApp({
      options: {
        jobStores: { mine: new MemoryJobStore(), other: { type: 'memory' } },
        executors: { narrow: { type: 'local', concurrency: 1 } },
        jobDefaults: { maxInstances: 7 },
        timezone: 'Asia/Tokyo',
      },
    });
    const definition = { task: () => undefined, trigger: 'interval', hours: 1, executor: 'narrow' } as const;
    const jobs = [
      await scheduler.addJob({ ...definition, jobStore: 'mine' }),
      await scheduler.addJob({ ...definition, jobStore: 'other' }),
      await scheduler.addJob(definition),
    ];
    expect(jobs.map(({ jobStore }) => jobStore)).toEqual(['mine', 'other', 'default']);
    expect(jobs.map(({ maxInstances }) => maxInstances)).toEqual([7, 7, 7]);
    expect(jobs.map(({ trigger }) => trigger.timezone)).toEqual(['Asia/Tokyo', 'Asia/Tokyo', 'Asia/Tokyo']);
  });
});

describe('SchedulerModule imported more than once', () => {
  const featureWith = (options?: SchedulerModuleOptions) => {
    @Module({ imports: [SchedulerModule.forRoot(options)] })
    class Feature {}
    return Feature;
  };

  it('runs everything once when the options are the same', async () => {
    const clock = new ManualClock(START);
    const options = { clock, allowedHosts: ['*'], timezone: 'UTC' };
    const imports = [featureWith({ ...options, allowedHosts: ['*'] }), featureWith({ ...options })];
    const { app } = await startApp({ imports, options, providers: [Counter] });
    expect(await app.get(SchedulerService).getJobs()).toHaveLength(1);
    await clock.advance(5 * 60_000);
    expect(app.get(Counter).runs).toBe(5);
    const services = app.get(SchedulerService, { strict: false, each: true });
    expect(services).toHaveLength(3);
    expect(new Set(services).size).toBe(1);
    await app.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('names the options that differ', async () => {
    const clock = new ManualClock(START);
    const imports = [featureWith({ clock, timezone: 'Europe/Berlin', autoStart: false })];
    const error = await startFailure({ imports, options: { clock, timezone: 'UTC' } });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('imported twice with different options: ');
    expect(error.message).toContain('autoStart');
    expect(error.message).toContain('timezone');
    expect(error.message).not.toContain('clock');
  });

  it('may be imported without forRoot beside the one that has the options', async () => {
    @Module({ imports: [SchedulerModule] })
    class Feature {}
    const { app, clock } = await startApp({ imports: [Feature], providers: [Counter] });
    await clock.advance(2 * 60_000);
    expect(app.get(Counter).runs).toBe(2);
  });

  it('says what is missing when it is only imported without forRoot', async () => {
    const compiled = Test.createTestingModule({ imports: [SchedulerModule] }).compile();
    await expect(compiled).rejects.toThrow('SchedulerModule has no options: import SchedulerModule.forRoot()');
  });

  it('leaves two applications in one process apart', async () => {
    const first = await startApp({ providers: [Counter] });
    const second = await startApp({ providers: [Counter], options: { shutdownTimeout: 1 } });
    expect(second.scheduler).not.toBe(first.scheduler);
    await first.clock.advance(3 * 60_000);
    await first.app.close();
    await second.clock.advance(60_000);
    expect([first.app.get(Counter).runs, second.app.get(Counter).runs]).toEqual([3, 1]);
    expect(second.scheduler.running).toBe(true);
  });
});

describe('SchedulerModule.forRootAsync', () => {
  const SETTINGS = Symbol('SETTINGS');

  @Module({ providers: [{ provide: SETTINGS, useValue: { timezone: 'Asia/Tokyo' } }], exports: [SETTINGS] })
  class SettingsModule {}

  @Injectable()
  class OptionsService implements SchedulerOptionsFactory {
    createSchedulerOptions(): Promise<SchedulerModuleOptions> {
      return Promise.resolve({ timezone: 'Asia/Kathmandu' });
    }
  }

  @Module({ providers: [OptionsService], exports: [OptionsService] })
  class OptionsModule {}

  async function timezoneOf(module: ReturnType<typeof SchedulerModule.forRootAsync>): Promise<string> {
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    onTestFinished(() => app.close());
    await app.init();
    expect(app.get(SchedulerService).running).toBe(true);
    return app.get(SchedulerService).timezone;
  }

  it('takes options from a factory with injected dependencies', async () => {
    const module = SchedulerModule.forRootAsync({
      imports: [SettingsModule],
      inject: [SETTINGS],
      useFactory: ({ timezone }: { timezone: string }) => Promise.resolve({ timezone }),
    });
    expect(await timezoneOf(module)).toBe('Asia/Tokyo');
  });

  it('takes options from a class that it makes', async () => {
    expect(await timezoneOf(SchedulerModule.forRootAsync({ useClass: OptionsService }))).toBe('Asia/Kathmandu');
  });

  it('takes options from a provider that exists', async () => {
    const module = SchedulerModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsService });
    expect(await timezoneOf(module)).toBe('Asia/Kathmandu');
  });

  it('checks them as it does those of forRoot', async () => {
    const module = SchedulerModule.forRootAsync({ useFactory: () => ({ timezone: 'Mars/Olympus' }) });
    await expect(timezoneOf(module)).rejects.toThrow('timezone must be an IANA time zone');
  });

  it('refuses a factory that makes nothing', async () => {
    const module = SchedulerModule.forRootAsync({ useFactory: () => undefined as unknown as SchedulerModuleOptions });
    await expect(timezoneOf(module)).rejects.toThrow('they must be an object, got undefined');
  });
});
