import { Inject, Module, type INestApplicationContext } from '@nestjs/common';
import { BullModule, Processor } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, SchedulerService, type TaskFunction } from 'nestjs-apscheduler';
import { SchedulerWorkerHost } from 'nestjs-apscheduler/bullmq/worker';

/** Where a queue is. */
export interface QueuePlace {
  readonly url: string;
  readonly prefix: string;
  readonly queue: string;
}

export interface WorkerAppOptions extends QueuePlace {
  readonly tasks: Readonly<Record<string, TaskFunction>>;
  /** Options of BullMQ's worker. */
  readonly worker?: Readonly<Record<string, unknown>>;
  /** How long runs may go on when it closes, in seconds. */
  readonly shutdownTimeout?: number;
}

/** BullMQ's options of a connection. */
export function connectionOf(url: string): { host: string; port: number } {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

/** Starts an application of Nest that carries out what is handed over to a queue. */
export async function startWorkerApp(options: WorkerAppOptions): Promise<INestApplicationContext> {
  const { prefix, queue, shutdownTimeout = 1, tasks, url, worker } = options;

  @Processor(queue, { concurrency: 50, ...worker })
  class KitWorker extends SchedulerWorkerHost {
    protected override readonly shutdownTimeout = shutdownTimeout;
  }

  @Module({
    imports: [
      BullModule.forRoot({ connection: connectionOf(url), prefix }),
      BullModule.registerQueue({ name: queue }),
      SchedulerModule.forRoot({ autoStart: false }),
    ],
    providers: [KitWorker],
  })
  class WorkerAppModule {
    constructor(@Inject(SchedulerService) scheduler: SchedulerService) {
      for (const [name, task] of Object.entries(tasks)) scheduler.registerTask(name, task);
    }
  }

  return NestFactory.createApplicationContext(WorkerAppModule, { logger: false, abortOnError: false });
}
