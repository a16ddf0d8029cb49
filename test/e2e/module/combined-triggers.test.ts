import { Injectable } from '@nestjs/common';
import {
  AndTrigger,
  CalendarIntervalTrigger,
  CronTrigger,
  ExceptTrigger,
  IntervalTrigger,
  OrTrigger,
  ScheduledTask,
  schedulerOptionsFromConfig,
  Task,
  type JobDefinition,
  type RunContext,
} from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { startApp, startFailure } from '../../support/nest-app.js';

const HOUR = 3_600_000;
const short = (time: number): string => new Date(time).toISOString().slice(5, 16);

/** The application begins on 2030-01-01, a Tuesday, at midnight UTC. */
@Injectable()
class Reports {
  readonly runs: string[] = [];

  @ScheduledTask('or', {
    id: 'or',
    triggers: [
      { type: 'cron', hour: 9, dayOfWeek: 'wed' },
      { type: 'cron', hour: 11, dayOfWeek: 'sat' },
      new CronTrigger({ day: 1, hour: 13 }),
    ],
    jitter: { max: '1m', seed: 'id' },
  })
  @ScheduledTask('and', {
    id: 'and',
    triggers: [
      { type: 'cron', day: '1-7', hour: 7 },
      { type: 'calendarinterval', weeks: 1, hour: 7, startDate: '2029-12-28' },
    ],
  })
  @ScheduledTask('except', {
    id: 'except',
    base: { type: 'cron', hour: 5 },
    except: [
      '2030-01-02',
      { from: '2030-01-04', to: new Date('2030-01-05T05:00:00Z') },
      { type: 'cron', day: 6, hour: 5 },
    ],
  })
  @ScheduledTask('calendarinterval', { id: 'calendarinterval', days: 3, hour: 2, minute: 30 })
  report(run: RunContext): void {
    this.runs.push(`${run.jobId} ${short(run.scheduledTime)}`);
  }
}

@Injectable()
class Tasks {
  readonly runs: string[] = [];

  @Task('report')
  report(run: RunContext): void {
    this.runs.push(`${run.jobId} ${short(run.scheduledTime)}`);
  }
}

const WEEK = [
  'calendarinterval 01-01T02:30',
  'except 01-01T05:00',
  'or 01-01T13:00',
  'or 01-02T09:00',
  'except 01-03T05:00',
  'calendarinterval 01-04T02:30',
  'and 01-04T07:00',
  'except 01-05T05:00',
  'or 01-05T11:00',
  'calendarinterval 01-07T02:30',
  'except 01-07T05:00',
];

const week: JobDefinition[] = [
  {
    id: 'or',
    task: 'report',
    trigger: 'or',
    triggers: [
      { type: 'cron', hour: 9, dayOfWeek: 'wed' },
      { type: 'cron', hour: 11, dayOfWeek: 'sat' },
      { type: 'cron', day: 1, hour: 13 },
    ],
  },
  {
    id: 'and',
    task: 'report',
    trigger: new AndTrigger([
      new CronTrigger({ day: '1-7', hour: 7 }),
      new CalendarIntervalTrigger({ weeks: 1, hour: 7, startDate: '2029-12-28' }),
    ]),
  },
  {
    id: 'except',
    task: 'report',
    trigger: {
      type: 'except',
      base: new CronTrigger({ hour: 5 }),
      except: ['2030-01-02', { from: '2030-01-04', to: '2030-01-05T05:00' }, { type: 'cron', day: 6, hour: 5 }],
    },
  },
  { id: 'calendarinterval', task: 'report', trigger: 'calendarinterval', days: 3, hour: 2, minute: 30 },
];

