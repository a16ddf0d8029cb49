import { setTimeout } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { bullmqExecutor } from '../dist/executors/bullmq/index.js';
import { Scheduler, silentLogger, SystemClock } from '../dist/engine/index.js';
import { serve } from '../support/own-process.mjs';

const SECOND = 1000;
const BATCH = 1000;
const TASK = 'work';

const connectionOf = (url) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });
const open = (url, name) => new Queue(name, { connection: connectionOf(url) });

/** What carries a run, for those that are added without the executor. */
const envelopeOf = (n) => ({
  ...{ runId: `bare-${n}`, jobId: `job-${n}`, task: TASK, args: [n], kwargs: {}, scheduledTime: Date.now() },
  ...{ attempt: 1, timeout: null, deadline: Date.now() + 86_400_000, trace: null },
});

/** A run as the engine gives it to an executor. */
function executionOf(n) {
  const { signal } = new AbortController();
  const context = { runId: `run-${n}`, jobId: `job-${n}`, scheduledTime: Date.now(), attempt: 1, signal };
  const nothing = () => undefined;
  return {
    ...{ task: TASK, args: [n], kwargs: {}, context, deadline: null, timeoutMs: null, isAdopted: false },
    ...{ begin: () => true, started: nothing, settle: nothing, drop: nothing, invoke: nothing },
  };
}

/** Waits until so many jobs wait in a queue. */
async function untilWaiting(queue, count) {
  while ((await queue.getWaitingCount()) < count) await setTimeout(1);
}

serve({
  /** Milliseconds for so many jobs, added in bulk, a thousand at once. */
  async addBulk({ count, name, url }) {
    const queue = open(url, name);
    await queue.waitUntilReady();
    const kept = { age: 172_800 };
    const jobs = Array.from({ length: count }, (_, n) => n);
    const begun = performance.now();
    for (let from = 0; from < count; from += BATCH) {
      await queue.addBulk(
        jobs.slice(from, from + BATCH).map((n) => ({
          ...{ name: TASK, data: envelopeOf(n) },
          opts: { jobId: `bare-${n}`, attempts: 1, removeOnComplete: kept, removeOnFail: kept },
        })),
      );
    }
    const tookMs = performance.now() - begun;
    await queue.close();
    return tookMs;
  },

  /** Milliseconds until so many runs, submitted at once, are in the queue. */
  async submit({ count, name, url }) {
    const queue = open(url, name);
    await queue.waitUntilReady();
    const executor = bullmqExecutor({ queue: name, connection: url });
    executor.attach({ alias: 'heavy', clock: new SystemClock(), logger: silentLogger });
    await executor.start();
    const begun = performance.now();
    for (let n = 0; n < count; n++) executor.submit(executionOf(n));
    await untilWaiting(queue, count);
    const tookMs = performance.now() - begun;
    await executor.stop();
    await queue.close();
    return tookMs;
  },

  /** Milliseconds from the time at which so many jobs of a scheduler are due until their runs are in the queue. */
  async handOver({ count, leadMs, name, url }) {
    const queue = open(url, name);
    await queue.waitUntilReady();
    const executors = { heavy: bullmqExecutor({ queue: name, connection: url }) };
    const scheduler = new Scheduler({ executors, logger: silentLogger });
    scheduler.registerTask(TASK, () => undefined);
    const at = Date.now() + leadMs;
    await scheduler.addJobs(
      Array.from({ length: count }, (_, n) => ({
        ...{ id: `job-${n}`, task: TASK, args: [n], executor: 'heavy', trigger: 'date', runDate: at },
      })),
    );
    await scheduler.start();
    const begun = Math.max(at, Date.now());
    await untilWaiting(queue, count);
    const tookMs = Date.now() - begun;
    await scheduler.shutdown({ wait: false });
    await queue.close();
    return tookMs;
  },

  /** Has so many jobs run in each second, by a scheduler of this package. */
  async scheduleOurs({ jobs, name, url }) {
    const executors = { heavy: bullmqExecutor({ queue: name, connection: url }) };
    const scheduler = new Scheduler({ executors, logger: silentLogger });
    scheduler.registerTask(TASK, () => undefined);
    const cron = { trigger: 'cron', second: '*', maxInstances: 10 };
    const ids = Array.from({ length: jobs }, (_, n) => `job-${n}`);
    await scheduler.addJobs(ids.map((id) => ({ id, task: TASK, executor: 'heavy', ...cron })));
    await scheduler.start();
  },

  /** The same by BullMQ's job schedulers. */
  async scheduleTheirs({ jobs, name, url }) {
    const queue = open(url, name);
    const template = { name: TASK, data: {}, opts: { removeOnComplete: true } };
    for (let n = 0; n < jobs; n++) {
      await queue.upsertJobScheduler(`job-${n}`, { pattern: '* * * * * *' }, template);
    }
    await setTimeout(SECOND);
  },
});
