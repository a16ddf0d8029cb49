import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { type RunContext, ScheduledTask, SchedulerModule } from 'nestjs-apscheduler';
import { ManualClock, runTask, SCHEDULER_CLOCK, SchedulerTestingModule } from 'nestjs-apscheduler/testing';

@Injectable()
class ReportsService {
  readonly days: string[] = [];

  @ScheduledTask('cron', '0 9 * * *', { id: 'daily', timezone: 'UTC' })
  daily({ scheduledTime }: RunContext): number {
    return this.days.push(new Date(scheduledTime).toISOString());
  }
}

@Module({ imports: [SchedulerModule.forRoot()], providers: [ReportsService] })
class WholeModule {}

@Module({ imports: [SchedulerModule.forRootAsync({ useFactory: () => ({}) })], providers: [ReportsService] })
class AsyncModule {}

@Module({ imports: [SchedulerTestingModule.forRoot({ clock: clockOfTest() })], providers: [ReportsService] })
class PartModule {}

function clockOfTest(): ManualClock {
  return new ManualClock('2030-01-07T00:00:00Z');
}

/** Three days of an application, and one run by hand. */
async function daysOf(builder: TestingModuleBuilder): Promise<readonly string[]> {
  const app = await builder.compile();
  await app.init();
  const clock = app.get<ManualClock>(SCHEDULER_CLOCK);
  await clock.advance('3d');
  const count: number = await runTask(app, ReportsService.prototype.daily);
  const { days } = app.get(ReportsService);
  await app.close();
  return clock.pendingTimers === 0 && count === days.length ? days : ['something is left'];
}

async function main(): Promise<void> {
  const overridden = [WholeModule, AsyncModule].map((module) =>
    Test.createTestingModule({ imports: [module] })
      .overrideProvider(SCHEDULER_CLOCK)
      .useValue(clockOfTest()),
  );
  const part = Test.createTestingModule({ imports: [PartModule] });
  console.log(JSON.stringify(await Promise.all([...overridden, part].map(daysOf))));
}

void main();
