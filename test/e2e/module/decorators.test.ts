import { Controller, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ScheduledTask, SchedulerModule, SchedulerService, Task, type Job, type RunContext } from 'nestjs-apscheduler';
import { describe, expect, it, vi } from 'vitest';
import { createApp, startApp } from '../../support/nest-app.js';

const MINUTE = 60_000;

/** The jobs by id, as far as a decorator can say what they are. */
async function jobsOf(scheduler: SchedulerService): Promise<Record<string, Job>> {
  const jobs = await scheduler.getJobs();
  return Object.fromEntries(jobs.map((job) => [job.id, job]));
}

describe('@ScheduledTask', () => {
  it('declares jobs of each trigger, with the options of a job', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { weeks: 1, jitter: 5, name: 'Weekly', maxInstances: 2, coalesce: false })
      weekly(): void {}

      @ScheduledTask('cron', { dayOfWeek: 'mon-fri', hour: 9, timezone: 'Europe/Berlin', misfireGraceTime: 60 })
      office(): void {}

      @ScheduledTask('cron', '*/5 * * * *', { id: 'poll', args: ['a'], kwargs: { b: 1 } })
      poll(): void {}

      @ScheduledTask('cron', { crontab: '0 0 * * 7', nextRunTime: null })
      paused(): void {}

      @ScheduledTask('date', { runDate: '2031-01-01T00:00:00Z', executor: 'few', jobStore: 'other' })
      once(): void {}
    }
    const { scheduler } = await startApp({
      providers: [Reports],
      options: { executors: { few: { type: 'local', concurrency: 1 } }, jobStores: { other: { type: 'memory' } } },
    });
    const jobs = await jobsOf(scheduler);
    expect(Object.keys(jobs).sort()).toEqual([
      'Reports:office',
      'Reports:once',
      'Reports:paused',
      'Reports:weekly',
      'poll',
    ]);
    expect(jobs['Reports:weekly']).toMatchObject({ name: 'Weekly', maxInstances: 2, coalesce: false });
    expect(jobs['Reports:weekly']?.trigger.toJSON()).toMatchObject({ type: 'interval', weeks: 1, jitter: 5 });
    expect(jobs['Reports:office']).toMatchObject({ task: 'Reports:office', misfireGraceTime: 60 });
    expect(jobs['Reports:office']?.nextRunTime).toBe(Date.UTC(2030, 0, 1, 8));
    expect(jobs['poll']).toMatchObject({ task: 'Reports:poll', args: ['a'], kwargs: { b: 1 } });
    expect(jobs['poll']?.trigger.toJSON()).toMatchObject({ type: 'cron', crontab: '*/5 * * * *' });
    expect(jobs['Reports:paused']).toMatchObject({ paused: true, nextRunTime: null });
    expect(jobs['Reports:once']).toMatchObject({ jobStore: 'other', executor: 'few' });
  });

  it('calls the method on its instance with args, kwargs and the context', async () => {
    const calls: unknown[][] = [];
    @Injectable()
    class Mail {
      private readonly from = 'office';

      @ScheduledTask('interval', { minutes: 1, args: ['ada', 2], kwargs: { urgent: true } })
      send(...args: unknown[]): void {
        calls.push([this.from, ...args]);
      }
    }
    const { clock } = await startApp({ providers: [Mail] });
    await clock.advance(MINUTE);
    expect(calls).toEqual([
      ['office', 'ada', 2, { urgent: true }, expect.objectContaining({ jobId: 'Mail:send', attempt: 1 })],
    ]);
  });

  it('may stand several times above one method: one job each, in the order they are written', async () => {
    const runs: string[] = [];
    @Injectable()
    class Sync {
      @ScheduledTask('interval', { minutes: 1 })
      @ScheduledTask('interval', { minutes: 2 })
      @ScheduledTask('interval', { minutes: 3, id: 'slow' })
      @ScheduledTask('interval', { minutes: 4 })
      run({ jobId }: RunContext): void {
        runs.push(jobId);
      }
    }
    const { clock, scheduler } = await startApp({ providers: [Sync] });
    const minutes = Object.entries(await jobsOf(scheduler)).map(([id, job]) => [id, job.trigger.toJSON()['minutes']]);
    expect(minutes).toEqual([
      ['Sync:run', 1],
      ['Sync:run#2', 2],
      ['slow', 3],
      ['Sync:run#4', 4],
    ]);
    expect(scheduler.tasks.names()).toEqual(['Sync:run']);
    await clock.advance(4 * MINUTE);
    expect(runs.filter((id) => id === 'Sync:run')).toHaveLength(4);
    expect(runs.filter((id) => id === 'slow')).toHaveLength(1);
  });

  it('works on controllers, module classes and symbols', async () => {
    const runs: string[] = [];
    const tidy = Symbol('tidy');
    @Controller()
    class Reports {
      @ScheduledTask('date', {})
      run(): void {
        runs.push('controller');
      }
    }
    @Module({ controllers: [Reports] })
    class Feature {
      @ScheduledTask('date', {})
      run(): void {
        runs.push('module');
      }

      @ScheduledTask('date', {})
      [tidy](): void {
        runs.push('symbol');
      }
    }
    const { clock, scheduler } = await startApp({ imports: [Feature] });
    expect([...scheduler.tasks.names()].sort()).toEqual(['Feature:Symbol(tidy)', 'Feature:run', 'Reports:run']);
    await clock.advance(0);
    expect(runs.sort()).toEqual(['controller', 'module', 'symbol']);
  });

  it('is inherited: each subclass has jobs of its own, and its override only its own decorators', async () => {
    const runs: string[] = [];
    abstract class Importer {
      abstract readonly source: string;

      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        runs.push(this.source);
      }
    }
    @Injectable()
    class Books extends Importer {
      readonly source = 'books';
    }
    @Injectable()
    class Films extends Importer {
      readonly source = 'films';

      @ScheduledTask('interval', { minutes: 2 })
      override run(): void {
        super.run();
      }
    }
    @Injectable()
    class Unscheduled extends Importer {
      readonly source = 'unscheduled';

      override run(): void {
        super.run();
      }
    }
    const { clock, scheduler } = await startApp({ providers: [Books, Films, Unscheduled] });
    expect(Object.keys(await jobsOf(scheduler)).sort()).toEqual(['Books:run', 'Films:run']);
    await clock.advance(2 * MINUTE);
    expect(runs.sort()).toEqual(['books', 'books', 'films']);
  });

  it('finds the method through a decorator that replaces it', async () => {
    const runs: string[] = [];
    const logged = (_target: object, _key: string, descriptor: TypedPropertyDescriptor<() => void>): void => {
      const inner = descriptor.value;
      descriptor.value = function (this: object) {
        runs.push('before');
        inner?.call(this);
      };
    };
    @Injectable()
    class Reports {
      @logged
      @ScheduledTask('date', {})
      run(): void {
        runs.push('run');
      }
    }
    const { clock } = await startApp({ providers: [Reports] });
    await clock.advance(0);
    expect(runs).toEqual(['before', 'run']);
  });

  it('calls what stands in the place of the method when it runs, such as a spy', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { minutes: 1 })
      run(): string {
        return 'real';
      }
    }
    const { app, clock } = await startApp({ providers: [Reports] });
    const spy = vi.spyOn(app.get(Reports), 'run').mockReturnValue('spied');
    await clock.advance(MINUTE);
    expect(spy).toHaveBeenCalledOnce();
  });
});

