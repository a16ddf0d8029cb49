import type { INestApplicationContext } from '@nestjs/common';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { ManualClock, Scheduler, type Run, type RunContext, type SchedulerOptions } from 'nestjs-apscheduler/engine';
import { bullmqExecutor } from 'nestjs-apscheduler/bullmq';
import type { BullmqExecutorOptions } from 'nestjs-apscheduler/bullmq';
import type { TaskFunction } from 'nestjs-apscheduler';
import { afterEach, expect } from 'vitest';
import { memoryLogger, START } from '../engine.js';
import type { Room } from '../servers/server-recipe.js';
import { connectionOf, startWorkerApp, type QueuePlace } from './kit.worker-app.js';

/** A queue, schedulers that hand runs over to it, and workers, each closed after the test. */
export class QueueWorld {
  readonly clock = new ManualClock(START, { patienceMs: 0 });
  readonly logger = memoryLogger();
  readonly place: QueuePlace;
  /** The ids of the runs whose task `work` was called in a worker of this process. */
  readonly carriedOut: string[] = [];
  private readonly closers: (() => Promise<unknown>)[] = [];

  constructor({ keyPrefix, url }: Pick<Room, 'url' | 'keyPrefix'>) {
    this.place = { url, prefix: keyPrefix.replace(/:$/, ''), queue: 'heavy' };
  }

  /** Options of an executor for the queue. */
  get options(): BullmqExecutorOptions & { queue: string } {
    const { prefix, queue, url } = this.place;
    return { queue, prefix, connection: url };
  }

  async scheduler(executor: Partial<BullmqExecutorOptions> = {}, options: SchedulerOptions = {}): Promise<Scheduler> {
    const { clock, logger } = this;
    const executors = { heavy: bullmqExecutor({ ...this.options, ...executor }) };
    const scheduler = new Scheduler({ clock, logger, timezone: 'UTC', executors, ...options });
    for (const task of ['work', 'greet']) scheduler.registerTask(task, () => 'not here');
    this.closers.unshift(() => scheduler.shutdown({ wait: false }));
    await scheduler.start();
    return scheduler;
  }

  /** Starts a worker in this process. */
  async worker(
    tasks: Readonly<Record<string, TaskFunction>> = {},
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<INestApplicationContext> {
    const work = ({ runId }: RunContext): string => {
      this.carriedOut.push(runId);
      return 'done';
    };
    // A worker that is gone is noticed by the others.
    const worker = { stalledInterval: 500, lockDuration: 1000, ...options };
    const app = await startWorkerApp({ ...this.place, tasks: { work, ...tasks }, worker, shutdownTimeout: 0 });
    this.closers.push(() => Promise.race([app.close(), new Promise((resolve) => setTimeout(resolve, 1000))]));
    return app;
  }

  /** The queue, as BullMQ shows it. */
  queue(): Queue {
    const { prefix, queue: name, url } = this.place;
    const queue = new Queue(name, { prefix, connection: connectionOf(url) });
    queue.on('error', () => undefined);
    this.closers.push(() => queue.close());
    return queue;
  }

  redis(): Redis {
    const client = new Redis(this.place.url);
    this.closers.push(async () => client.disconnect());
    return client;
  }

  closeAtEnd(close: () => Promise<unknown>): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close().catch(() => undefined);
  }
}

/** Adds jobs that run at once, and waits until all of their runs are handed over. */
export async function handOver(
  scheduler: Scheduler,
  clock: ManualClock,
  count: number,
  options: object = {},
): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, n) => `job ${n}`);
  await scheduler.addJobs(ids.map((id) => ({ id, task: 'work', executor: 'heavy', ...options })));
  await clock.advance(1);
  return ids;
}

/** The runs of a job, the first one first. */
export async function runsOf(scheduler: Scheduler, jobId: string): Promise<readonly Run[]> {
  return (await scheduler.getRuns({ jobId })).runs.toReversed();
}

/** Waits until the first run of each job is settled, and answers those runs. */
export async function settledRuns(scheduler: Scheduler, ids: readonly string[]): Promise<readonly Run[]> {
  const firsts = async (): Promise<readonly (Run | undefined)[]> =>
    Promise.all(ids.map(async (id) => (await runsOf(scheduler, id))[0]));
  await expect.poll(async () => (await firsts()).every((run) => run?.settled), { timeout: 20_000 }).toBe(true);
  return (await firsts()) as Run[];
}

/** Worlds of tests, closed after each. */
export function queueWorlds(makeRoom: () => Promise<Pick<Room, 'url' | 'keyPrefix'>>): () => Promise<QueueWorld> {
  const worlds: QueueWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  return async () => {
    const world = new QueueWorld(await makeRoom());
    worlds.push(world);
    return world;
  };
}
