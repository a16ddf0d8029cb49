import { hostname } from 'node:os';
import { HostNotAllowedError, SchedulerError } from '../engine/errors.js';

/** The computer and the application that a scheduler lives in: whether they let it run anything. */
export class SchedulerHost {
  /** The computer's name in lower case (Flask-APScheduler: `host_name`). */
  readonly name = hostname().toLowerCase();
  private closing = false;

  constructor(readonly allowedHosts: readonly string[]) {}

  /** Whether this computer is among the allowed hosts. */
  get isAllowed(): boolean {
    return this.allowedHosts.some((host) => host === '*' || host.toLowerCase() === this.name);
  }

  /** From here on nothing may begin: the application is on its way down. */
  close(): void {
    this.closing = true;
  }

  /** @throws SchedulerError (`NOT_RUNNING`) once the application is closing: requests may still come in then. */
  assertOpen(): void {
    if (this.closing) throw new SchedulerError('NOT_RUNNING', 'Scheduler is not running: the application is closing');
  }

  /** @throws HostNotAllowedError */
  assertAllowed(): void {
    if (!this.isAllowed) throw new HostNotAllowedError(this.name, this.allowedHosts);
  }
}