describe('a decorated provider', () => {
  class Counter {
    runs = 0;

    @ScheduledTask('interval', { minutes: 1 })
    count(): void {
      this.runs++;
    }
  }

  it('is found once, however many tokens lead to it', async () => {
    const value = new Counter();
    const providers = [
      { provide: 'value', useValue: value },
      { provide: 'again', useValue: value },
      { provide: 'factory', useFactory: () => Promise.resolve(value) },
      { provide: 'alias', useExisting: 'value' },
    ];
    const { clock, scheduler } = await startApp({ providers });
    expect(Object.keys(await jobsOf(scheduler))).toEqual(['Counter:count']);
    await clock.advance(MINUTE);
    expect(value.runs).toBe(1);
  });

  it('may be made by a factory, or stand for another class', async () => {
    abstract class Port {}
    const { app, clock } = await startApp({ providers: [{ provide: Port, useClass: Counter }] });
    await clock.advance(MINUTE);
    expect(app.get<Counter>(Port).runs).toBe(1);
  });

  it('does not mind providers that are no objects with a class', async () => {
    const providers = [
      null,
      undefined,
      0,
      'text',
      [],
      Object.create(null),
      () => undefined,
      Counter,
      new Proxy({}, {}),
    ];
    const { scheduler } = await startApp({
      providers: providers.map((useValue: unknown, index) => ({ provide: `value ${index}`, useValue })),
    });
    expect(await scheduler.getJobs()).toEqual([]);
  });
});

