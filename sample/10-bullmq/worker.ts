/* A worker: a process of its own, of which there may be as many as there is work for. */
import 'reflect-metadata';
import { BullModule, Processor } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerWorkerHost } from 'nestjs-apscheduler/bullmq/worker';
import { ReportsModule } from './reports.module.js';

const { PREFIX: prefix = 'sample-10', REDIS_URL = 'redis://localhost:6379' } = process.env;
const { hostname: host, password, port, username } = new URL(REDIS_URL);

// A killed worker is noticed sooner than by BullMQ's own 30 seconds.
@Processor('heavy', { concurrency: 2, lockDuration: 5000, stalledInterval: 2000 })
class HeavyWorker extends SchedulerWorkerHost {}

@Module({
  imports: [
    BullModule.forRoot({
      connection: { host, port: Number(port || 6379), ...(password && { password, username: username || 'default' }) },
      prefix,
    }),
    BullModule.registerQueue({ name: 'heavy' }),
    ReportsModule,
  ],
  providers: [HeavyWorker],
})
class WorkerModule {}

const app = await NestFactory.createApplicationContext(WorkerModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
