import { Injectable, Module } from '@nestjs/common';
import {
  ConfigurationError,
  EVENT_JOB_ERROR,
  IntervalTrigger,
  MemoryJobStore,
  OnSchedulerEvent,
  ScheduledTask,
  Task,
  type JobStore,
} from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { startApp, startFailure, type NestWorldOptions } from '../../support/nest-app.js';

/** Decorators as somebody without types may use them. */
const schedule = ScheduledTask as unknown as (...args: unknown[]) => MethodDecorator & PropertyDecorator;
const task = Task as unknown as (...args: unknown[]) => MethodDecorator & PropertyDecorator;
const listen = OnSchedulerEvent as unknown as (...args: unknown[]) => MethodDecorator & PropertyDecorator;

/** What is said about an application with these parts, a line for each problem. */
async function problemsOf(parts: NestWorldOptions): Promise<readonly string[]> {
  const error = await startFailure(parts);
  expect(error).toBeInstanceOf(ConfigurationError);
  const [subject, ...problems] = error.message.split('\n  - ');
  expect(subject).toBe('Scheduled tasks that cannot work:');
  return problems;
}

/** A store in memory that says it is durable. */
class DurableStore extends MemoryJobStore {
  override readonly capabilities: JobStore['capabilities'] = { durable: true, shared: false, notifying: false };
}