describe('a decorated provider of request or transient scope', () => {
  it('is made anew for each run, with its dependencies, and REQUEST is the run', async () => {
    const seen: { instance: object; dependency: object; request: unknown; context: RunContext }[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Unit {}
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      constructor(
        private readonly unit: Unit,
        @Inject(REQUEST) private readonly request: unknown,
      ) {}

      @ScheduledTask('interval', { minutes: 1 })
      run(context: RunContext): void {
        seen.push({ instance: this, dependency: this.unit, request: this.request, context });
      }
    }
    const { clock } = await startApp({ providers: [Unit, Tenant] });
    await clock.advance(2 * MINUTE);
    expect(seen).toHaveLength(2);
    const [first, second] = seen;
    expect(first?.instance).toBeInstanceOf(Tenant);
    expect(first?.instance).not.toBe(second?.instance);
    expect(first?.dependency).toBeInstanceOf(Unit);
    expect(first?.dependency).not.toBe(second?.dependency);
    expect(first?.request).toBe(first?.context);
    expect(second?.request).toBe(second?.context);
  });

  it('is made anew for each run because of a dependency, too, and in transient scope', async () => {
    const instances: object[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Unit {}
    @Injectable()
    class Dependent {
      constructor(readonly unit: Unit) {}

      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        instances.push(this.unit);
      }
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        instances.push(this);
      }
    }
    const aliases = [
      { provide: 'transient alias', useExisting: Transient },
      { provide: 'dependent alias', useExisting: Dependent },
    ];
    const { clock } = await startApp({ providers: [Unit, Dependent, Transient, ...aliases] });
    await clock.advance(2 * MINUTE);
    expect(instances.filter((instance) => instance instanceof Unit)).toHaveLength(2);
    expect(instances.filter((instance) => instance instanceof Transient)).toHaveLength(2);
    expect(new Set(instances).size).toBe(4);
  });

  it('may be a controller', async () => {
    const instances: object[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Unit {}
    @Controller({ path: 'reports', scope: Scope.REQUEST })
    class Reports {
      constructor(private readonly unit: Unit) {}

      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        instances.push(this, this.unit);
      }
    }
    const { clock } = await startApp({ controllers: [Reports], providers: [Unit] });
    await clock.advance(2 * MINUTE);
    expect(instances.map(({ constructor }) => constructor)).toEqual([Reports, Unit, Reports, Unit]);
    expect(new Set(instances).size).toBe(4);
  });

  it('is resolved in the module that has it, with that module’s dependencies', async () => {
    const names: string[] = [];
    const feature = (name: string) => {
      @Injectable({ scope: Scope.REQUEST })
      class Worker {
        constructor(@Inject('NAME') private readonly name: string) {}

        @ScheduledTask('interval', { minutes: 1, id: name, taskName: name })
        run(): void {
          names.push(this.name);
        }
      }
      @Module({
        providers: [
          { provide: 'WORKER', useClass: Worker, scope: Scope.REQUEST },
          { provide: 'NAME', useValue: name },
        ],
      })
      class Feature {}
      return Feature;
    };
    const { clock } = await startApp({ imports: [feature('left'), feature('right')] });
    await clock.advance(MINUTE);
    expect(names.sort()).toEqual(['left', 'right']);
  });

  it('fails a run whose instance cannot be made, and no other', async () => {
    const runs: string[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Broken {
      constructor() {
        throw new Error('no connection');
      }

      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        runs.push('broken');
      }
    }
    @Injectable()
    class Sound {
      @ScheduledTask('interval', { minutes: 1 })
      run(): void {
        runs.push('sound');
      }
    }
    const { clock, logs, scheduler } = await startApp({ providers: [Broken, Sound] });
    await clock.advance(MINUTE);
    expect(runs).toEqual(['sound']);
    expect(logs).toContainEqual(expect.stringContaining('Job "Broken:run" failed: no connection'));
    await expect(scheduler.runJob('Broken:run')).rejects.toThrow('no connection');
  });
});

