/* The exports of `nestjs-apscheduler/threads`: runs in worker threads. */
export { ThreadFailedError } from './thread-failed.error.js';
export type { ThreadExecutorOptions, ThreadResourceLimits } from './thread-options.js';
export { threadWorker, type ThreadWorker } from './thread-worker.js';
export type { ThreadModule, ThreadWorkerOptions } from './thread-host.js';
export { threadExecutor, type ThreadExecutor } from './thread.executor.js';
