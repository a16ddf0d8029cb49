import { SchedulerError } from '../../engine/errors.js';

/**
 * A run failed because of its thread, not by its task: the thread has crashed, was ended, or could not start. What was thrown
 * there, if anything, is the `cause`.
 */
export class ThreadFailedError extends SchedulerError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('THREAD_FAILED', message, options);
  }
}
