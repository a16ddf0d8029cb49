import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import * as engine from '../../lib/engine/index.js';
import * as bullmq from '../../lib/executors/bullmq/index.js';
import * as bullmqWorker from '../../lib/executors/bullmq/worker/index.js';
import * as threads from '../../lib/executors/threads/index.js';
import * as root from '../../lib/index.js';
import * as rest from '../../lib/rest/dto/index.js';
import * as redis from '../../lib/stores/redis/index.js';
import * as sql from '../../lib/stores/sql/index.js';
import * as testing from '../../lib/testing/index.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('The public API', () => {
  let typesOf: (file: string) => string[];

  beforeAll(() => {
    const { config } = ts.readConfigFile(at('tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, at('.'));
    const program = ts.createProgram(
      [
        'lib/index.ts',
        'lib/testing/index.ts',
        'lib/executors/bullmq/index.ts',
        'lib/executors/bullmq/worker/index.ts',
        'lib/executors/threads/index.ts',
        'lib/stores/redis/index.ts',
        'lib/stores/sql/index.ts',
      ].map(at),
      options,
    );
    const checker = program.getTypeChecker();
    typesOf = (file) => {
      const source = program.getSourceFile(at(file));
      const symbol = source && checker.getSymbolAtLocation(source);
      if (symbol === undefined) throw new Error(`${file} exports nothing`);
      const resolve = (each: ts.Symbol): ts.Symbol =>
        each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
      const isType = (each: ts.Symbol): boolean => (resolve(each).flags & ts.SymbolFlags.Value) === 0;
      return checker
        .getExportsOfModule(symbol)
        .filter(isType)
        .map(({ name }) => name)
        .toSorted();
    };
  }, 60_000);

  it('is these values', () => {
    expect(Object.keys(root).toSorted()).toMatchInlineSnapshot(`
      [
        "ACTIONS",
        "AUDIT_ACTIONS",
        "AndTrigger",
        "Authorization",
        "BULK_ACTIONS",
        "BasicAuthGuard",
        "CalendarIntervalTrigger",
        "ConfigurationError",
        "ConflictingIdError",
        "CronExpression",
        "CronTrigger",
        "DateTrigger",
        "EVENT_ALL",
        "EVENT_ALL_JOBS_REMOVED",
        "EVENT_AUDIT_RECORDED",
        "EVENT_EXECUTOR_ADDED",
        "EVENT_EXECUTOR_REMOVED",
        "EVENT_JOBSTORE_ADDED",
        "EVENT_JOBSTORE_REMOVED",
        "EVENT_JOB_ADDED",
        "EVENT_JOB_ERROR",
        "EVENT_JOB_EXECUTED",
        "EVENT_JOB_MAX_INSTANCES",
        "EVENT_JOB_MISSED",
        "EVENT_JOB_MODIFIED",
        "EVENT_JOB_REMOVED",
        "EVENT_JOB_SUBMITTED",
        "EVENT_SCHEDULER_PAUSED",
        "EVENT_SCHEDULER_RESUMED",
        "EVENT_SCHEDULER_SHUTDOWN",
        "EVENT_SCHEDULER_START",
        "EVENT_SCHEDULER_STARTED",
        "ExceptTrigger",
        "HostNotAllowedError",
        "HttpBasicAuth",
        "IntervalTrigger",
        "InvalidArgumentsError",
        "InvalidInputError",
        "JOB_ORDERS",
        "JOB_STATES",
        "JobCompletedError",
        "JobLookupError",
        "JobUnreadableError",
        "LocalExecutor",
        "ManualClock",
        "MaxInstancesReachedError",
        "MemoryJobStore",
        "NotRunHereError",
        "OnSchedulerEvent",
        "OrTrigger",
        "RUN_STATES",
        "RunActiveError",
        "RunCancelledError",
        "RunContext",
        "RunDeadlockError",
        "RunLookupError",
        "RunLostError",
        "RunOverError",
        "RunTimedOutError",
        "RunUnreadableError",
        "SCHEDULER_CLOCK",
        "SCHEDULER_OPTIONS",
        "STATE_PAUSED",
        "STATE_RUNNING",
        "STATE_STOPPED",
        "ScheduledTask",
        "Scheduler",
        "SchedulerAlreadyRunningError",
        "SchedulerEndpoints",
        "SchedulerError",
        "SchedulerModule",
        "SchedulerNotRunningError",
        "SchedulerService",
        "Secret",
        "StaleJobError",
        "Stopwatch",
        "StoreFailedError",
        "SystemClock",
        "Task",
        "TaskFailedError",
        "TaskRegistry",
        "argumentSchema",
        "bytesToWsgi",
        "comparePlaces",
        "completionTime",
        "consoleLogger",
        "constantTimeEqual",
        "currentRun",
        "envelopeOf",
        "extractTimedelta",
        "fixJobDef",
        "getAuthorizationHeader",
        "hashPassword",
        "isBeyond",
        "jobMatcher",
        "jobToDict",
        "jobVersion",
        "jsonify",
        "listEndpoints",
        "nameKey",
        "popTrigger",
        "readStoredAudit",
        "runToDict",
        "schedulerOptionsFromConfig",
        "searchedText",
        "silentLogger",
        "taskName",
        "triggerFromJson",
        "triggerToDict",
        "wsgiToBytes",
      ]
    `);
  });

  it('is these types', () => {
    expect(typesOf('lib/index.ts')).toMatchInlineSnapshot(`
      [
        "AbortReason",
        "Access",
        "AccessRequest",
        "ActingFor",
        "Action",
        "ArgumentClass",
        "ArgumentSchema",
        "AuditAction",
        "AuditChange",
        "AuditEntry",
        "AuditEvent",
        "AuditFilter",
        "AuditLimits",
        "AuditOptions",
        "AuditPage",
        "AuditQuery",
        "AuditRecord",
        "AuditRecordedChange",
        "AuthenticateCallback",
        "AuthorizationData",
        "BasicCredentials",
        "BasicUser",
        "BasicUsers",
        "BulkAction",
        "BulkItem",
        "BulkRequest",
        "BulkResult",
        "CalendarIntervalTriggerOptions",
        "ChangeGap",
        "ClaimRequest",
        "ClaimResult",
        "ClaimedJob",
        "ClaimedRetry",
        "Clock",
        "ClusterMethods",
        "ClusterMode",
        "ClusterState",
        "CoalesceMode",
        "CombinedTriggerOptions",
        "ConfigSource",
        "CronField",
        "CronFieldsOptions",
        "CronTriggerOptions",
        "CrontabOptions",
        "CrontabTriggerOptions",
        "DashboardLink",
        "DashboardOptions",
        "DateInput",
        "DateTriggerOptions",
        "Declaration",
        "DueJob",
        "DueRun",
        "DurationInput",
        "Endpoint",
        "EndpointMethod",
        "ExceptTriggerOptions",
        "ExclusionWindow",
        "Execution",
        "Executor",
        "ExecutorConfig",
        "ExecutorContext",
        "ExportOptions",
        "ExportQuery",
        "ExportView",
        "FailedJobStore",
        "Failing",
        "Fault",
        "FoundJob",
        "FoundJobs",
        "GivenArguments",
        "HealthStatus",
        "HistoryLimits",
        "HistoryOptions",
        "HttpAuth",
        "ImportConflict",
        "ImportGate",
        "ImportOptions",
        "ImportStreamOptions",
        "ImportedLine",
        "InterruptOptions",
        "IntervalEveryOptions",
        "IntervalPartsOptions",
        "IntervalTriggerOptions",
        "Jitter",
        "JitterOption",
        "Job",
        "JobAttributes",
        "JobChange",
        "JobChanges",
        "JobCounts",
        "JobDefaults",
        "JobDefinition",
        "JobErrorEvent",
        "JobEvent",
        "JobExecutedEvent",
        "JobFacts",
        "JobFilter",
        "JobMissedEvent",
        "JobOptions",
        "JobOrder",
        "JobPage",
        "JobPause",
        "JobPlace",
        "JobQuery",
        "JobRecord",
        "JobSchedule",
        "JobSearch",
        "JobSpec",
        "JobState",
        "JobStore",
        "JobStoreConfig",
        "JobStoreHealth",
        "JobStoreStatus",
        "JobSubmissionEvent",
        "JsonSchema",
        "KnownTask",
        "KnownWork",
        "LimitOptions",
        "Limits",
        "ListenerMethodDecorator",
        "LocalExecutorOptions",
        "Logger",
        "ManualClockOptions",
        "MissReason",
        "ModifyJobOptions",
        "NodeInJobStore",
        "NodeLease",
        "NodeList",
        "NodeRoles",
        "NodeRolesOption",
        "NodeState",
        "NodeTask",
        "OnUnreadable",
        "OnUnreadableRun",
        "OutcomeCounts",
        "OverlapPolicy",
        "PauseJobOptions",
        "Percentiles",
        "Permissions",
        "PreviewOptions",
        "PreviewedTime",
        "RecordResult",
        "Redact",
        "RepeatOptions",
        "RequestWithHeaders",
        "ResolvedDashboard",
        "ResolvedSchedulerOptions",
        "RetryOptions",
        "RetryPolicy",
        "RetryPredicate",
        "Run",
        "RunCause",
        "RunChange",
        "RunEnvelope",
        "RunError",
        "RunFilter",
        "RunJobOptions",
        "RunLimitOptions",
        "RunLogLine",
        "RunOnStart",
        "RunOutcome",
        "RunPage",
        "RunPlan",
        "RunQuery",
        "RunReason",
        "RunRecord",
        "RunState",
        "RunSummary",
        "ScheduledTaskArguments",
        "ScheduledTaskJobOptions",
        "ScheduledTaskOptions",
        "SchedulerChange",
        "SchedulerChangeListener",
        "SchedulerErrorCode",
        "SchedulerEvent",
        "SchedulerEventListener",
        "SchedulerHealth",
        "SchedulerModuleAsyncOptions",
        "SchedulerModuleOptions",
        "SchedulerNode",
        "SchedulerOptions",
        "SchedulerOptionsFactory",
        "SchedulerScope",
        "SchedulerState",
        "SchedulerStateEvent",
        "SchedulerStatistics",
        "ScopeOptions",
        "SeededJitter",
        "ShownPlace",
        "ShutdownOptions",
        "SkipReason",
        "SpanCounts",
        "StartOptions",
        "StateChange",
        "StatisticsCell",
        "StatisticsSpan",
        "StoreCapabilities",
        "StoreContext",
        "StoreStatus",
        "StoredNode",
        "TaskDecoratorOptions",
        "TaskFunction",
        "TaskInfo",
        "TaskMethodDecorator",
        "TaskName",
        "TaskOptions",
        "TaskReference",
        "Timeline",
        "TimelineCount",
        "TimelineEntry",
        "TimelineQuery",
        "Timer",
        "TraceContext",
        "Trigger",
        "TriggerContext",
        "TriggerDefinition",
        "TriggerExclusion",
        "TriggerInput",
        "TriggerJson",
        "TriggerMember",
        "TriggerOptionsByType",
        "TriggerPreview",
        "TriggerType",
        "TypedJobDefinition",
        "UnreadableJob",
        "UnreadableRun",
      ]
    `);
  });

  it('offers all of the engine, the values and the types, at the root too', () => {
    expect(Object.keys(root)).toEqual(expect.arrayContaining(Object.keys(engine)));
    expect(typesOf('lib/index.ts')).toEqual(expect.arrayContaining(typesOf('lib/engine/index.ts')));
  });

  it('is, at /rest, these values', () => {
    expect(Object.keys(rest).toSorted()).toMatchInlineSnapshot(`
      [
        "AddJobDto",
        "AuditQueryDto",
        "BulkDto",
        "EventQueryDto",
        "ExclusionDto",
        "ImportQueryDto",
        "JobFilterDto",
        "JobQueryDto",
        "JobRunQueryDto",
        "NestedTriggerDto",
        "PauseJobDto",
        "PreviewDto",
        "PreviewQueryDto",
        "PutJobDto",
        "RetryDto",
        "RunJobDto",
        "RunJobQueryDto",
        "RunQueryDto",
        "ScopeBodyDto",
        "ScopeDto",
        "SeededJitterDto",
        "ShutdownDto",
        "TimelessFilterDto",
        "TimelineDto",
        "UpdateJobDto",
      ]
    `);
  });

  it('is, at /testing, these values and types', () => {
    expect(Object.keys(testing).toSorted()).toMatchInlineSnapshot(`
      [
        "EXECUTOR_TASKS",
        "ManualClock",
        "SCHEDULER_CLOCK",
        "SchedulerTestingModule",
        "describeExecutor",
        "describeJobStore",
        "runTask",
      ]
    `);
    expect(typesOf('lib/testing/index.ts')).toMatchInlineSnapshot(`
      [
        "DescribeExecutorOptions",
        "DescribeJobStoreOptions",
        "ExecutorUnderTest",
        "MakeExecutorUnderTest",
        "MakeStoreUnderTest",
        "ManualClockOptions",
        "RunTaskOptions",
        "SchedulerTestingModuleAsyncOptions",
        "SchedulerTestingModuleOptions",
        "StoreUnderTest",
        "TestFramework",
      ]
    `);
  });

  it('is, at /redis, these values and types', () => {
    expect(Object.keys(redis)).toEqual(['RedisJobStore']);
    expect(typesOf('lib/stores/redis/index.ts')).toEqual(['RedisClientLike', 'RedisJobStoreOptions']);
  });

  it('is, at /bullmq and /bullmq/worker, these values and types', () => {
    expect(Object.keys(bullmq).toSorted()).toMatchInlineSnapshot(`
      [
        "WorkerFailedError",
        "bullmqExecutor",
      ]
    `);
    expect(typesOf('lib/executors/bullmq/index.ts')).toMatchInlineSnapshot(`
      [
        "BullJobOptions",
        "BullmqExecutorOptions",
      ]
    `);
    expect(Object.keys(bullmqWorker)).toEqual(['SchedulerWorkerHost']);
    expect(typesOf('lib/executors/bullmq/worker/index.ts')).toEqual(['DeliveredJob']);
  });

  it('is, at /threads, these values and types', () => {
    expect(Object.keys(threads).toSorted()).toEqual(['ThreadFailedError', 'threadExecutor', 'threadWorker']);
    expect(typesOf('lib/executors/threads/index.ts')).toMatchInlineSnapshot(`
      [
        "ThreadExecutorOptions",
        "ThreadModule",
        "ThreadResourceLimits",
        "ThreadWorker",
        "ThreadWorkerOptions",
      ]
    `);
  });

  it('is, at /sql, these values and types', () => {
    expect(Object.keys(sql).toSorted()).toMatchInlineSnapshot(`
      [
        "SqlJobStore",
        "exportDdl",
      ]
    `);
    expect(typesOf('lib/stores/sql/index.ts')).toMatchInlineSnapshot(`
      [
        "ExportDdlOptions",
        "KyselyInstance",
        "SqlDialectName",
        "SqlDialectOptions",
        "SqlKyselyOptions",
        "SqlStoreOptions",
        "SqlTableOptions",
        "SqlUrlOptions",
      ]
    `);
  });

  it('has the same at the root and at /testing where both have a name', () => {
    expect([testing.ManualClock, testing.SCHEDULER_CLOCK]).toEqual([root.ManualClock, root.SCHEDULER_CLOCK]);
  });

  it('has no name without a value', () => {
    const values = Object.entries({ ...root, ...sql, ...testing });
    expect(values.filter(([, value]) => value === undefined)).toEqual([]);
  });
});
