/* Hands a run over to a worker of BullMQ, here in the same process, and ends by itself. Given the URL of a Redis, and a prefix for its keys. */
import 'reflect-metadata';
import { BullModule, getQueueToken, Processor } from '@nestjs/bullmq';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bullmq';
import { ScheduledTask, SchedulerModule, SchedulerService } from 'nestjs-apscheduler';
import { bullmqExecutor } from 'nestjs-apscheduler/bullmq';
import { SchedulerWorkerHost } from 'nestjs-apscheduler/bullmq/worker';

const [url = '', prefix = 'bull'] = process.argv.slice(2);
const { hostname: host, port } = new URL(url);

@Injectable()
class GreetingService {
  @ScheduledTask('interval', { id: 'greet', hours: 1, executor: 'heavy', args: ['world'] })
  greet(name: string): string {
    return `Hello, ${name}, from a worker of BullMQ!`;
  }
}

@Processor('heavy')
class HeavyWorker extends SchedulerWorkerHost {}

const queues = BullModule.forRoot({ connection: { host, port: Number(port) }, prefix });
const heavy = BullModule.registerQueue({ name: 'heavy' });

@Module({ imports: [queues, heavy], providers: [GreetingService, HeavyWorker] })
class WorkerModule {}

@Module({
  imports: [
    queues,
    SchedulerModule.forRootAsync({
      imports: [heavy],
      inject: [getQueueToken('heavy')],
      useFactory: (queue: Queue) => ({ executors: { heavy: bullmqExecutor({ queue }) } }),
    }),
  ],
  providers: [GreetingService],
})
class AppModule {}

async function main(): Promise<void> {
  const worker = await NestFactory.createApplicationContext(WorkerModule, { logger: ['error', 'warn'] });
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  console.log(await app.get(SchedulerService).runJob('greet'));
  await app.close();
  await worker.close();
}

void main();
