/* An application with one job in a worker thread. Given the file of the worker, it runs the job twice, closes, and ends by itself. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, SchedulerService } from 'nestjs-apscheduler';
import { PlainModule } from './plain.module.js';

const [worker = ''] = process.argv.slice(2);

@Module({
  imports: [PlainModule, SchedulerModule.forRoot({ executors: { cpu: { type: 'threads', worker, threads: 1 } } })],
})
class ProgramModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(ProgramModule, { logger: ['error', 'warn'] });
  const scheduler = app.get(SchedulerService);
  console.log(JSON.stringify([await scheduler.runJob('greet'), await scheduler.runJob('greet')]));
  const { runs } = await scheduler.getRuns({ jobId: 'greet', limit: 1 });
  console.log(JSON.stringify(runs.map(({ state, log }) => [state, log[0]?.message])));
  await app.close();
  console.log('closed');
}

void main();
