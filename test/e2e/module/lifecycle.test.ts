import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type INestApplicationContext,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ConfigurationError,
  EVENT_SCHEDULER_STARTED,
  ManualClock,
  MemoryJobStore,
  OnSchedulerEvent,
  STATE_PAUSED,
  ScheduledTask,
  SchedulerModule,
  SchedulerService,
  SystemClock,
  Task,
  type RunContext,
  type SchedulerModuleOptions,
} from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gate } from '../../support/engine.js';
import { START, createApp, startApp } from '../../support/nest-app.js';

/** Runs as soon as the scheduler starts, and ends when the test says or its signal does. */
@Injectable()
class LongTask {
  state: 'waiting' | 'running' | 'aborted' | 'done' = 'waiting';
  finish: () => void = () => undefined;

  @ScheduledTask('date', { id: 'long' })
  async run({ signal }: RunContext): Promise<void> {
    this.state = 'running';
    await new Promise<void>((resolve) => {
      this.finish = resolve;
      signal.addEventListener('abort', () => resolve());
    });
    this.state = signal.aborted ? 'aborted' : 'done';
  }
}

describe('starting with the application', () => {
  it('runs nothing before every module has bootstrapped, wherever it stands', async () => {
    const clock = new ManualClock(START);
    const order: string[] = [];
    const slow = (name: string) => {
      @Injectable()
      class Slow implements OnApplicationBootstrap {
        async onApplicationBootstrap(): Promise<void> {
          // Long enough for a due job to run, if it could.
          await clock.advance(60_000);
          order.push(name);
        }
      }
      return Slow;
    };
    @Injectable()
    class Job {
      @ScheduledTask('date', {})
      run(): void {
        order.push('run');
      }

      @OnSchedulerEvent(EVENT_SCHEDULER_STARTED)
      started(): void {
        order.push('started');
      }
    }
    @Module({ providers: [slow('child')] })
    class Child {}
    @Module({ imports: [Child], providers: [slow('parent')] })
    class Parent {}
    await startApp({ options: { clock }, imports: [Parent], providers: [Job, slow('root')] });
    await clock.advance(0);
    expect(order.slice(0, 3).sort()).toEqual(['child', 'parent', 'root']);
    expect(order.slice(3)).toEqual(['started', 'run']);
  });

  it('leaves the start to the user with autoStart: false, and has declared the jobs by then', async () => {
    const { app, clock, scheduler } = await startApp({ options: { autoStart: false }, providers: [LongTask] });
    expect(scheduler.running).toBe(false);
    expect((await scheduler.getJob('long'))?.pending).toBe(true);
    await clock.advance(1000);
    expect(app.get(LongTask).state).toBe('waiting');
    await scheduler.start();
    await clock.advance(0);
    expect(app.get(LongTask).state).toBe('running');
    app.get(LongTask).finish();
  });

  it('is content when the application has started the scheduler already', async () => {
    @Injectable()
    class Impatient implements OnModuleInit {
      constructor(private readonly scheduler: SchedulerService) {}

      onModuleInit(): void {
        void this.scheduler.start({ paused: true });
      }
    }
    // Still opening its store when the application's bootstrap is over.
    class SlowStore extends MemoryJobStore {
      async start(): Promise<void> {
        for (let turn = 0; turn < 20; turn++) await new SystemClock().yield();
      }
    }
    const options = { jobStores: { default: new SlowStore() } };
    const { scheduler } = await startApp({ options, providers: [Impatient, LongTask] });
    expect(scheduler.state).toBe(STATE_PAUSED);
    expect((await scheduler.getJob('long'))?.pending).toBe(false);
  });

  it('takes jobs from the moment the service is injected, also for tasks that are only found at the bootstrap', async () => {
    @Injectable()
    class Early implements OnModuleInit {
      pending: boolean | undefined;
      notes: string[] = [];

      constructor(private readonly scheduler: SchedulerService) {}

      async onModuleInit(): Promise<void> {
        const job = await this.scheduler.addJob({ id: 'early', task: 'note', args: ['first'], trigger: 'date' });
        this.pending = job.pending;
      }

      @Task('note')
      note(text: string): void {
        this.notes.push(text);
      }
    }
    const { app, clock, scheduler } = await startApp({ providers: [Early] });
    expect(app.get(Early).pending).toBe(true);
    expect((await scheduler.getJob('early'))?.pending).toBe(false);
    await clock.advance(0);
    expect(app.get(Early).notes).toEqual(['first']);
  });

  it('leaves nothing running when the bootstrap fails', async () => {
    @Injectable()
    class Impatient implements OnModuleInit {
      constructor(private readonly scheduler: SchedulerService) {}

      async onModuleInit(): Promise<void> {
        await this.scheduler.start();
      }
    }
    const options = { jobs: [{ id: 'x', task: 'nobody', trigger: 'interval', seconds: 1 }] } as const;
    const { app, clock, scheduler } = await createApp({ options, providers: [Impatient, LongTask] });
    await expect(app.init()).rejects.toThrow(ConfigurationError);
    expect(scheduler.running).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    expect(app.get(LongTask).state).toBe('waiting');
  });

  it('leaves nothing running when another module fails to bootstrap', async () => {
    @Injectable()
    class Broken implements OnApplicationBootstrap {
      onApplicationBootstrap(): void {
        throw new Error('no database');
      }
    }
    const { app, clock, scheduler } = await createApp({ providers: [Broken, LongTask] });
    await expect(app.init()).rejects.toThrow('no database');
    expect(scheduler.running).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('works in an application without HTTP', async () => {
    const clock = new ManualClock(START, { patienceMs: 0 });
    @Module({ imports: [SchedulerModule.forRoot({ clock })], providers: [LongTask] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    await clock.advance(0);
    expect(app.get(LongTask).state).toBe('running');
    app.get(LongTask).finish();
    await app.close();
    expect(app.get(SchedulerService).running).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('stopping with the application', () => {
  it('has stopped before any other module is shut down', async () => {
    const order: string[] = [];
    const resource = (name: string) => {
      @Injectable()
      class Resource implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
        constructor(private readonly scheduler: SchedulerService) {}

        onModuleDestroy(): void {
          order.push(`${name} destroyed, ${this.scheduler.running ? 'running' : 'stopped'}`);
        }

        beforeApplicationShutdown(): void {
          order.push(`${name} before shutdown`);
        }

        onApplicationShutdown(): void {
          order.push(`${name} shut down`);
        }
      }
      return Resource;
    };
    @Module({ providers: [resource('child')] })
    class Child {}
    const { app, clock } = await startApp({ imports: [Child], providers: [LongTask, resource('root')] });
    await clock.advance(0);
    const task = app.get(LongTask);
    const closing = app.close();
    await clock.advance(5000);
    expect(order).toEqual([]);
    task.finish();
    await closing;
    expect(task.state).toBe('done');
    expect(order.slice(0, 2).sort()).toEqual(['child destroyed, stopped', 'root destroyed, stopped']);
    expect(order).toHaveLength(6);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for running jobs as long as shutdownTimeout says, then aborts them', async () => {
    const { app, clock } = await startApp({ options: { shutdownTimeout: 3 }, providers: [LongTask] });
    await clock.advance(0);
    const task = app.get(LongTask);
    const closing = app.close();
    await clock.advance(2999);
    expect(task.state).toBe('running');
    await clock.advance(1);
    await closing;
    expect(task.state).toBe('aborted');
    expect(clock.pendingTimers).toBe(0);
  });

  it('may be asked twice, and after the scheduler was shut down by hand', async () => {
    const { app, clock, scheduler } = await startApp();
    await scheduler.shutdown();
    await Promise.all([app.close(), app.close()]);
    await app.close();
    expect(scheduler.running).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('may be asked of an application that was never started', async () => {
    const { app, clock } = await createApp({ providers: [LongTask] });
    await app.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets nothing begin any more once it is on the way down', async () => {
    let refusals: unknown[] = [];
    @Injectable()
    class Late implements BeforeApplicationShutdown {
      constructor(private readonly scheduler: SchedulerService) {}

      async beforeApplicationShutdown(): Promise<void> {
        const attempts = await Promise.allSettled([this.scheduler.start(), this.scheduler.runJob('long')]);
        refusals = attempts.map((attempt) => (attempt.status === 'rejected' ? String(attempt.reason) : 'it began'));
      }
    }
    const { app, clock } = await startApp({ options: { autoStart: false }, providers: [LongTask, Late] });
    await app.close();
    const refusal = 'SchedulerError: Scheduler is not running: the application is closing';
    expect(refusals).toEqual([refusal, refusal]);
    expect(app.get(LongTask).state).toBe('waiting');
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops on SIGTERM when shutdown hooks are enabled', async () => {
    const { app, clock, scheduler } = await startApp({ providers: [LongTask] });
    const killed = new Promise<unknown>((resolve) => {
      // Nest sends the signal to the process again once it is done.
      vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
        resolve(signal);
        return true;
      });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    app.enableShutdownHooks(['SIGTERM']);
    await clock.advance(0);
    app.get(LongTask).finish();
    process.emit('SIGTERM', 'SIGTERM');
    expect(await killed).toBe('SIGTERM');
    expect(scheduler.running).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('A job that closes its own application', () => {
  it('closes it, has succeeded, and is not run again by the next one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'closing-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const store = (): SqlJobStore => new SqlJobStore({ url: `sqlite:${join(folder, 'jobs.db')}` });
    const over = gate();
    const runs: string[] = [];
    class Closer {
      async close(): Promise<void> {
        runs.push('run');
        await app.close();
        over.open();
      }
    }
    const closer = new Closer();
    const options = (): SchedulerModuleOptions => ({ timezone: 'UTC', jobStores: { default: store() } });
    const start = async (): Promise<INestApplicationContext> => {
      const made = await NestFactory.createApplicationContext(SchedulerModule.forRoot(options()), { logger: false });
      made.get(SchedulerService).registerTask('close', () => closer.close());
      return made;
    };
    const app = await start();
    await app.get(SchedulerService).addJob({ id: 'close', task: 'close', retry: 3 });
    await over.promise;
    const next = await start();
    onTestFinished(() => next.close());
    const scheduler = next.get(SchedulerService);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ jobId: 'close', state: 'succeeded', retryAt: null }]);
    expect(await scheduler.getJobs()).toEqual([]);
    expect(runs).toEqual(['run']);
  });
});
