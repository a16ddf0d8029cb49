import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  EVENT_JOB_EXECUTED,
  type RunContext,
  ScheduledTask,
  SchedulerModule,
  SchedulerService,
} from 'nestjs-apscheduler';
import { CronTrigger, IntervalTrigger } from 'nestjs-apscheduler/engine';
import { adapter } from './platform.js';

@Injectable()
class GreetingService {
  @ScheduledTask('date', { id: 'greet', args: ['world'] })
  greet(name: string, run: RunContext): string {
    return `Hello, ${name}, from ${run.jobId}!`;
  }
}

@Module({
  imports: [SchedulerModule.forRoot({ apiEnabled: true, auth: { username: 'admin', password: 'secret' } })],
  providers: [GreetingService],
})
class AppModule {}

// @ts-expect-error: Nest makes it.
export const made = () => new SchedulerService();

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
  const scheduler = app.get(SchedulerService);
  const fired = new Promise<unknown>((resolve) => {
    scheduler.addListener(
      (event) => event.code === EVENT_JOB_EXECUTED && resolve(event.returnValue),
      EVENT_JOB_EXECUTED,
    );
  });
  await app.listen(0);
  await scheduler.addJob({ id: 'later', task: 'GreetingService:greet', trigger: new IntervalTrigger({ hours: 1 }) });
  const trigger = CronTrigger.fromCrontab('0 9 * * 1-5', { timezone: 'Europe/Berlin' });
  const { description } = await scheduler.preview(trigger);

  const { port } = app.getHttpServer().address() as AddressInfo;
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://localhost:${port}/scheduler${path}`, init);
  const headers = { authorization: `Basic ${btoa('admin:secret')}` };
  const job = await ask('/jobs/later', { headers });
  console.log(
    JSON.stringify({
      returnValue: await fired,
      description,
      refused: (await ask('/jobs')).status,
      answered: job.status,
      job: await job.json(),
      added: (await ask('/jobs', { headers, method: 'POST', body: '{"id": "a/b", "func": "GreetingService:greet"}' }))
        .status,
      bad: (await ask('/jobs', { headers, method: 'POST', body: '{"id": "c", "func": "nobody"}' })).status,
    }),
  );
  await app.close();
}

void main();
