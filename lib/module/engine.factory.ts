import type { Executor } from '../engine/executors/executor.js';
import { LocalExecutor } from '../engine/executors/local.executor.js';
import type { Logger } from '../engine/logger.js';
import { Scheduler } from '../engine/scheduler.js';
import type { JobStore } from '../engine/stores/job-store.js';
import { MemoryJobStore } from '../engine/stores/memory/memory.job-store.js';
import type { ExecutorConfig, JobStoreConfig, ResolvedSchedulerOptions } from './scheduler-options.js';

/** The engine that options describe. */
export function createEngine(options: ResolvedSchedulerOptions, logger: Logger): Scheduler {
  const { clock, history, jobDefaults, node, prune, release, shutdownTimeout, timezone } = options;
  return new Scheduler({
    logger,
    jobDefaults,
    history,
    prune,
    shutdownTimeout,
    jobStores: mapValues(options.jobStores, toJobStore),
    executors: mapValues(options.executors, toExecutor),
    ...(clock && { clock }),
    ...(node !== undefined && { node }),
    ...(release !== undefined && { release }),
    ...(timezone !== undefined && { timezone }),
  });
}

function toJobStore(given: JobStore | JobStoreConfig): JobStore {
  return 'claimDue' in given ? given : new MemoryJobStore();
}

function toExecutor(given: Executor | ExecutorConfig): Executor {
  return 'submit' in given ? given : new LocalExecutor(given);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
