import { SchedulerError } from '../../engine/errors.js';

/** A run failed or was lost because of its queue or its worker, not by its task. */
export class WorkerFailedError extends SchedulerError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('WORKER_FAILED', message, options);
  }
}
