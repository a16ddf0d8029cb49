import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { LocalExecutor, Scheduler } from '../dist/engine/index.js';
import { threadExecutor } from '../dist/executors/threads/index.js';
import { serve } from '../support/own-process.mjs';
import { BurnService } from './burn.worker.mjs';

const WORKER = new URL('burn.worker.mjs', import.meta.url);
const NANOSECONDS = 1e6;

let scheduler;

serve({
  /** @param {{ threads: number }} options - 0: tasks are called in the main thread */
  async open({ threads }) {
    const executor = threads > 0 ? threadExecutor({ worker: WORKER, threads }) : new LocalExecutor();
    const logger = { debug: nothing, info: nothing, warn: console.error, error: console.error };
    scheduler = new Scheduler({ logger, executors: { burn: executor }, history: { perJob: 1, total: 100 } });
    scheduler.registerTask('burn', (forMs) => new BurnService().burn(forMs));
    await scheduler.start();
  },

  /** How late the event loop is while as many runs are under way as there are places. */
  async measure({ forMs, places, taskMs, warmUpMs }) {
    const burning = { isOver: false, runs: 0 };
    await scheduler.addJobs(
      Array.from({ length: places }, (_, index) => ({
        id: `burn-${index}`,
        task: 'burn',
        args: [taskMs],
        executor: 'burn',
        trigger: 'date',
        runDate: '2090-01-01',
      })),
    );
    const all = Array.from({ length: places }, async (_, index) => {
      while (!burning.isOver) {
        await scheduler.runJob(`burn-${index}`, { wait: true });
        burning.runs++;
        await setTimeout(0);
      }
    });
    await setTimeout(warmUpMs);
    burning.runs = 0;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await setTimeout(forMs);
    delay.disable();
    const { runs } = burning;
    burning.isOver = true;
    await Promise.all(all);
    const inMs = (value) => Math.max(0, value / NANOSECONDS - 1);
    return { runs, p50: inMs(delay.percentile(50)), p99: inMs(delay.percentile(99)), max: inMs(delay.max) };
  },

  close: () => scheduler.shutdown({ timeout: 1 }),
});

function nothing() {
  // Only what is wrong is of interest.
}
