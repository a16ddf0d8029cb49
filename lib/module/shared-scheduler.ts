import type { ModulesContainer } from '@nestjs/core';
import type { Clock } from '../engine/clock.js';
import { ConfigurationError } from '../engine/errors.js';
import { engineOptions, type Loaders } from './engine-options.js';
import { nestLogger } from './nest.logger.js';
import { isRecord } from './options/option-check.js';
import { resolveOptions } from './options/resolve-options.js';
import { differingOptions } from './options/same-options.js';
import type { ResolvedSchedulerOptions, SchedulerModuleOptions } from './scheduler-options.js';
import { SchedulerHost } from './scheduler.host.js';
import { SchedulerLifecycle } from './scheduler.lifecycle.js';
import { SchedulerService } from './scheduler.service.js';
import { isTaskThread, withoutJobs } from './task-thread.js';

/** What all imports of the module in one application have in common. */
export interface SharedScheduler {
  readonly options: ResolvedSchedulerOptions;
  readonly service: SchedulerService;
  readonly lifecycle: SchedulerLifecycle;
}

/** Nest makes a module of each `forRoot()`; the container is what they share, and no other application has. */
const schedulers = new WeakMap<
  ModulesContainer,
  { options: ResolvedSchedulerOptions; made: Promise<SharedScheduler> }
>();

/**
 * The one scheduler of an application, made when it is first asked for.
 *
 * @param clock - in place of the one that the options name.
 * @throws ConfigurationError when the options cannot be used, or are not those that another import of the module gave.
 */
export async function sharedScheduler(
  modules: ModulesContainer,
  given: SchedulerModuleOptions,
  clock: Clock,
  load: Loaders,
): Promise<SharedScheduler> {
  const options = resolveOptions(isRecord(given) ? { ...given, clock } : given);
  const existing = schedulers.get(modules);
  if (existing) {
    assertSame(existing.options, options);
    return existing.made;
  }
  const made = makeScheduler(modules, inThisThread(options), load);
  schedulers.set(modules, { options, made });
  return made;
}

async function makeScheduler(
  modules: ModulesContainer,
  options: ResolvedSchedulerOptions,
  load: Loaders,
): Promise<SharedScheduler> {
  const logger = nestLogger();
  const { allowedHosts, authenticate } = options;
  const host = new SchedulerHost(allowedHosts);
  const made = new SchedulerService(await engineOptions(options, logger, load), { host, logger, authenticate });
  const service = isTaskThread() ? withoutJobs(made) : made;
  const lifecycle = new SchedulerLifecycle({ host, service, options, modules, logger });
  return { options, service, lifecycle };
}

/** A thread that only carries out tasks has no use for job stores and executors, and serves nothing. */
function inThisThread(options: ResolvedSchedulerOptions): ResolvedSchedulerOptions {
  if (!isTaskThread()) return options;
  return { ...options, jobStores: {}, executors: {}, roles: {}, jobs: [], apiEnabled: false, dashboard: null };
}

function assertSame(first: ResolvedSchedulerOptions, second: ResolvedSchedulerOptions): void {
  const differing = differingOptions(first, second);
  if (differing.length === 0) return;
  throw new ConfigurationError(
    `SchedulerModule is imported twice with different options: ${differing.join(', ')}. An application has one ` +
      'scheduler: import SchedulerModule.forRoot() once, SchedulerService is injectable everywhere then',
  );
}
