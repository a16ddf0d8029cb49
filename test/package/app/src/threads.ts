/* Runs a job in a worker thread, and ends by itself. */
import 'reflect-metadata';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, SchedulerService } from 'nestjs-apscheduler';
import { threadExecutor } from 'nestjs-apscheduler/threads';
import { ThreadsModule } from './threads.module.js';

// The same in both kinds of modules.
const worker = join(process.cwd(), process.argv[2] ?? 'dist/threads.worker.js');

@Module({
  imports: [ThreadsModule, SchedulerModule.forRoot({ executors: { cpu: threadExecutor({ worker, threads: 1 }) } })],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  console.log(await app.get(SchedulerService).runJob('greet'));
  await app.close();
}

void main();
