/* The exports of `nestjs-apscheduler/bullmq/worker`: what carries out the runs of a queue in a process of Nest. */
export { SchedulerWorkerHost } from './scheduler-worker.host.js';
export type { DeliveredJob } from './worker-run.js';
