/* A node: a plain scheduler in a process of its own, on a store that it shares. It ends with whoever started it. */
import { setTimeout as delay } from 'node:timers/promises';
import { bullmqExecutor } from 'nestjs-apscheduler/bullmq';
import { Scheduler, type Executor, type Logger, type RunContext } from 'nestjs-apscheduler/engine';
import { LedgerWriter } from './ledger.js';
import type { Answer, NodeSettings, Request } from './messages.js';
import { HISTORY, storeAt } from './open-store.js';
import { SkewedClock } from './skewed-clock.js';
import { jobsOf } from './workload.js';

/** A turn of the event loop that is late by this much is recorded as a stall. */
const STALL_MS = 1000;
const WATCH_MS = 500;

const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings;
const clock = new SkewedClock(settings.skewMs);
const ledger = new LedgerWriter(settings.folder, settings.process);
const scheduler = new Scheduler({
  clock,
  logger: logger(),
  timezone: 'UTC',
  node: settings.node,
  jobStores: { default: storeAt(settings.store) },
  executors: executors(),
  history: HISTORY,
});

scheduler.registerTask('work', async (tookMs: number, context: RunContext) => {
  const row = ledger.begin(context);
  if (tookMs > 0) await delay(tookMs);
  ledger.end(row);
});

process.on('message', (request: Request) => {
  answer(request).then(
    (jobs) => tell({ to: request.ask, ...(jobs !== undefined && { jobs }) }),
    (error: unknown) => tell({ to: request.ask, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
watchForStalls();
await scheduler.start();
tell({ to: null });

function executors(): Readonly<Record<string, Executor>> {
  if (settings.queue === null) return {};
  const { prefix, queue, url: connection } = settings.queue;
  return { queue: bullmqExecutor({ queue, connection, prefix }) };
}

async function answer(request: Request): Promise<number | undefined> {
  if (request.ask === 'add') return (await scheduler.addJobs(jobsOf(request.workload))).length;
  if (request.ask === 'count') return (await scheduler.getJobs()).length;
  if (request.ask === 'skew') clock.skewMs = request.skewMs;
  else await scheduler.shutdown();
  return undefined;
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

function logger(): Logger {
  const write = (level: string) => (message: string, error?: unknown) => {
    console.log(new Date().toISOString(), level, message, ...(error === undefined ? [] : [error]));
  };
  return { debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') };
}

function watchForStalls(): void {
  let last = Date.now();
  const watch = setInterval(() => {
    const now = Date.now();
    if (now - last > WATCH_MS + STALL_MS) ledger.stalled(last, now);
    last = now;
  }, WATCH_MS);
  watch.unref();
}