describe('a decorator that cannot work', () => {
  it.each<[what: string, args: unknown[], problem: string]>([
    ['an interval of nothing', ['interval', {}], 'Reports.run: '],
    ['an interval of a text', ['interval', { seconds: '5' }], 'Reports.run: seconds '],
    ['an interval that goes back', ['interval', { seconds: -5 }], 'Reports.run: seconds '],
    ['an unknown trigger', ['hourly', {}], 'Reports.run: trigger '],
    ['an option of another trigger', ['interval', { minutes: 1, hour: 3 }], 'Reports.run: hour '],
    ['an unknown option', ['interval', { minutes: 1, colour: 'red' }], 'Reports.run: colour '],
    ['a cron field out of range', ['cron', { hour: 25 }], 'Reports.run: hour '],
    ['a crontab with four fields', ['cron', '* * * *'], 'Reports.run: crontab '],
    ['a date that never fires', ['cron', { month: 2, day: 30 }], 'Reports.run: '],
    ['a date that is none', ['date', { runDate: 'tomorrow' }], 'Reports.run: runDate '],
    ['no options', ['interval'], 'Reports.run: @ScheduledTask needs an object of options, got undefined'],
    ['a number for options', ['interval', 5], 'Reports.run: @ScheduledTask needs an object of options, got 5'],
    ['an empty id', ['interval', { minutes: 1, id: '' }], 'Reports.run: id must be a non-empty string, got ""'],
    ['an id of a number', ['interval', { minutes: 1, id: 5 }], 'Reports.run: id must be a non-empty string, got 5'],
    ['a bad job option', ['interval', { minutes: 1, maxInstances: 0 }], 'Reports.run: maxInstances must be'],
    ['a bad first run', ['interval', { minutes: 1, nextRunTime: 'soon' }], 'Reports.run: nextRunTime '],
    ['an unknown executor', ['interval', { minutes: 1, executor: 'x' }], 'Reports.run: executor "x" is not known'],
    ['an unknown store', ['interval', { minutes: 1, jobStore: 'x' }], 'Reports.run: jobStore "x" is not known'],
    ['an empty task name', ['interval', { minutes: 1, taskName: '' }], 'Reports.run: the name of a task must be'],
    ['a reserved option', ['interval', { minutes: 1, func: 'x' }], 'Reports.run: @ScheduledTask has no option func'],
  ])('is reported with its class and method: %s', async (_what, args, problem) => {
    @Injectable()
    class Reports {
      @schedule(...args)
      run(): void {}
    }
    const problems = await problemsOf({ providers: [Reports] });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toContain(problem);
  });

  it('names every bad field of one decorator', async () => {
    @Injectable()
    class Reports {
      @schedule('cron', { hour: 25, minute: 'x', maxInstances: 0 })
      run(): void {}
    }
    const [problem] = await problemsOf({ providers: [Reports] });
    for (const field of ['hour', 'minute', 'maxInstances']) expect(problem).toContain(`${field} `);
  });

  it('stands on what is no method of instances', async () => {
    @Injectable()
    class Reports {
      @schedule('interval', { minutes: 1 })
      static daily(): void {}

      @task('accessor')
      get accessor(): () => void {
        return () => undefined;
      }

      @listen()
      property = (): void => undefined;
    }
    expect([...(await problemsOf({ providers: [Reports] }))].sort()).toEqual([
      'Reports.accessor: @Task stands on an accessor: only methods can be called',
      'Reports.daily: @ScheduledTask stands on a static method: only methods of instances can be called',
      'Reports.property: @OnSchedulerEvent stands on a property: only methods can be called',
    ]);
  });

  it.each([0, -1, 1.5, NaN, 2 ** 18, '4096', null])('listens with the mask %j', async (mask) => {
    @Injectable()
    class Alarm {
      @listen(mask)
      onEvent(): void {}
    }
    const [problem] = await problemsOf({ providers: [Alarm] });
    expect(problem).toContain('Alarm.onEvent: @OnSchedulerEvent needs a union of EVENT_* codes, got ');
  });

  it.each(['', 5, null])('names a task %j', async (name) => {
    @Injectable()
    class Reports {
      @task(name)
      run(): void {}
    }
    const problems = await problemsOf({ providers: [Reports] });
    expect(problems).toEqual([expect.stringContaining('Reports.run: the name of a task must be a non-empty string')]);
  });

  it('has the job id of another', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { id: 'daily', days: 1 })
      run(): void {}
    }
    @Injectable()
    class Mail {
      @ScheduledTask('interval', { id: 'daily', days: 1 })
      send(): void {}

      @ScheduledTask('interval', { id: 'daily', days: 1, jobStore: 'other' })
      runningElsewhere(): void {}
    }
    const options = { jobStores: { other: { type: 'memory' } } } as const;
    const problems = await problemsOf({ providers: [Reports, Mail], options });
    expect(problems).toEqual(['Mail.send: the job id "daily" is taken by Reports.run']);
  });

  it('has the job id of a configured job', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { id: 'daily', days: 1 })
      run(): void {}
    }
    const options = { jobs: [{ id: 'daily', task: 'Reports:run', trigger: 'interval', days: 1 }] } as const;
    expect(await problemsOf({ providers: [Reports], options })).toEqual([
      'jobs[0] ("daily"): the job id "daily" is taken by Reports.run',
    ]);
  });

  it('has the task name of another', async () => {
    @Injectable()
    class Reports {
      @Task('send')
      run(): void {}
    }
    @Injectable()
    class Mail {
      @Task('send')
      send(): void {}
    }
    @Module({ providers: [Mail] })
    class MailModule {}
    const problems = await problemsOf({ providers: [Reports], imports: [MailModule] });
    expect(problems).toEqual([
      expect.stringMatching(/^\w+\.\w+ \(\w+\): the task name "send" is taken by \w+\.\w+ \(\w+\); give one of them/),
    ]);
    for (const name of ['Mail.send', 'Reports.run', 'MailModule']) expect(problems[0]).toContain(name);
  });

  it('has a task name that was registered by hand', async () => {
    @Injectable()
    class Mail {
      @Task('send')
      send(): void {}
    }
    const { createApp } = await import('../../support/nest-app.js');
    const { app, scheduler } = await createApp({ providers: [Mail] });
    scheduler.registerTask('send', () => undefined);
    await expect(app.init()).rejects.toThrow('Mail.send: name "send" is taken by another function');
  });

  it('stands in a class that two modules provide', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { days: 1 })
      run(): void {}
    }
    @Module({ providers: [Reports] })
    class Sales {}
    @Module({ providers: [Reports] })
    class Stock {}
    const [problem, ...others] = await problemsOf({ imports: [Sales, Stock] });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^Reports has decorated methods and is provided more than once, by S\w+ and by S\w+: /);
    expect(problem).toContain('Sales');
    expect(problem).toContain('Stock');
  });

  it('has no id of its own where its job store is durable: it is named after its method, with a warning', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { days: 1, jobStore: 'kept' })
      unnamed(): void {}

      @ScheduledTask('interval', { days: 1, jobStore: 'kept', id: 'named' })
      named(): void {}
    }
    const { logs, scheduler } = await startApp({
      providers: [Reports],
      options: { jobStores: { kept: new DurableStore() } },
    });
    expect((await scheduler.getJobs()).map(({ id }) => id).toSorted()).toEqual(['Reports:unnamed', 'named']);
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: Jobs in a durable store are named after their methods: Reports.unnamed. Renaming or minifying the class would ' +
        'start them anew; give each its id: { id: "Reports:unnamed" }',
    ]);
  });

  it('is reported together with all others, once', async () => {
    @Injectable()
    class Reports {
      @schedule('interval', { seconds: 0 })
      first(): void {}

      @schedule('cron', { hour: 'x', executor: 'nowhere' })
      @schedule('date', { runDate: 'never' })
      second(): void {}
    }
    @Injectable()
    class Alarm {
      @listen(0)
      onEvent(): void {}

      @listen(EVENT_JOB_ERROR)
      fine(): void {}
    }
    const options = {
      jobs: [
        { id: 'a', task: 'Reports:frist', trigger: 'interval', days: 1 },
        { task: 'Reports:first', trigger: 'interval', seconds: -1 },
      ],
    } as const;
    const problems = await problemsOf({ providers: [Reports, Alarm], options });
    const subjects = problems.map((problem) => problem.slice(0, problem.indexOf(':')));
    expect(subjects.sort()).toEqual([
      'Alarm.onEvent',
      'Reports.first',
      'Reports.second',
      'Reports.second',
      'jobs[0] ("a")',
      'jobs[1]',
    ]);
    expect(problems.join()).toContain('task "Reports:frist" is not registered; did you mean "Reports:first"?');
  });
});