describe('Combined triggers and calendar intervals', () => {
  it('run what decorators ask for', async () => {
    const { app, clock } = await startApp({ providers: [Reports] });
    await clock.advance(7 * 24 * HOUR);
    expect(app.get(Reports).runs).toEqual(WEEK);
  });

  it('run what the service is told', async () => {
    const runs: string[] = [];
    const { clock, scheduler } = await startApp();
    scheduler.registerTask('report', (run: RunContext) => runs.push(`${run.jobId} ${short(run.scheduledTime)}`));
    for (const job of week) await scheduler.addJob(job);
    await clock.advance(7 * 24 * HOUR);
    expect(runs).toEqual(WEEK);
  });

  it('run what the configuration says, in either spelling', async () => {
    const jobs = JSON.parse(
      JSON.stringify(week).replaceAll('dayOfWeek', 'day_of_week').replaceAll('startDate', 'start_date'),
    ) as unknown;
    const options = schedulerOptionsFromConfig({ SCHEDULER_JOBS: JSON.stringify(jobs) });
    for (const configured of [options, { jobs: week }]) {
      const { app, clock } = await startApp({ providers: [Tasks], options: configured });
      await clock.advance(7 * 24 * HOUR);
      expect(app.get(Tasks).runs).toEqual(WEEK);
    }
  });

  it('keep their phase when they are declared again', async () => {
    const { clock, scheduler } = await startApp();
    scheduler.registerTask('report', () => undefined);
    const declare = () =>
      scheduler.addJob({
        id: 'a',
        task: 'report',
        replaceExisting: true,
        trigger: 'or',
        triggers: [
          { type: 'interval', hours: 5 },
          { type: 'calendarinterval', days: 2, hour: 1 },
        ],
      });
    const before = await declare();
    await clock.advance(2 * HOUR);
    const { nextRunTime, trigger } = await declare();
    expect(short(nextRunTime ?? 0)).toBe('01-01T05:00');
    expect(trigger.toJSON()).toEqual(before.trigger.toJSON());
  });

  it('come back from an export as they were', async () => {
    const { scheduler } = await startApp();
    scheduler.registerTask('report', () => undefined);
    for (const job of week) await scheduler.addJob(job);
    const before = JSON.stringify(await scheduler.getJobs());
    const text = await scheduler.exportJobs();
    await scheduler.removeAllJobs();
    await scheduler.importJobs(text);
    expect(JSON.stringify(await scheduler.getJobs())).toBe(before);
  });

  it('keep the dialect of a crontab string, from its decorator through an export to another scheduler', async () => {
    @Injectable()
    class MonthEnd {
      @ScheduledTask('cron', '0 0 L * *', { id: 'month-end', dialect: 'extended', timezone: 'UTC' })
      close(): void {}
    }
    const [{ scheduler }, other] = [await startApp({ providers: [MonthEnd] }), await startApp()];
    other.scheduler.registerTask('MonthEnd:close', () => undefined);
    await other.scheduler.importJobs(await scheduler.exportJobs());
    for (const it of [scheduler, other.scheduler]) {
      const job = await it.getJob('month-end');
      expect(job?.trigger.toJSON()).toEqual({
        type: 'cron',
        crontab: '0 0 L * *',
        dialect: 'extended',
        timezone: 'UTC',
      });
      expect(job?.nextRunTime).toBe(Date.parse('2030-01-31T00:00Z'));
    }
  });

  it('make up what was missed, however long it was, by one run', async () => {
    const runs: string[] = [];
    const { clock, scheduler } = await startApp();
    scheduler.registerTask('report', (run: RunContext) => runs.push(`${run.jobId} ${short(run.scheduledTime)}`));
    const trigger = new ExceptTrigger(new OrTrigger([new CronTrigger({ second: '*' }), new CronTrigger({ hour: 5 })]), {
      from: '2030-06-01',
      to: '2031-06-01',
    });
    await scheduler.addJob({ id: 'a', task: 'report', trigger });
    await clock.set('2031-02-01T00:00:00Z');
    await clock.advance(30_000);
    expect(runs).toEqual(['a 05-31T23:59']);
  });

  it('stop the start, by class and method, when they never fire or cannot be', async () => {
    @Injectable()
    class Never {
      @ScheduledTask('and', {
        triggers: [
          { type: 'cron', hour: 9 },
          { type: 'cron', hour: 10 },
        ],
      })
      hours(): void {}

      @ScheduledTask('or', {
        triggers: [
          { type: 'interval', seconds: 5, jitter: 3 },
          { type: 'cron', hour: 25 },
        ],
      })
      members(): void {}
    }
    const { message } = await startFailure({ providers: [Never] });
    expect(message).toMatch(/Never\.hours: triggers have no time in common that could be found/);
    expect(message).toMatch(/Never\.members: triggers\[0\]\.jitter has no effect.*; triggers\[1\]\.hour cannot be/);
  });

  it('run what is due and pause the job, and say so, when they are not found to fire again, until somebody changes it', async () => {
    const runs: string[] = [];
    const { clock, scheduler, logs } = await startApp();
    scheduler.registerTask('report', (run: RunContext) => runs.push(short(run.scheduledTime)));
    // They meet on the first evening, and then, so far as anybody looks, never again.
    const trigger = new AndTrigger([
      new CronTrigger({ month: 1, day: 1, hour: 20, timezone: 'Europe/Berlin' }),
      new OrTrigger([
        new CronTrigger({ month: 7, day: 1, hour: 20, timezone: 'Europe/Berlin' }),
        new IntervalTrigger({ days: 40_000, startDate: '2030-01-01T19:00:00Z' }),
      ]),
    ]);
    await scheduler.addJob({ id: 'a', task: 'report', trigger });
    await clock.advance(48 * HOUR);
    expect(logs.filter((line) => !line.startsWith('log: '))).toEqual([
      expect.stringMatching(
        /^error: Job "a" runs and is paused then: its trigger cannot say its next time: .* no time in common/,
      ),
    ]);
    expect(runs).toEqual(['01-01T19:00']);
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: null, paused: true });
    await scheduler.rescheduleJob('a', { trigger: 'interval', hours: 1 });
    await clock.advance(HOUR);
    expect(runs).toEqual(['01-01T19:00', '01-03T01:00']);
  });
});

