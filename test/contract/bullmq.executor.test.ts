import type { INestApplicationContext } from '@nestjs/common';
import { bullmqExecutor } from 'nestjs-apscheduler/bullmq';
import { describeExecutor, EXECUTOR_TASKS } from 'nestjs-apscheduler/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startWorkerApp, type QueuePlace } from '../support/bullmq/kit.worker-app.js';
import { testServer } from '../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.available)('On a real server', () => {
  let place: QueuePlace;
  let app: INestApplicationContext;

  beforeAll(async () => {
    const { keyPrefix, url } = await server.room();
    place = { url, prefix: keyPrefix.replace(/:$/, ''), queue: 'kit' };
    app = await startWorkerApp({ ...place, tasks: EXECUTOR_TASKS, worker: { concurrency: 1000 }, shutdownTimeout: 0 });
  });

  // A task that ignores its signal is never over: BullMQ would wait for it.
  afterAll(async () => {
    await Promise.race([app.close(), new Promise((resolve) => setTimeout(resolve, 500))]);
  });

  describeExecutor('BullMQ', () => bullmqExecutor({ queue: 'kit', connection: place.url, prefix: place.prefix }), {
    describe,
    it,
  });
});
