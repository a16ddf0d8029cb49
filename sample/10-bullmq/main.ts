import 'reflect-metadata';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { sampleRedis } from './redis.js';

const { server, url } = await sampleRedis();
process.env['REDIS_URL'] = url;

/** Starts a worker in its own process, and logs its end. */
function startWorker(name: string): ChildProcess {
  const child = fork(fileURLToPath(new URL('worker.js', import.meta.url)));
  child.on('exit', (code, signal) => console.log(`Worker ${name} has ended (${signal ?? code}).`));
  console.log(`Worker ${name} is process ${child.pid}.`);
  return child;
}

const { AppModule } = await import('./app.module.js');
const app = await start();
const workers = ['a', 'b'].map(startWorker);
console.log(`
This process decides every three seconds that a report is due, and hands it over to two workers by a queue on ${url}.
Kill one in the middle of a report, and see that the run is lost, and made again by the other:

  kill -9 ${workers[0]?.pid}

End with Ctrl+C.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(signal));

/** A server that was just started needs a moment. */
async function start(tries = 50): ReturnType<typeof NestFactory.createApplicationContext> {
  try {
    const options = { logger: ['log', 'warn', 'error'] as const };
    return await NestFactory.createApplicationContext(AppModule, {
      ...options,
      logger: [...options.logger],
      abortOnError: false,
    });
  } catch (error) {
    if (server === null || tries === 0) throw error;
    await wait(100);
    return start(tries - 1);
  }
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const running = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ended = Promise.all(running.map((worker) => once(worker, 'exit')));
  for (const worker of running) worker.kill(signal);
  await ended;
  await app.close();
  server?.kill();
  process.kill(process.pid, signal);
}
