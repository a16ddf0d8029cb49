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
  LoadedExecutorConfig,
  LoadedStoreConfig,
  ResolvedSchedulerOptions,
} from './scheduler-options.js';

/** What makes stores and executors whose code is not loaded before. */
export interface Loaders {
  readonly jobStore: (config: LoadedStoreConfig) => Promise<JobStore>;
  readonly executor: (config: LoadedExecutorConfig) => Promise<Executor>;
}

/**
 * The engine's options, with job stores and executors made from their configuration.
 *
 * @throws ConfigurationError when a job store or an executor cannot be made.
 */
export async function engineOptions(
  options: ResolvedSchedulerOptions,
  logger: Logger,
  load: Loaders,
): Promise<SchedulerOptions> {
  const jobStores: Record<string, JobStore> = {};
  for (const [alias, given] of Object.entries(options.jobStores))
    jobStores[alias] = await toJobStore(given, load, alias);
  const executors: Record<string, Executor> = {};
  for (const [alias, given] of Object.entries(options.executors))
    executors[alias] = await toExecutor(given, load, alias);
  const { audit, clock, history, jobDefaults, limits, node, prune, redact, release, roles } = options;
  const { shutdownTimeout, timezone, waitForStores } = options;
  return {
    logger,
    jobDefaults,
    history,
    audit,
    limits: { resultBytes: limits.resultBytes, logBytes: limits.logBytes },
    prune,
    roles,
    shutdownTimeout,
    waitForStores,
    jobStores,
    executors,
    ...(clock && { clock }),
    ...(node !== undefined && { node }),
    ...(redact && { redact }),
    ...(release !== undefined && { release }),
    ...(timezone !== undefined && { timezone }),
  };
}

async function toJobStore(given: JobStore | JobStoreConfig, load: Loaders, alias: string): Promise<JobStore> {
  if (isJobStore(given)) return given;
  return given.type === 'memory' ? new MemoryJobStore() : made(`Job store "${alias}"`, load.jobStore(given));
}

const isJobStore = (given: JobStore | JobStoreConfig): given is JobStore =>
  'claimDue' in given && typeof given.claimDue === 'function';

async function toExecutor(given: Executor | ExecutorConfig, load: Loaders, alias: string): Promise<Executor> {
  if (isExecutor(given)) return given;
  return given.type === 'local' ? new LocalExecutor(given) : made(`Executor "${alias}"`, load.executor(given));
}

const isExecutor = (given: Executor | ExecutorConfig): given is Executor =>
  'submit' in given && typeof given.submit === 'function';

async function made<T>(what: string, making: Promise<T>): Promise<T> {
  try {
    return await making;
  } catch (error) {
    throw new ConfigurationError(`${what} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
