import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, SchedulerService, type ExecutorConfig } from 'nestjs-apscheduler';
import { threadExecutor } from 'nestjs-apscheduler/threads';
import type { INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { buildWorkers } from '../../support/threads/build-worker.js';
import { WorkModule } from '../../support/threads/work.module.js';

const { 'work.worker': worker } = await buildWorkers(['work.worker']);
let app: INestApplication | undefined;

async function start(cpu: ExecutorConfig | ReturnType<typeof threadExecutor>): Promise<SchedulerService> {
  @Module({
    imports: [WorkModule, SchedulerModule.forRoot({ apiEnabled: true, auth: false, executors: { cpu } })],
  })
  class AppModule {}
  app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0);
  return app.get(SchedulerService);
}

async function ask(path: string, method = 'GET', body?: object): Promise<unknown> {
  const url = `${await app?.getUrl()}/scheduler${path}`;
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  return response.json();
}

afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe('In an application with worker threads', () => {
  it('a decorated method runs in a thread, on a provider that Nest has made there', async () => {
    const scheduler = await start(threadExecutor({ worker, threads: 1 }));
    expect(await scheduler.getJobs()).toMatchObject([{ id: 'tick', executor: 'cpu' }]);
    expect(await scheduler.runJob('tick')).toMatchObject({ isMainThread: false, isRunning: false, applications: 1 });
    await scheduler.addJob({
      id: 'hi',
      task: 'greet',
      args: ['world'],
      executor: 'cpu',
      trigger: 'interval',
      hours: 1,
    });
    expect(await scheduler.runJob('hi')).toBe('Hello, world!');
  });

  it('the REST API shows the executor of a job, and log, progress and result of its runs, as of any other', async () => {
    await start({ type: 'threads', worker, threads: 1 });
    const chats = { id: 'chats', func: 'chatter', args: [2], executor: 'cpu', trigger: 'interval', hours: 1 };
    expect(await ask('/jobs', 'POST', chats)).toMatchObject({ executor: 'cpu' });
    await ask('/jobs/chats/run', 'POST');
    await expect
      .poll(() => ask('/jobs/chats/runs'), { timeout: 20_000 })
      .toMatchObject({
        runs: [
          {
            ...{ job_id: 'chats', state: 'succeeded', result: 2, progress: 1 },
            log: [{ message: 'line 1' }, { message: 'line 2' }],
          },
        ],
      });
  });

  it('options that cannot be used fail the start, by the alias of the executor', async () => {
    await expect(start({ type: 'threads', worker, threads: 0 })).rejects.toThrow(
      'Executor "cpu" cannot be made: Invalid thread executor: threads must be a whole number of at least 1, got 0',
    );
  });

  it('a busy thread does not keep the application from answering', async () => {
    const scheduler = await start(threadExecutor({ worker, threads: 1, grace: 0 }));
    await scheduler.addJob({ id: 'busy', task: 'spin', executor: 'cpu' });
    const runs = (): Promise<unknown> => ask('/jobs/busy/runs');
    await expect.poll(runs, { timeout: 20_000 }).toMatchObject({ runs: [{ log: [{ message: 'spins' }] }] });
    const { runs: found } = (await runs()) as { runs: [{ id: string }] };
    expect(await ask(`/runs/${found[0].id}/cancel`, 'POST')).toMatchObject({ state: 'cancelled' });
  });
});