describe('a trigger of somebody else that fails', () => {
  it('is told with its job, and with the problems of all others', async () => {
    const broken = Object.assign(new IntervalTrigger({ days: 1 }), {
      anchor: undefined,
      next: () => {
        throw new TypeError('the calendar is not open');
      },
    });
    const options = {
      jobs: [
        { id: 'a', task: 'nobody', trigger: 'interval', days: 1 },
        { id: 'b', task: () => undefined, trigger: broken },
      ],
    } as const;
    const problems = await problemsOf({ options });
    expect(problems.map((problem) => problem.split(': ', 1)[0])).toEqual(['jobs[0] ("a")', 'jobs[1] ("b")']);
    expect(problems[1]).toBe('jobs[1] ("b"): the calendar is not open');
  });
});

describe('a schedule that has ended', () => {
  it('does not stop the application: it is named in a warning and left out', async () => {
    @Injectable()
    class Reports {
      @ScheduledTask('interval', { id: 'ended', minutes: 5, startDate: '2020-01-01', endDate: '2021-01-01' })
      @ScheduledTask('cron', { id: 'cron ended', hour: 3, endDate: '2021-01-01' })
      @ScheduledTask('interval', { id: 'ends later', minutes: 5, endDate: '2031-01-01' })
      run(): void {}
    }
    const options = {
      jobs: [{ id: 'configured', task: 'Reports:run', trigger: 'cron', hour: 3, endDate: '2021-01-01' }],
    } as const;
    const { logs, scheduler } = await startApp({ providers: [Reports], options });
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['ends later']);
    expect(scheduler.running).toBe(true);
    expect(logs.filter((line) => line.startsWith('warn')).sort()).toEqual([
      'warn: Reports.run: job "cron ended" is not added: its last time is past',
      'warn: Reports.run: job "ended" is not added: its last time is past',
      'warn: jobs[0] ("configured"): job "configured" is not added: its last time is past',
    ]);
  });

  it('does not run a date that is past again at each start of the application', async () => {
    const runs: string[] = [];
    @Injectable()
    class Launch {
      @ScheduledTask('date', { id: 'past', runDate: '2029-12-31T23:59:59Z' })
      @ScheduledTask('date', { id: 'now', runDate: '2030-01-01T00:00:00Z' })
      @ScheduledTask('date', { id: 'at the start' })
      run({ jobId }: { jobId: string }): void {
        runs.push(jobId);
      }
    }
    const { clock, logs } = await startApp({ providers: [Launch] });
    await clock.advance(60_000);
    expect(runs.sort()).toEqual(['at the start', 'now']);
    expect(logs).toContain('warn: Launch.run: job "past" is not added: its last time is past');
  });
});