describe('@Task', () => {
  @Injectable()
  class Invoices {
    readonly sent: unknown[] = [];

    @Task('send-invoice')
    send(customerId: number): string {
      this.sent.push(customerId);
      return `sent ${customerId}`;
    }

    @Task()
    tidy(): void {}

    @Task('poll')
    @ScheduledTask('interval', { minutes: 1 })
    poll(): void {}

    @ScheduledTask('interval', { minutes: 1, taskName: 'check' })
    check(): void {}

    @Task('one name')
    @Task('another name')
    twice(): void {}
  }

  it('names tasks, which run only when a job says so', async () => {
    const { app, clock, scheduler } = await startApp({ providers: [Invoices] });
    expect([...scheduler.tasks.names()].sort()).toEqual([
      'Invoices:tidy',
      'another name',
      'check',
      'one name',
      'poll',
      'send-invoice',
    ]);
    const jobs = await jobsOf(scheduler);
    expect(Object.keys(jobs).sort()).toEqual(['Invoices:check', 'Invoices:poll']);
    expect([jobs['Invoices:poll']?.task, jobs['Invoices:check']?.task]).toEqual(['poll', 'check']);
    await scheduler.addJob({ id: 'now', task: 'send-invoice', args: [7], trigger: 'interval', days: 1 });
    expect(await scheduler.runJob('now')).toBe('sent 7');
    await clock.advance(0);
    expect(app.get(Invoices).sent).toEqual([7]);
  });

  it('lets a job refer to a task by its method, which runs on its instance', async () => {
    const { app, scheduler } = await startApp({ providers: [Invoices] });
    const invoices = app.get(Invoices);
    const job = await scheduler.addJob({
      id: 'by method',
      task: invoices.send,
      args: [8],
      trigger: 'interval',
      days: 1,
    });
    expect(job.task).toBe('send-invoice');
    await scheduler.runJob('by method');
    expect(invoices.sent).toEqual([8]);
  });

  it('does not guess whom a method belongs to that two classes inherit', async () => {
    class Base {
      @Task()
      whoAmI(): string {
        return (this as object | undefined)?.constructor.name ?? 'nobody';
      }
    }
    @Injectable()
    class Left extends Base {}
    @Injectable()
    class Right extends Base {}
    const { app, scheduler } = await startApp({ providers: [Left, Right] });
    const common = { trigger: 'interval', days: 1 } as const;
    const right = app.get(Right);
    await scheduler.addJob({ id: 'unbound', task: right.whoAmI, ...common });
    await scheduler.addJob({ id: 'bound', task: right.whoAmI.bind(right), ...common });
    await scheduler.addJob({ id: 'named', task: 'Right:whoAmI', ...common });
    expect(await scheduler.runJob('unbound')).not.toBe('Left');
    expect(await scheduler.runJob('bound')).toBe('Right');
    expect(await scheduler.runJob('named')).toBe('Right');
  });
});

it('leaves a provider that a test has replaced alone', async () => {
  @Injectable()
  class Reports {
    @ScheduledTask('interval', { minutes: 1 })
    run(): void {}
  }
  const { Test } = await import('@nestjs/testing');
  const module = await Test.createTestingModule({ imports: [SchedulerModule.forRoot()], providers: [Reports] })
    .overrideProvider(Reports)
    .useValue({ run: () => undefined })
    .compile();
  await module.init();
  expect(await module.get(SchedulerService).getJobs()).toEqual([]);
  await module.close();
});

it('does not look for tasks in an application that is not started', async () => {
  @Injectable()
  class Reports {
    @ScheduledTask('interval', { minutes: 1 })
    run(): void {}
  }
  const { clock, scheduler } = await createApp({ providers: [Reports] });
  expect(await scheduler.getJobs()).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
