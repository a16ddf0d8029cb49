/* What users import. The engine alone is at `nestjs-apscheduler/engine`. */
export type { Access, AccessRequest, Permissions } from './module/access.js';
export { ACTIONS, type Action } from './module/actions.js';
export { SchedulerModule, type SchedulerModuleAsyncOptions, type SchedulerOptionsFactory } from './scheduler.module.js';
export { schedulerOptionsFromConfig, type ConfigSource } from './module/config/scheduler-options-from-config.js';
export { argumentSchema, type ArgumentClass } from './arguments/argument-schema.js';
export { Secret } from './arguments/secret.decorator.js';
export { CronExpression } from './module/decorators/cron-expression.js';
export { OnSchedulerEvent, type ListenerMethodDecorator } from './module/decorators/on-scheduler-event.decorator.js';
export {
  ScheduledTask,
  type ScheduledTaskArguments,
  type ScheduledTaskJobOptions,
  type ScheduledTaskOptions,
} from './module/decorators/scheduled-task.decorator.js';
export { Task, type TaskDecoratorOptions } from './module/decorators/task.decorator.js';
export type { TaskMethodDecorator } from './module/decorators/task-method-decorator.js';
export type { DashboardLink, DashboardOptions, ResolvedDashboard } from './module/dashboard-options.js';
export type { LimitOptions, Limits } from './module/limit-options.js';
export { hashPassword } from './module/password-hash.js';
export { SCHEDULER_CLOCK } from './module/scheduler-clock.js';
export {
  SCHEDULER_OPTIONS,
  type AuthenticateCallback,
  type AuthorizationData,
  type BasicCredentials,
  type BasicUser,
  type BasicUsers,
  type ExecutorConfig,
  type HttpAuth,
  type JobStoreConfig,
  type ResolvedSchedulerOptions,
  type SchedulerModuleOptions,
} from './module/scheduler-options.js';
export { SchedulerService } from './module/scheduler.service.js';
export * from './engine/index.js';
export {
  Authorization,
  BasicAuthGuard,
  bytesToWsgi,
  constantTimeEqual,
  extractTimedelta,
  fixJobDef,
  getAuthorizationHeader,
  HttpBasicAuth,
  jobToDict,
  jsonify,
  listEndpoints,
  popTrigger,
  runToDict,
  SchedulerEndpoints,
  triggerToDict,
  wsgiToBytes,
  type Endpoint,
  type EndpointMethod,
  type RequestWithHeaders,
} from './rest/index.js';
