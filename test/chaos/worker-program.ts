/* A worker: an application of Nest that carries out the runs of a queue, and records each in its ledger. */
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from 'nestjs-apscheduler';
import { startWorkerApp } from '../support/bullmq/kit.worker-app.js';
import { LedgerWriter } from './ledger.js';
import type { WorkerSettings } from './messages.js';

const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings;
const ledger = new LedgerWriter(settings.folder, settings.process);

async function work(tookMs: number, context: RunContext): Promise<void> {
  const row = ledger.begin(context);
  if (tookMs > 0) await delay(tookMs);
  ledger.end(row);
}

// The runs of a worker that is killed are lost within seconds, and not within a minute as by default.
const worker = { lockDuration: 5000, stalledInterval: 2000 };
void startWorkerApp({ ...settings.site, tasks: { work }, worker }).then(() => console.log('ready'));
