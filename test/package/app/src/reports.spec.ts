import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RunContext, ScheduledTask, SchedulerModule, SchedulerService } from 'nestjs-apscheduler';
import { Scheduler } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { AddJobDto } from 'nestjs-apscheduler/rest';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { ManualClock, runTask, SCHEDULER_CLOCK } from 'nestjs-apscheduler/testing';

/* Jest's and Vitest's alike. */
declare const it: (name: string, run: () => Promise<void>) => void;
declare const expect: (value: unknown) => { toBe(expected: unknown): void };

@Injectable()
class ReportsService {
  @ScheduledTask('cron', '0 9 * * *', { id: 'daily', timezone: 'UTC' })
  daily(run: RunContext): number {
    return run.scheduledTime;
  }
}

@Module({ imports: [SchedulerModule.forRoot({ apiEnabled: true, auth: false })], providers: [ReportsService] })
class AppModule {}

it('runs an application and its tasks', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(SCHEDULER_CLOCK)
    .useValue(new ManualClock('2030-01-07T00:00:00Z'))
    .compile();
  const app = module.createNestApplication();
  await app.init();
  expect(app.get(SchedulerService).running).toBe(true);
  expect(await runTask(app, ReportsService, 'daily')).toBe(Date.UTC(2030, 0, 7));
  await app.close();
});

it('makes what the subpaths have', async () => {
  const [sql, redis] = [new SqlJobStore({ url: 'sqlite:a.db' }), new RedisJobStore({ url: 'redis://127.0.0.1:1' })];
  const scheduler = new Scheduler({ jobStores: { default: sql, redis } });
  expect(scheduler.running).toBe(false);
  expect(new AddJobDto() instanceof AddJobDto).toBe(true);
});
