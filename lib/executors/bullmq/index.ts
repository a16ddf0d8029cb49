/* The exports of `nestjs-apscheduler/bullmq`: runs handed over to workers by a queue of BullMQ. */
export { bullmqExecutor } from './bullmq.executor.js';
export type { BullJobOptions, BullmqExecutorOptions } from './bullmq-options.js';
export { WorkerFailedError } from './worker-failed.error.js';
