import { Injectable } from '@nestjs/common';
import { OnSchedulerEvent, type RunContext, ScheduledTask, Task } from 'nestjs-apscheduler';
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

class Config {
  readonly cron = '* * * * *';
  readonly isOn = true;
}

class Price {
  constructor(private readonly cents: number) {}
  get text(): string {
    return `${this.cents}`;
  }
}

type Speed = 'fast' | 'slow';

it('compiles with methods that can be called with the arguments of the schedule', async () => {
  const names: string[] = ['ada'];
  @Injectable()
  class Right {
    @ScheduledTask('interval', { minutes: 1, args: ['ada', 2] })
    all(_name: string, _count: number, _run: RunContext): void {}

    @ScheduledTask('interval', { minutes: 1, args: ['ada', 2], id: 'fewer' })
    fewer(_name: string): void {}

    @ScheduledTask('cron', '* * * * *', { args: ['fast', { speed: 'slow', sizes: [1, 2], deep: [{ a: 1 }] }] })
    literals(_speed: Speed, _options: { speed: Speed; sizes: number[]; deep: { a: number }[] }): void {}

    @ScheduledTask('interval', { minutes: 1, args: [new Price(3), new Date(0), null] })
    instances(_price: Price, _date: Date, _none: null, _run?: RunContext): void {}

    @ScheduledTask('interval', { minutes: 1, kwargs: { urgent: true } })
    kwargs(_options: { urgent: boolean }, _run: RunContext): void {}

    @ScheduledTask('interval', { minutes: 1, args: [1], kwargs: { urgent: true } })
    both(_count: number, _options: { urgent?: boolean }, _run: RunContext): void {}

    @ScheduledTask('interval', { minutes: 1, args: [1], kwargs: { urgent: true } })
    any(..._args: unknown[]): void {}

    @ScheduledTask('interval', { minutes: 1, args: names })
    unknownNumber(_first: string): void {}

    @ScheduledTask('interval', (config) => ({ minutes: 1, args: [config.cron, 2], enabled: config.isOn }), {
      inject: [Config],
    })
    factory(_name: string, _count: number, _run: RunContext): void {}

    @ScheduledTask('cron', (config) => (config.isOn ? { crontab: config.cron, args: [1] } : { hour: 3 }), {
      inject: [Config],
    })
    alternatives(_count: number): void {}
  }
  const { scheduler } = await startApp({ providers: [Right, Config] });
  expect(await scheduler.getJobs()).toHaveLength(10);
});

it('does not compile with methods that cannot be called with the arguments of the schedule', () => {
  class Wrong {
    // @ts-expect-error -- count is a number
    @ScheduledTask('interval', { minutes: 1, args: ['ada', '2'] })
    type(_name: string, _count: number): void {}

    // @ts-expect-error -- there is no argument for count: it would get the context
    @ScheduledTask('interval', { minutes: 1, args: ['ada'] })
    missing(_name: string, _count: number): void {}

    // @ts-expect-error -- the context comes after all arguments
    @ScheduledTask('cron', '* * * * *', { args: ['ada', 3, 4] })
    tooMany(_name: string, _count: number, _run: RunContext): void {}

    // @ts-expect-error -- a misspelt literal
    @ScheduledTask('interval', { minutes: 1, args: [{ speed: 'fats' }] })
    literal(_options: { speed: Speed }): void {}

    // @ts-expect-error -- urgent is a boolean
    @ScheduledTask('interval', { minutes: 1, args: [1], kwargs: { urgent: 'yes' } })
    kwargs(_count: number, _options: { urgent: boolean }): void {}

    // @ts-expect-error -- the factory's second argument is a text
    @ScheduledTask('interval', (config) => ({ minutes: 1, args: [config.cron, 'x'] }), { inject: [Config] })
    factory(_name: string, _count: number): void {}

    // @ts-expect-error -- also of an async factory
    @ScheduledTask('interval', async (config) => ({ minutes: 1, kwargs: { to: config.cron } }), { inject: [Config] })
    asyncFactory(_options: { to: number }): void {}
  }
  expect(Wrong).toBeDefined();
});

it('checks what a factory injects and returns as the options themselves', () => {
  class Wrong {
    // @ts-expect-error -- seconds are a number
    @ScheduledTask('interval', (config) => ({ seconds: config.cron }), { inject: [Config] })
    type(): void {}

    // @ts-expect-error -- there is no such option
    @ScheduledTask('interval', (config) => ({ seconds: 4, maxInstance: config.isOn }), { inject: [Config] })
    misspelt(): void {}

    // @ts-expect-error -- hour belongs to cron
    @ScheduledTask('interval', async (_config) => ({ seconds: 4, hour: 5 }), { inject: [Config] })
    fieldOfCron(): void {}

    // @ts-expect-error -- fields or a crontab, not both
    @ScheduledTask('cron', (config) => ({ crontab: config.cron, hour: 5 }), { inject: [Config] })
    both(): void {}

    // @ts-expect-error -- the parameter is not what is injected
    @ScheduledTask('interval', (_config: Price) => ({ seconds: 4 }), { inject: [Config] })
    otherClass(): void {}

    // @ts-expect-error -- nothing is injected for the parameter
    @ScheduledTask('interval', (_config: Config) => ({ seconds: 4 }), { inject: [] })
    nothing(): void {}

    // @ts-expect-error -- inject is needed
    @ScheduledTask('interval', (_config: Config) => ({ seconds: 4 }))
    noInject(): void {}
  }
  expect(Wrong).toBeDefined();
});