it('Options of combined triggers are typed, those of the triggers inside them too', () => {
  const decorators = [
    () => ScheduledTask('calendarinterval', { months: 1, hour: 6, startDate: new Date(0), endDate: '2031-01-01' }),
    () => ScheduledTask('or', { triggers: [{ type: 'and', triggers: [{ type: 'date', runDate: 5 }] }], jitter: '1m' }),
    () =>
      ScheduledTask('except', { base: { type: 'cron', crontab: '@daily' }, except: [5, new Date(0), '2030-01-01'] }),
    // @ts-expect-error -- hours belong to interval
    () => ScheduledTask('calendarinterval', { hours: 1 }),
    // @ts-expect-error -- hour is a number here
    () => ScheduledTask('calendarinterval', { days: 1, hour: '6' }),
    // @ts-expect-error -- triggers are needed
    () => ScheduledTask('or', { jitter: 5 }),
    // @ts-expect-error -- a trigger has a type
    () => ScheduledTask('or', { triggers: [{ hour: 5 }] }),
    // @ts-expect-error -- seconds belong to interval
    () => ScheduledTask('or', { triggers: [{ type: 'cron', seconds: 5 }] }),
    // @ts-expect-error -- there is no such trigger
    () => ScheduledTask('and', { triggers: [{ type: 'weekly' }] }),
    // @ts-expect-error -- base belongs to except
    () => ScheduledTask('and', { triggers: [{ type: 'cron', hour: 5 }], base: { type: 'cron', hour: 5 } }),
    // @ts-expect-error -- a base is needed
    () => ScheduledTask('except', { except: ['2030-01-01'] }),
    // @ts-expect-error -- a window ends
    () => ScheduledTask('except', { base: { type: 'cron', hour: 5 }, except: [{ from: '2030-01-01' }] }),
    // @ts-expect-error -- members are triggers, not their options
    () => new OrTrigger([{ type: 'cron', hour: 5 }]),
  ];
  expect(decorators).toHaveLength(13);
});
