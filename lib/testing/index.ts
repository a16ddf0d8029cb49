/* The exports of `nestjs-apscheduler/testing`, for testing applications and job stores. */
export { ManualClock, type ManualClockOptions } from '../engine/clock.js';
export { describeExecutor } from './conformance/describe-executor.js';
export { EXECUTOR_TASKS } from './conformance/executors/executor-tasks.js';
export type {
  DescribeExecutorOptions,
  ExecutorUnderTest,
  MakeExecutorUnderTest,
} from './conformance/executors/executor-under-test.js';
export { describeJobStore } from './conformance/describe-job-store.js';
export type { DescribeJobStoreOptions, MakeStoreUnderTest, StoreUnderTest } from './conformance/store-under-test.js';
export type { TestFramework } from './conformance/test-framework.js';
export { SCHEDULER_CLOCK } from '../module/scheduler-clock.js';
export { runTask, type RunTaskOptions } from './run-task.js';
export {
  SchedulerTestingModule,
  type SchedulerTestingModuleAsyncOptions,
  type SchedulerTestingModuleOptions,
} from './scheduler-testing.module.js';
