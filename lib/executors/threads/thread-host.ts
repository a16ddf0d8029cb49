import { BroadcastChannel, threadId, workerData } from 'node:worker_threads';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { ConfigurationError } from '../../engine/errors.js';
import { TaskRegistry } from '../../engine/executors/tasks.js';
import type { TaskFunction } from '../../engine/model/task.js';
import { throwProblems } from '../../module/configuration-problems.js';
import { registerTasks } from '../../module/discovery/declaration.registrar.js';
import { findMethodHosts } from '../../module/discovery/method-host.js';
import { explore } from '../../module/discovery/scheduler.explorer.js';
import { nearestName } from '../../module/nearest-name.js';
import { SchedulerService } from '../../module/scheduler.service.js';
import { markTaskThread } from '../../module/task-thread.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
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
  private constructor(private readonly tasks: TaskRegistry) {}

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
    const tasks = await tasksOf(app);
    await setup?.(app);
    closeWhenAsked(app);
    return new ThreadHost(tasks);
  }

  /** @throws ConfigurationError when no provider has a task of this name. */
  task(name: string): TaskFunction {
    const task = this.tasks.get(name);
    if (task) return task;
    const known = this.tasks.names();
    const nearest = nearestName(name, known);
    const hint =
      nearest === undefined ? `its module has ${known.join(', ') || 'no task'}` : `did you mean "${nearest}"?`;
    throw new ConfigurationError(`Task "${name}" is not known in the worker thread; ${hint}`);
  }
}

/** Those that decorators make of its providers' methods, and those that it has registered while it started. */
async function tasksOf(app: INestApplicationContext): Promise<TaskRegistry> {
  const { tasks: declared, problems } = await explore(findMethodHosts(app.get(ModulesContainer)));
  const tasks = schedulerOf(app)?.tasks ?? new TaskRegistry();
  throwProblems('Tasks of a worker thread that cannot work', [...problems, ...registerTasks(tasks, declared)]);
  return tasks;
}

/** Undefined where the module does not import `SchedulerModule`. */
function schedulerOf(app: INestApplicationContext): SchedulerService | undefined {
  try {
    return app.get(SchedulerService, { strict: false });
  } catch {
    return undefined;
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
