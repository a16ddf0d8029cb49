/* A process that carries out what is handed over to a queue: prints each run that it begins, and never ends one. */
import 'reflect-metadata';
import type { RunContext } from 'nestjs-apscheduler';
import { startWorkerApp, type QueuePlace } from './kit.worker-app.js';

const [place = ''] = process.argv.slice(2);
const hang = async ({ runId }: RunContext): Promise<void> => {
  console.log(`begins ${runId}`);
  await new Promise(() => undefined);
};

void startWorkerApp({
  ...(JSON.parse(place) as QueuePlace),
  tasks: { work: hang },
  worker: { lockDuration: 1000, stalledInterval: 500 },
}).then(() => console.log('ready'));
