import { ConsoleLogger, Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  OnSchedulerEvent,
  type RunContext,
  ScheduledTask,
  type SchedulerEvent,
  type SchedulerModuleOptions,
  type SchedulerOptionsFactory,
  SchedulerService,
} from 'nestjs-apscheduler';
import { ManualClock, SCHEDULER_CLOCK, SchedulerTestingModule } from 'nestjs-apscheduler/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Sends a report each day at nine in Berlin. The printer is out of paper on some days. */
@Injectable()
class ReportsService {
  readonly sent: string[] = [];
  outOfPaperOn = '';

  @ScheduledTask('cron', '0 9 * * *', { id: 'daily', timezone: 'Europe/Berlin' })
  async daily({ scheduledTime }: RunContext): Promise<string> {
    const day = new Date(scheduledTime).toISOString();
    await Promise.resolve();
    if (day.startsWith(this.outOfPaperOn || 'never')) throw new Error('out of paper');
    this.sent.push(day);
    return day;
  }
}

@Injectable()
class Outcomes {
  readonly events: SchedulerEvent[] = [];

  @OnSchedulerEvent(EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
  onOutcome(event: SchedulerEvent): void {
    this.events.push(event);
  }
}

async function start(scheduler = SchedulerTestingModule.forRoot({ clock: new ManualClock('2030-03-29T23:00:00Z') })) {
  const builder = Test.createTestingModule({ imports: [scheduler], providers: [ReportsService, Outcomes] });
  const app = await builder.setLogger(new ConsoleLogger({ logLevels: [] })).compile();
  onTestFinished(() => app.close());
  await app.init();
  return { app, clock: app.get(ManualClock), reports: app.get(ReportsService), outcomes: app.get(Outcomes) };
}

describe('SchedulerTestingModule', () => {
  it('runs a daily job on each of three days, in order, across a change to daylight saving time', async () => {
    const { clock, reports } = await start();
    await clock.advance('3d');
    expect(reports.sent).toEqual(['2030-03-30T08:00:00.000Z', '2030-03-31T07:00:00.000Z', '2030-04-01T07:00:00.000Z']);
  });

  it('has the jobs and their next run times, and runs nothing until the clock is advanced', async () => {
    const { app, clock, reports } = await start();
    expect(app.get(SchedulerService).running).toBe(true);
    const job = await app.get(SchedulerService).getJob('daily');
    expect(job?.nextRunTime).toBe(Date.UTC(2030, 2, 30, 8));
    await clock.advance('8h59m');
    expect(reports.sent).toEqual([]);
    await clock.advance('1m');
    expect(reports.sent).toHaveLength(1);
  });

  it('emits an event for a task that fails, and continues', async () => {
    const { clock, reports, outcomes } = await start();
    reports.outOfPaperOn = '2030-03-31';
    await clock.advance('3d');
    expect(reports.sent).toHaveLength(2);
    expect(outcomes.events).toMatchObject([
      { code: EVENT_JOB_EXECUTED, returnValue: '2030-03-30T08:00:00.000Z' },
      { code: EVENT_JOB_ERROR, jobId: 'daily', exception: new Error('out of paper') },
      { code: EVENT_JOB_EXECUTED, returnValue: '2030-04-01T07:00:00.000Z' },
    ]);
  });

  it('leaves no timer behind when the application closes', async () => {
    const { app, clock } = await start();
    await clock.advance('1d');
    expect(clock.pendingTimers).toBe(1);
    await app.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('needs no options, and always starts at the same instant then', async () => {
    const { app, clock } = await start(SchedulerTestingModule.forRoot());
    expect(clock.now()).toBe(0);
    expect(app.get(SCHEDULER_CLOCK)).toBe(clock);
  });

  it('accepts the options of the module', async () => {
    const { app, clock } = await start(
      SchedulerTestingModule.forRoot({
        timezone: 'Asia/Tokyo',
        jobs: [{ id: 'extra', task: 'ReportsService:daily', trigger: 'cron', hour: 10 }],
      }),
    );
    expect(app.get(SchedulerService).timezone).toBe('Asia/Tokyo');
    const job = await app.get(SchedulerService).getJob('extra');
    expect(job?.nextRunTime).toBe(Date.UTC(1970, 0, 1, 1));
    expect(clock.pendingTimers).toBe(1);
  });

  it('makes its clock injectable everywhere', async () => {
    @Injectable()
    class Invoices {
      constructor(@Inject(ManualClock) readonly clock: ManualClock) {}
    }
    @Module({ providers: [Invoices] })
    class Feature {}
    const clock = new ManualClock();
    const imports = [SchedulerTestingModule.forRoot({ clock }), Feature];
    const app = await Test.createTestingModule({ imports }).compile();
    onTestFinished(() => app.close());
    expect(app.get(Invoices).clock).toBe(clock);
  });

  it('is rejected without forRoot', async () => {
    const compiled = Test.createTestingModule({ imports: [SchedulerTestingModule] }).compile();
    await expect(compiled).rejects.toThrow('import SchedulerTestingModule.forRoot()');
  });
});

describe('SchedulerTestingModule.forRootAsync', () => {
  const given: SchedulerModuleOptions = { timezone: 'Asia/Tokyo' };

  it('uses the options of a factory, and its own clock', async () => {
    const clock = new ManualClock('2030-03-29T23:00:00Z');
    const unused = new ManualClock();
    const useFactory = async (): Promise<SchedulerModuleOptions> => ({ ...given, clock: unused });
    const { app, reports } = await start(SchedulerTestingModule.forRootAsync({ useFactory, clock }));
    expect(app.get(SchedulerService).timezone).toBe('Asia/Tokyo');
    expect(app.get(ManualClock)).toBe(clock);
    await clock.advance('1d');
    expect(reports.sent).toHaveLength(1);
    expect(unused.pendingTimers).toBe(0);
  });

  it('uses the options of a class', async () => {
    class Options implements SchedulerOptionsFactory {
      createSchedulerOptions(): SchedulerModuleOptions {
        return given;
      }
    }
    const { app, clock, reports } = await start(SchedulerTestingModule.forRootAsync({ useClass: Options }));
    expect(app.get(SchedulerService).timezone).toBe('Asia/Tokyo');
    await clock.advance('2d');
    expect(reports.sent).toHaveLength(2);
  });
});
