import type { ModulesContainer } from '@nestjs/core';
import { SchedulerNotRunningError } from '../engine/errors.js';
import { show } from '../engine/util/inspect.js';
import type { Logger } from '../engine/logger.js';
import { DeclarationRegistrar } from './discovery/declaration.registrar.js';
import type { DeclaredJob } from './discovery/declarations.js';
import { findMethodHosts } from './discovery/method-host.js';
import { classesWithoutProvider, explore } from './discovery/scheduler.explorer.js';
import type { ResolvedSchedulerOptions } from './scheduler-options.js';
import type { SchedulerHost } from './scheduler.host.js';
import type { SchedulerService } from './scheduler.service.js';
import { isTaskThread } from './task-thread.js';

/** What {@link SchedulerLifecycle} leads through an application's life. */
export interface SchedulerLifecycleParts {
  readonly host: SchedulerHost;
  readonly service: SchedulerService;
  readonly options: ResolvedSchedulerOptions;
  readonly modules: ModulesContainer;
  readonly logger: Logger;
}

/**
 * Starts the scheduler with the application and stops it with the application. Each once, however often the
 * application asks: every import of the module does.
 */
export class SchedulerLifecycle {
  private bootstrapped: Promise<void> | undefined;
  private closed: Promise<void> | undefined;

  constructor(private readonly parts: SchedulerLifecycleParts) {}

  /**
   * Declares what decorators and the option `jobs` ask for, and starts unless `autoStart` is false. Does nothing in a worker
   * thread of an executor.
   *
   * @throws ConfigurationError naming everything that cannot work; nothing is left running then.
   */
  bootstrap(): Promise<void> {
    if (isTaskThread()) return Promise.resolve();
    return (this.bootstrapped ??= this.declareAndStart());
  }

  /** Stops for good, waiting for running jobs as long as `shutdownTimeout` says. */
  close(): Promise<void> {
    if (isTaskThread()) return Promise.resolve();
    return (this.closed ??= this.stop());
  }

  private async declareAndStart(): Promise<void> {
    const { logger, modules, options, service } = this.parts;
    try {
      const hosts = findMethodHosts(modules);
      const forgotten = classesWithoutProvider(hosts);
      await new DeclarationRegistrar(service, logger).register(await explore(hosts), configuredJobs(options));
      if (forgotten.length > 0) {
        logger.warn(`@ScheduledTask is not looked at in classes that no module provides: ${forgotten.join(', ')}`);
      }
      this.warnOfMissingCallback();
      await this.warnOfManyMemories();
      // The application may have started it already, in a hook of its own.
      await service.settled();
      if (options.autoStart && !service.running) await service.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async stop(): Promise<void> {
    this.parts.host.close();
    try {
      await this.parts.service.shutdown();
    } catch (error) {
      if (!(error instanceof SchedulerNotRunningError)) throw error;
      // Stopped, it may still carry out what was run by hand.
      await this.parts.service.drain();
    }
  }

  /** Each process would run all of the jobs. */
  private async warnOfManyMemories(): Promise<void> {
    const { host, logger, options, service } = this.parts;
    const aliases = ['default', ...Object.keys(options.jobStores)];
    const isInMemory = aliases.some((alias) => service.capabilitiesOf(alias)?.shared === false);
    if (!isInMemory || !host.isAllowed || !(await isOneOfMany())) return;
    logger.warn(
      'This is one of several processes, under PM2 or in a cluster, and each runs all jobs that are kept in memory: ' +
        'keep them in a shared store, or schedule in one process',
    );
  }

  private warnOfMissingCallback(): void {
    const { logger, options, service } = this.parts;
    const { apiEnabled, apiGuard, auth } = options;
    const asksCallback = apiEnabled && !apiGuard && typeof auth === 'object' && 'getAuthorization' in auth;
    if (!asksCallback || service.authenticateCallback) return;
    logger.warn('The REST API refuses everybody: auth is set, and nothing decides who may use it; set authenticate');
  }
}

/** Whether other processes run the same program: PM2 starts it, or a cluster's primary does. */
async function isOneOfMany(): Promise<boolean> {
  if (process.env['pm_id'] !== undefined) return true;
  // Loading it has a price, and a worker has a channel to its primary.
  return process.connected && (await import('node:cluster')).default.isWorker;
}

function configuredJobs({ jobs }: ResolvedSchedulerOptions): readonly DeclaredJob[] {
  return jobs.map((definition, index) => {
    const label = definition.id === undefined ? `jobs[${index}]` : `jobs[${index}] (${show(definition.id)})`;
    return { label, definition: { ...definition }, hasDefaultId: false };
  });
}
