import { BullModule, Processor } from '@nestjs/bullmq';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue, type Job } from 'bullmq';
import { Task, type RunContext } from 'nestjs-apscheduler';
import { SchedulerWorkerHost } from 'nestjs-apscheduler/bullmq/worker';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../support/bullmq/kit.worker-app.js';
import { handOver, queueWorlds, runsOf, settledRuns, type QueueWorld } from '../../support/bullmq/queue-world.js';
import { testServer } from '../../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.available)('A worker of BullMQ in an application of Nest', { timeout: 60_000 }, () => {
  const world = queueWorlds(() => server.room());

  /** Imports of an application with a worker for the queue. */
  const importsFor = ({ place: { prefix, queue, url } }: QueueWorld) => [
    BullModule.forRoot({ connection: connectionOf(url), prefix }),
    BullModule.registerQueue({ name: queue }),
  ];

  it('calls decorated methods, without SchedulerModule, and leaves jobs of its own to its class, with hooks of its own', async () => {
    const here = await world();
    const mails: unknown[] = [];
    let boots = 0;

    @Injectable()
    class WorkService {
      private readonly word = 'worked';

      @Task('work')
      work(given: number, run: RunContext): string {
        run.log(`has ${given}`);
        return `${this.word} on ${run.jobId}`;
      }
    }

    @Processor('heavy')
    class MixedWorker extends SchedulerWorkerHost implements OnApplicationBootstrap {
      onApplicationBootstrap(): void {
        boots++;
      }

      override async process(job: Job): Promise<unknown> {
        if (job.name !== 'mail') return super.process(job);
        return mails.push(job.data);
      }
    }

    @Module({ imports: importsFor(here), providers: [WorkService, MixedWorker] })
    class WorkerModule {}

    const app = await NestFactory.createApplicationContext(WorkerModule, { logger: false, abortOnError: false });
    here.closeAtEnd(() => app.close());
    const scheduler = await here.scheduler();
    const { prefix, queue: name, url } = here.place;
    const queue = new Queue(name, { prefix, connection: connectionOf(url) });
    here.closeAtEnd(() => queue.close());
    await queue.add('mail', { to: 'ann' });
    const ids = await handOver(scheduler, here.clock, 1, { args: [7] });
    expect(await settledRuns(scheduler, ids)).toMatchObject([
      { state: 'succeeded', result: 'worked on job 0', log: [{ message: 'has 7' }] },
    ]);
    await expect.poll(() => mails).toEqual([{ to: 'ann' }]);
    expect(boots).toBe(1);
  });

  it('keeps the application from starting when its tasks cannot work', async () => {
    const here = await world();

    class Second {
      @Task('twice')
      one(): string {
        return 'one';
      }

      @Task('twice')
      two(): string {
        return 'two';
      }
    }

    @Processor('heavy')
    class HeavyWorker extends SchedulerWorkerHost {}

    @Module({ imports: importsFor(here), providers: [Second, HeavyWorker] })
    class WorkerModule {}

    const start = NestFactory.createApplicationContext(WorkerModule, { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow('the task name "twice" is taken by Second.one');
  });

  it('gives runs time to end when it closes; those that do not are lost, and are made again elsewhere', async () => {
    const here = await world();
    const begun: string[] = [];
    const hold = ({ runId, signal }: RunContext): Promise<never> => {
      begun.push(runId);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const app = await here.worker({ work: hold }, { lockDuration: 30_000 });
    const scheduler = await here.scheduler();
    const [id = ''] = await handOver(scheduler, here.clock, 1);
    await expect.poll(() => begun).toHaveLength(1);
    await app.close();
    const [run] = await settledRuns(scheduler, [id]);
    expect(run).toMatchObject({
      ...{ id: begun[0], state: 'lost' },
      error: { name: 'WorkerFailedError', message: 'Its worker was stopped before the run had ended' },
    });
    await here.worker();
    await here.clock.advance('10s');
    const second = async () => (await runsOf(scheduler, id))[1];
    await expect.poll(second, { timeout: 10_000 }).toMatchObject({ state: 'succeeded', result: 'done', attempt: 2 });
  });
});
