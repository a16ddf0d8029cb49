import { InvalidInputError } from '../engine/errors.js';
import type { RunJobOptions } from '../engine/jobs/run-options.js';
import type { StartOptions } from '../engine/lifecycle/lifecycle-options.js';
import type { Logger } from '../engine/logger.js';
import type { Run } from '../engine/model/run-record.js';
import type { SchedulerOptions } from '../engine/scheduler-options.js';
import { Scheduler } from '../engine/scheduler.js';
import type { AuthenticateCallback } from './scheduler-options.js';
import type { SchedulerHost } from './scheduler.host.js';

/** What {@link SchedulerService} adds to the engine. */
export interface SchedulerServiceParts {
  readonly host: SchedulerHost;
  readonly logger: Logger;
  readonly authenticate: AuthenticateCallback | undefined;
}

/**
 * The application's scheduler: injectable everywhere once `SchedulerModule.forRoot()` is imported somewhere.
 * It can be used as soon as it is injected; jobs added before the application has started wait for the start.
 *
 * It is the engine's {@link Scheduler}, and knows the host and the application that it runs in.
 *
 * @example
 * constructor(private readonly scheduler: SchedulerService) {}
 *
 * remindLater(customerId: number): Promise<Job> {
 *   return this.scheduler.addJob({ task: 'remind', args: [customerId], trigger: 'date', runDate: tomorrow() });
 * }
 */
export class SchedulerService extends Scheduler {
  private readonly host: SchedulerHost;
  private readonly logger: Logger;
  private authenticator: AuthenticateCallback | undefined;

  /** Created by Nest: inject it. */
  constructor(options: SchedulerOptions, { host, logger, authenticate }: SchedulerServiceParts) {
    super(options);
    this.host = host;
    this.logger = logger;
    this.authenticator = authenticate;
  }

  /** This computer's name, in lower case (Flask-APScheduler: `host_name`). */
  get hostName(): string {
    return this.host.name;
  }

  /** The hosts that run jobs; `*` stands for all. */
  get allowedHosts(): readonly string[] {
    return this.host.allowedHosts;
  }

  /** Decides who may use the REST API: set by `authenticate()`, otherwise by the option. */
  get authenticateCallback(): AuthenticateCallback | undefined {
    return this.authenticator;
  }

  /**
   * Starts to run jobs. On a host that is not among `allowedHosts` it logs this and does nothing. While all nodes are paused
   * it starts paused; while all are stopped it waits for them.
   *
   * @param options.paused - start without running anything until `resume()`.
   * @param options.scope - `cluster` starts all nodes that were stopped so. Default: `node`.
   * @throws InvalidInputError; SchedulerAlreadyRunningError; StoreFailedError; SchedulerError while the application is closing, or when a job store cannot be opened.
   */
  override async start(options?: StartOptions): Promise<void> {
    this.host.assertOpen();
    if (this.host.isAllowed) return super.start(options);
    const { name, allowedHosts } = this.host;
    this.logger.info(`Host "${name}" runs no jobs: allowedHosts is ${JSON.stringify(allowedHosts)}`);
  }

  /**
   * As {@link Scheduler.runJob}.
   *
   * @throws HostNotAllowedError; SchedulerError while the application is closing.
   */
  override runJob(id: string, options: RunJobOptions & { wait: false }): Promise<Run>;
  override runJob(id: string, options?: RunJobOptions): Promise<unknown>;
  override async runJob(id: string, options?: RunJobOptions): Promise<unknown> {
    this.host.assertOpen();
    this.host.assertAllowed();
    return super.runJob(id, options);
  }

  /**
   * Sets what decides who may use the REST API, in place of the option `authenticate`.
   *
   * @returns the callback.
   * @throws InvalidInputError if it is not a function.
   */
  authenticate(callback: AuthenticateCallback): AuthenticateCallback {
    if (typeof callback !== 'function') {
      const problem = `must be a function, got ${typeof callback}`;
      throw new InvalidInputError('Invalid authentication', [{ field: 'callback', problem }]);
    }
    this.authenticator = callback;
    return callback;
  }
}
