/* The engine: everything that a scheduler needs, without Nest. */
export { ManualClock, Stopwatch, SystemClock, type Clock, type ManualClockOptions, type Timer } from './clock.js';
export {
  ConfigurationError,
  ConflictingIdError,
  HostNotAllowedError,
  InvalidArgumentsError,
  InvalidInputError,
  JobCompletedError,
  JobLookupError,
  JobUnreadableError,
  StaleJobError,
  MaxInstancesReachedError,
  NotRunHereError,
  RunActiveError,
  RunDeadlockError,
  RunCancelledError,
  RunLookupError,
  RunUnreadableError,
  RunLostError,
  RunOverError,
  RunTimedOutError,
  SchedulerAlreadyRunningError,
  SchedulerError,
  SchedulerNotRunningError,
  StoreFailedError,
  TaskFailedError,
  type Fault,
  type SchedulerErrorCode,
} from './errors.js';
export {
  EVENT_ALL,
  EVENT_ALL_JOBS_REMOVED,
  EVENT_AUDIT_RECORDED,
  EVENT_EXECUTOR_ADDED,
  EVENT_EXECUTOR_REMOVED,
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
  EVENT_JOB_ADDED,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_MODIFIED,
  EVENT_JOB_REMOVED,
  EVENT_JOB_SUBMITTED,
  EVENT_SCHEDULER_PAUSED,
  EVENT_SCHEDULER_RESUMED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_START,
  EVENT_SCHEDULER_STARTED,
  type AuditEvent,
  type JobErrorEvent,
  type JobEvent,
  type JobExecutedEvent,
  type JobMissedEvent,
  type JobSubmissionEvent,
  type SchedulerEvent,
  type SchedulerEventListener,
  type SchedulerStateEvent,
} from './events.js';
export type { Execution, Executor, ExecutorContext } from './executors/executor.js';
export { envelopeOf, type RunEnvelope, type TraceContext } from './executors/run-envelope.js';
export { LocalExecutor, type LocalExecutorOptions } from './executors/local.executor.js';
export type {
  JobChanges,
  JobDefaults,
  JobDefinition,
  JobOptions,
  TaskReference,
  TriggerDefinition,
  TriggerInput,
} from './jobs/job-definition.js';
export type { Failing } from './health/trouble.js';
export type { HealthStatus, JobStoreHealth, JobStoreStatus, SchedulerHealth } from './lifecycle/scheduler-health.js';
export type { KnownTask } from './lifecycle/known-tasks.js';
export type { FailedJobStore, NodeInJobStore, NodeLease, NodeList } from './model/node.js';
export type { NodeState, NodeTask, SchedulerNode } from './model/node.js';
export type { NodeRoles, NodeRolesOption } from './model/node-roles.js';
export type { StoredNode } from './stores/stored-node.js';
export type { ActingFor } from './audit/acting.js';
export { readStoredAudit } from './audit/stored-audit.js';
export {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditChange,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type AuditRecord,
} from './model/audit.js';
export type { Redact, ShownPlace } from './audit/redactor.js';
export type { AuditLimits, AuditOptions } from './stores/audit-options.js';
export type { HistoryOptions } from './stores/history-options.js';
export type { ArgumentSchema, JsonSchema } from './model/argument-schema.js';
export type {
  CoalesceMode,
  Declaration,
  Job,
  JobAttributes,
  JobPause,
  JobRecord,
  JobSchedule,
  JobSpec,
  RunOnStart,
} from './model/job.js';
export type { ExportOptions, ImportOptions } from './transfer/job-mover.js';
export type {
  ExportQuery,
  ExportView,
  ImportConflict,
  ImportedLine,
  ImportGate,
  ImportStreamOptions,
} from './transfer/job-streams.js';
export {
  JOB_ORDERS,
  JOB_STATES,
  type JobOrder,
  type JobPage,
  type JobQuery,
  type JobState,
} from './model/job-query.js';
export type {
  JobCounts,
  OutcomeCounts,
  Percentiles,
  RunSummary,
  SchedulerStatistics,
  SpanCounts,
  StatisticsCell,
  StatisticsSpan,
} from './model/statistics.js';
export type { OnUnreadable, UnreadableJob } from './model/unreadable-job.js';
export type { OnUnreadableRun, UnreadableRun } from './model/unreadable-run.js';
export type { OverlapPolicy, RetryOptions, RetryPolicy } from './model/job-policies.js';
export type { ShutdownOptions, StartOptions, SchedulerScope, ScopeOptions } from './lifecycle/lifecycle-options.js';
export { consoleLogger, silentLogger, type Logger } from './logger.js';
export type { PreviewedTime, PreviewOptions, TriggerPreview } from './jobs/preview.js';
export type { InterruptOptions, ModifyJobOptions, PauseJobOptions, RunJobOptions } from './jobs/run-options.js';
export { jobVersion } from './jobs/job-version.js';
export {
  RUN_STATES,
  type AbortReason,
  type GivenArguments,
  type MissReason,
  type Run,
  type RunCause,
  type RunError,
  type RunLogLine,
  type RunOutcome,
  type RunPage,
  type RunQuery,
  type RunReason,
  type RunRecord,
  type RunState,
  type SkipReason,
} from './model/run-record.js';
export { RunContext, type RetryPredicate, type TaskFunction } from './model/task.js';
export { currentRun } from './runs/current-run.js';
export type { RunEntry } from './runs/run-entry.js';
export type { RunLimitOptions } from './runs/run-limits.js';
export { Scheduler } from './scheduler.js';
export type { SchedulerOptions } from './scheduler-options.js';
export { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED, type SchedulerState } from './lifecycle/states.js';
export {
  comparePlaces,
  isBeyond,
  jobMatcher,
  nameKey,
  searchedText,
  type FoundJob,
  type FoundJobs,
  type JobFacts,
  type JobFilter,
  type JobPlace,
  type JobSearch,
  type KnownWork,
} from './stores/job-search.js';
export type { TimelineQuery } from './jobs/timeline.js';
export type { Timeline, TimelineCount, TimelineEntry } from './model/timeline.js';
export { BULK_ACTIONS, type BulkAction, type BulkItem, type BulkRequest, type BulkResult } from './jobs/bulk-jobs.js';
export { completionTime } from './stores/completion-time.js';
export type { ClusterMethods, ClusterMode, ClusterState } from './stores/cluster-state.js';
export type {
  AuditFilter,
  DueJob,
  DueRun,
  HistoryLimits,
  JobStore,
  RecordResult,
  RunFilter,
  RunPlan,
  StoreCapabilities,
  StoreContext,
  StoreStatus,
  ClaimedJob,
  ClaimedRetry,
  ClaimRequest,
  ClaimResult,
} from './stores/job-store.js';
export { MemoryJobStore } from './stores/memory/memory.job-store.js';
export { TaskRegistry, type TaskInfo, type TaskOptions } from './executors/tasks.js';
export type { DurationInput } from './time/duration.js';
export { AndTrigger } from './triggers/and.trigger.js';
export { CalendarIntervalTrigger } from './triggers/calendar-interval.trigger.js';
export { CronTrigger } from './triggers/cron.trigger.js';
export { DateTrigger } from './triggers/date.trigger.js';
export { ExceptTrigger } from './triggers/except.trigger.js';
export { IntervalTrigger } from './triggers/interval.trigger.js';
export type {
  CalendarIntervalTriggerOptions,
  CombinedTriggerOptions,
  CronField,
  CronFieldsOptions,
  CronTriggerOptions,
  CrontabOptions,
  CrontabTriggerOptions,
  DateTriggerOptions,
  ExceptTriggerOptions,
  ExclusionWindow,
  IntervalEveryOptions,
  IntervalPartsOptions,
  IntervalTriggerOptions,
  JitterOption,
  RepeatOptions,
  TriggerExclusion,
  TriggerMember,
  TriggerOptionsByType,
  TriggerType,
} from './triggers/options.js';
export { OrTrigger } from './triggers/or.trigger.js';
export { taskName, type TaskName, type TypedJobDefinition } from './jobs/typed-job.js';
export { triggerFromJson } from './triggers/trigger-factory.js';
export type { Jitter, SeededJitter, Trigger, TriggerContext, TriggerJson } from './triggers/trigger.js';
export type {
  AuditRecordedChange,
  ChangeGap,
  JobChange,
  RunChange,
  SchedulerChange,
  SchedulerChangeListener,
  StateChange,
} from './watch/scheduler-change.js';
export type { DateInput } from './time/iso-date.js';
