import { ConfigurationError } from '../engine/errors.js';
import type { Executor } from '../engine/executors/executor.js';
import { LocalExecutor } from '../engine/executors/local.executor.js';
import type { Logger } from '../engine/logger.js';
import type { SchedulerOptions } from '../engine/scheduler-options.js';
import type { JobStore } from '../engine/stores/job-store.js';
import { messageOf } from '../engine/util/inspect.js';
import { MemoryJobStore } from '../engine/stores/memory/memory.job-store.js';
import type {
  ExecutorConfig,
  JobStoreConfig,
  LoadedStoreConfig,
  ResolvedSchedulerOptions,
} from './scheduler-options.js';

/** Makes a store whose code is not loaded before. */
export type LoadJobStore = (config: LoadedStoreConfig) => Promise<JobStore>;

/**
 * The engine's options, with job stores and executors made from their configuration.
 *
 * @throws ConfigurationError when a job store cannot be made.
 */
export async function engineOptions(
  options: ResolvedSchedulerOptions,
  logger: Logger,
  loadStore: LoadJobStore,
): Promise<SchedulerOptions> {
  const jobStores: Record<string, JobStore> = {};
  for (const [alias, given] of Object.entries(options.jobStores))
    jobStores[alias] = await toJobStore(given, loadStore, alias);
  const { audit, clock, history, jobDefaults, limits, node, prune, redact, release } = options;
  const { shutdownTimeout, timezone, waitForStores } = options;
  return {
    logger,
    jobDefaults,
    history,
    audit,
    limits: { resultBytes: limits.resultBytes, logBytes: limits.logBytes },
    prune,
    shutdownTimeout,
    waitForStores,
    jobStores,
    executors: mapValues(options.executors, toExecutor),
    ...(clock && { clock }),
    ...(node !== undefined && { node }),
    ...(redact && { redact }),
    ...(release !== undefined && { release }),
    ...(timezone !== undefined && { timezone }),
  };
}

async function toJobStore(given: JobStore | JobStoreConfig, loadStore: LoadJobStore, alias: string): Promise<JobStore> {
  if (isJobStore(given)) return given;
  if (given.type === 'memory') return new MemoryJobStore();
  try {
    return await loadStore(given);
  } catch (error) {
    throw new ConfigurationError(`Job store "${alias}" cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

const isJobStore = (given: JobStore | JobStoreConfig): given is JobStore =>
  'claimDue' in given && typeof given.claimDue === 'function';

function toExecutor(given: Executor | ExecutorConfig): Executor {
  return 'submit' in given ? given : new LocalExecutor(given);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
