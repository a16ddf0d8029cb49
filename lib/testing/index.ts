/* The exports of `nestjs-apscheduler/testing`, for testing applications and job stores. */
export { ManualClock, type ManualClockOptions } from '../engine/clock.js';
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
