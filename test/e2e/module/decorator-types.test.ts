import { Injectable } from '@nestjs/common';
import { OnSchedulerEvent, ScheduledTask, Task } from 'nestjs-apscheduler';
import { expect, it } from 'vitest';
import { startApp, startFailure } from '../../support/nest-app.js';

it('compiles with what a trigger and a job can be told', async () => {
  @Injectable()
  class Right {
    @ScheduledTask('interval', { weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 0.5, endDate: new Date(4e12) })
    @ScheduledTask('cron', { dayOfWeek: 'mon-fri', hour: 9, minute: '*/5', startDate: '2030-01-01', jitter: 3 })
    @ScheduledTask('cron', { crontab: '@daily', timezone: 'UTC' })
    @ScheduledTask('cron', '0 9 * * 1-5', { timezone: 'Europe/Berlin', id: 'office', taskName: 'office' })
    @ScheduledTask('date', { runDate: '2031-01-01', executor: 'default', jobStore: 'default', nextRunTime: null })
    @ScheduledTask('date', {})
    async run(_first: string, _second?: { readonly a: number }): Promise<string> {
      return Promise.resolve('any signature will do');
    }
  }
  const { scheduler } = await startApp({ providers: [Right] });
  expect(await scheduler.getJobs()).toHaveLength(6);
});

it('does not compile with anything else, and is refused at run time where there are no types', async () => {
  @Injectable()
  class Wrong {
    // @ts-expect-error -- seconds are a number
    @ScheduledTask('interval', { seconds: '5' })
    text(): void {}

    // @ts-expect-error -- hour belongs to cron
    @ScheduledTask('interval', { minutes: 1, hour: 3 })
    fieldOfCron(): void {}

    // @ts-expect-error -- minutes belong to interval
    @ScheduledTask('cron', { minutes: 5 })
    optionOfInterval(): void {}

    // @ts-expect-error -- fields or a crontab, not both
    @ScheduledTask('cron', { crontab: '* * * * *', hour: 5 })
    both(): void {}

    // @ts-expect-error -- a crontab has no fields beside it
    @ScheduledTask('cron', '* * * * *', { hour: 5 })
    crontabAndField(): void {}

    // @ts-expect-error -- a crontab belongs to cron
    @ScheduledTask('interval', '* * * * *')
    crontabOfInterval(): void {}

    // @ts-expect-error -- a date has no end
    @ScheduledTask('date', { runDate: '2031-01-01', endDate: '2031-01-02' })
    endOfDate(): void {}

    // @ts-expect-error -- there is no such trigger
    @ScheduledTask('hourly', {})
    unknownTrigger(): void {}

    // @ts-expect-error -- options are needed
    @ScheduledTask('interval')
    noOptions(): void {}

    // @ts-expect-error -- there is no such option
    @ScheduledTask('interval', { minutes: 1, maxInstance: 2 })
    misspelt(): void {}

    // @ts-expect-error -- maxInstances is a number
    @ScheduledTask('interval', { minutes: 1, maxInstances: 'two' })
    textForNumber(): void {}

    // @ts-expect-error -- the method is the task
    @ScheduledTask('interval', { minutes: 1, task: 'another' })
    otherTask(): void {}

    // @ts-expect-error -- a name is a text
    @Task(5)
    number(): void {}

    // @ts-expect-error -- a mask is a number
    @OnSchedulerEvent('error')
    onError(): void {}

    // @ts-expect-error -- an accessor of a text cannot be called
    @ScheduledTask('interval', { minutes: 1 })
    get accessor(): string {
      return '';
    }

    // @ts-expect-error -- a property is no method
    @ScheduledTask('interval', { minutes: 1 })
    property = 5;
  }
  const { message } = await startFailure({ providers: [Wrong] });
  const members = Object.getOwnPropertyNames(Wrong.prototype).filter((name) => name !== 'constructor');
  for (const member of [...members, 'property']) expect(message).toContain(`Wrong.${member}: `);
  expect(members).toHaveLength(15);
});
