import { BroadcastChannel, threadId, workerData } from 'node:worker_threads';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import type { TaskFunction } from '../../engine/model/task.js';
import { markTaskThread } from '../../module/task-thread.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { HostTasks } from '../remote/host-tasks.js';
import { CLOSE, type ClosedMessage, type ThreadData } from './messages.js';

/** What an application is made of: as for `NestFactory.createApplicationContext()`. */
export type ThreadModule = Parameters<typeof NestFactory.createApplicationContext>[0];

/** Options of {@link threadWorker}. */
export interface ThreadWorkerOptions extends Omit<NestApplicationContextOptions, 'abortOnError'> {
  /** Called when the application of a thread has started, before its first run. */
  setup?(this: void, app: INestApplicationContext): void | Promise<void>;
}

/** The application of a worker thread, and the tasks in it. */
export class ThreadHost {
  private constructor(private readonly tasks: HostTasks) {}

  /** @throws what keeps the application from starting. */
  static async open(module: ThreadModule, { setup, ...options }: ThreadWorkerOptions): Promise<ThreadHost> {
    markTaskThread();
    // What Nest says of each of its modules at the start is of no use in each thread.
    const quiet = { logger: ['fatal', 'error', 'warn'] as const };
    const app = await NestFactory.createApplicationContext(module, {
      ...(options.logger === undefined && { logger: [...quiet.logger] }),
      ...options,
      // Otherwise Nest ends the process.
      abortOnError: false,
    });
    if (options.logger === undefined) app.useLogger(['fatal', 'error', 'warn', 'log', 'debug', 'verbose']);
    const tasks = await HostTasks.find(app.get(ModulesContainer), app);
    await setup?.(app);
    closeWhenAsked(app);
    return new ThreadHost(tasks);
  }

  /** @throws ConfigurationError when no provider has a task of this name. */
  task(name: string): TaskFunction {
    return this.tasks.get(name, 'in the worker thread');
  }
}

/** The executor asks all of its threads when it stops. */
function closeWhenAsked(app: INestApplicationContext): void {
  const data: unknown = workerData;
  if (!isPlainObject(data)) return;
  const channel = new BroadcastChannel((data as unknown as ThreadData).channel);
  channel.unref();
  channel.addEventListener('message', (event) => {
    if ((event as MessageEvent).data !== CLOSE) return;
    const close = async (): Promise<void> => {
      try {
        await app.close();
      } finally {
        const message: ClosedMessage = { closed: threadId };
        channel.postMessage(message);
      }
    };
    // What fails then is an uncaught error of the thread, and told as one.
    void close();
  });
}
