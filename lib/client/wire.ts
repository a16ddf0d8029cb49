/* Made from the OpenAPI document by `npm run client-types`. Do not change it by hand. */

export type StreamEvent = JobEvent | RunEvent | SchedulerEvent | AuditRecordedEvent | CountsEvent | ReloadEvent;
export type GetOpenapiResponse = Record<string, unknown>;
export type GetJobsResponse = Job[] | JobPage;
export type ExportJobsResponse = string;
export type GetTasksResponse = Task[];

export interface Scope {
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
  scope?: 'cluster' | 'node';
}
export interface Shutdown {
  wait?: boolean;
  scope?: 'cluster' | 'node';
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
}
export interface Preview {
  /**
   * A trigger's name, or an object with a trigger's type and options
   */
  trigger: ('date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except') | NestedTrigger;
  count?: number;
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
}
export interface NestedTrigger {
  /**
   * A trigger's name
   */
  trigger?: 'date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except';
  /**
   * A trigger's name
   */
  type?: 'date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except';
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
}
export interface SeededJitter {
  /**
   * A number of seconds or a duration such as 1h30m
   */
  max: number | string;
  seed: 'id';
}
export interface Exclusion {
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  to?: string;
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
  /**
   * A trigger's name
   */
  trigger?: 'date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except';
  /**
   * A trigger's name
   */
  type?: 'date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except';
}
export interface Bulk {
  action: 'pause' | 'resume' | 'run' | 'remove' | 'tag' | 'untag';
  /**
   * One or more non-empty texts
   */
  ids?: string[];
  /**
   * A job store's alias
   */
  jobstore?: string;
  where?: JobFilter;
  limit?: number;
  /**
   * The next_cursor of a response
   */
  cursor?: string;
  /**
   * An array of non-empty texts
   */
  tags?: string[];
  /**
   * A non-empty string
   */
  note?: string;
  dry_run?: boolean;
}
export interface JobFilter {
  /**
   * An ISO 8601 date
   */
  next_from?: string;
  /**
   * An ISO 8601 date
   */
  next_to?: string;
  /**
   * A non-empty string
   */
  text?: string;
  /**
   * One or more of scheduled, paused, waiting, running
   */
  state?: ('scheduled' | 'paused' | 'waiting' | 'running')[];
  /**
   * One or more non-empty texts
   */
  trigger?: string[];
  /**
   * One or more non-empty texts
   */
  func?: string[];
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more non-empty texts
   */
  executor?: string[];
  /**
   * One or more non-empty texts
   */
  tag?: string[];
  declared?: boolean;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  last_outcome?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
}
export interface PutJob {
  /**
   * A non-empty string of at most 191 characters
   */
  id?: string;
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
  /**
   * A trigger's name, or an object with a trigger's type and options
   */
  trigger?: ('date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except') | NestedTrigger | null;
  /**
   * A non-empty string
   */
  name?: string | null;
  /**
   * An array
   */
  args?: unknown[] | null;
  /**
   * An object
   */
  kwargs?: Record<string, unknown> | null;
  /**
   * An executor's alias
   */
  executor?: string;
  /**
   * A job store's alias
   */
  jobstore?: string;
  coalesce?: true | false | 'latest' | 'earliest' | 'all';
  catch_up_limit?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  misfire_grace_time?: number | string | null;
  max_instances?: number;
  overlap?: 'skip' | 'queue' | 'replace' | 'allow';
  max_queued?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  timeout?: number | string | null;
  /**
   * An object with attempts, a whole number of attempts of at least 1, or null
   */
  retry?: Retry | (number | null);
  run_on_start?: true | false | 'node' | 'cluster';
  /**
   * An ISO 8601 date or null
   */
  next_run_time?: string | null;
  /**
   * An array of non-empty texts
   */
  tags?: string[] | null;
  /**
   * An object
   */
  metadata?: Record<string, unknown> | null;
  /**
   * A text or null
   */
  description?: string | null;
  /**
   * A whole number of at least 1, or null
   */
  max_runs?: number | null;
  /**
   * A whole number of at least 1, or null
   */
  pause_after_failures?: number | null;
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
  paused?: boolean;
  /**
   * Set by the scheduler, and ignored here
   */
  last_run?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  waiting_for?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  runs_left?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  failures?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  pause?: unknown;
  /**
   * A registered task's name
   */
  func: string;
  replace_existing?: boolean;
  enabled?: boolean;
}
export interface Retry {
  attempts: number;
  /**
   * A number of seconds or a duration such as 1h30m
   */
  delay?: number | string;
  backoff?: 'fixed' | 'exponential';
  /**
   * A number of seconds or a duration such as 1h30m
   */
  max_delay?: number | string;
  /**
   * A number of seconds or a duration such as 1h30m
   */
  jitter?: number | string;
  /**
   * A registered predicate's name
   */
  retry_if?: string;
}
export interface AddJob {
  /**
   * A non-empty string of at most 191 characters
   */
  id: string;
  /**
   * A registered task's name
   */
  func: string;
  replace_existing?: boolean;
  enabled?: boolean;
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
  /**
   * A trigger's name, or an object with a trigger's type and options
   */
  trigger?: ('date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except') | NestedTrigger | null;
  /**
   * A non-empty string
   */
  name?: string | null;
  /**
   * An array
   */
  args?: unknown[] | null;
  /**
   * An object
   */
  kwargs?: Record<string, unknown> | null;
  /**
   * An executor's alias
   */
  executor?: string;
  /**
   * A job store's alias
   */
  jobstore?: string;
  coalesce?: true | false | 'latest' | 'earliest' | 'all';
  catch_up_limit?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  misfire_grace_time?: number | string | null;
  max_instances?: number;
  overlap?: 'skip' | 'queue' | 'replace' | 'allow';
  max_queued?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  timeout?: number | string | null;
  /**
   * An object with attempts, a whole number of attempts of at least 1, or null
   */
  retry?: Retry | (number | null);
  run_on_start?: true | false | 'node' | 'cluster';
  /**
   * An ISO 8601 date or null
   */
  next_run_time?: string | null;
  /**
   * An array of non-empty texts
   */
  tags?: string[] | null;
  /**
   * An object
   */
  metadata?: Record<string, unknown> | null;
  /**
   * A text or null
   */
  description?: string | null;
  /**
   * A whole number of at least 1, or null
   */
  max_runs?: number | null;
  /**
   * A whole number of at least 1, or null
   */
  pause_after_failures?: number | null;
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
  paused?: boolean;
  /**
   * Set by the scheduler, and ignored here
   */
  last_run?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  waiting_for?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  runs_left?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  failures?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  pause?: unknown;
}
export interface UpdateJob {
  /**
   * A non-empty string
   */
  id?: string;
  enabled?: boolean;
  /**
   * A registered task's name
   */
  func?: string;
  /**
   * An ISO 8601 date
   */
  run_date?: string | null;
  /**
   * An ISO 8601 date
   */
  start_date?: string | null;
  /**
   * An ISO 8601 date
   */
  end_date?: string | null;
  /**
   * A non-empty string
   */
  timezone?: string | null;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string) | null;
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  month?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string | null;
  /**
   * A whole number or a cron expression
   */
  second?: number | string | null;
  /**
   * @maxItems 1000
   */
  triggers?: NestedTrigger[];
  base?: NestedTrigger;
  /**
   * @maxItems 1000
   */
  except?: (string | Exclusion)[];
  /**
   * A trigger's name, or an object with a trigger's type and options
   */
  trigger?: ('date' | 'interval' | 'cron' | 'calendarinterval' | 'and' | 'or' | 'except') | NestedTrigger;
  /**
   * A non-empty string
   */
  name?: string;
  /**
   * An array
   */
  args?: unknown[];
  /**
   * An object
   */
  kwargs?: Record<string, unknown>;
  /**
   * An executor's alias
   */
  executor?: string;
  /**
   * A job store's alias
   */
  jobstore?: string;
  coalesce?: true | false | 'latest' | 'earliest' | 'all';
  catch_up_limit?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  misfire_grace_time?: number | string | null;
  max_instances?: number;
  overlap?: 'skip' | 'queue' | 'replace' | 'allow';
  max_queued?: number;
  /**
   * A positive number of seconds, a duration such as 1h30m, or null
   */
  timeout?: number | string | null;
  /**
   * An object with attempts, a whole number of attempts of at least 1, or null
   */
  retry?: Retry | (number | null);
  run_on_start?: true | false | 'node' | 'cluster';
  /**
   * An ISO 8601 date or null
   */
  next_run_time?: string | null;
  /**
   * An array of non-empty texts
   */
  tags?: string[];
  /**
   * An object
   */
  metadata?: Record<string, unknown>;
  /**
   * A text or null
   */
  description?: string | null;
  /**
   * A whole number of at least 1, or null
   */
  max_runs?: number | null;
  /**
   * A whole number of at least 1, or null
   */
  pause_after_failures?: number | null;
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
  paused?: boolean;
  /**
   * Set by the scheduler, and ignored here
   */
  last_run?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  waiting_for?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  runs_left?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  failures?: unknown;
  /**
   * Set by the scheduler, and ignored here
   */
  pause?: unknown;
}
export interface PauseJob {
  /**
   * A text
   */
  note?: string;
}
export interface RunJob {
  /**
   * An array
   */
  args?: unknown[];
  /**
   * An object
   */
  kwargs?: Record<string, unknown>;
  /**
   * A text of 1 to 10000 characters
   */
  note?: string;
}
export interface SchedulerInfo {
  current_host: string;
  allowed_hosts: string[];
  /**
   * True from the start to the shutdown, also while it is paused
   */
  running: boolean;
  state: 'stopped' | 'running' | 'paused';
  cluster_state: 'running' | 'paused' | 'stopped' | null;
  /**
   * What the sender of the request may do
   */
  can: (
    | 'scheduler.read'
    | 'scheduler.control'
    | 'jobs.read'
    | 'jobs.write'
    | 'jobs.pause'
    | 'jobs.run'
    | 'jobs.bulk'
    | 'runs.read'
    | 'runs.cancel'
    | 'runs.remove'
    | 'audit.read'
    | 'secrets.read'
  )[];
}
export interface Health {
  status: 'up' | 'degraded' | 'down';
  state: 'stopped' | 'running' | 'paused';
  node: string;
  active_runs: number;
  /**
   * By alias
   */
  jobstores: {
    [k: string]: JobStoreHealth;
  };
}
export interface JobStoreHealth {
  status: 'up' | 'failing' | 'closed';
  reason: string | null;
  since: string | null;
  failures: number;
  retry_at: string | null;
  last_contact: string | null;
  /**
   * How late the oldest due job was, in seconds
   */
  lateness: number;
  behind: boolean;
  unrecorded_runs: number;
  /**
   * How far its clock is ahead of this node's, in seconds
   */
  clock_skew: number | null;
}
export interface Task {
  func: string;
  description: string | null;
  /**
   * A JSON Schema of `kwargs`
   */
  argument_schema: Record<string, unknown> | null;
  /**
   * The names of the nodes that have it
   */
  nodes: string[];
  /**
   * Whether the node that answers has it. It knows neither the description nor the schema of other tasks
   */
  on_this_node: boolean;
}
export interface TriggerPreview {
  description: string;
  timezone: string;
  next_run_times: string[];
}
export interface SchedulerNodes {
  /**
   * By name
   */
  nodes: SchedulerNode[];
  /**
   * Job stores that were asked for their nodes in vain
   */
  failed_jobstores: {
    jobstore: string;
    reason: string;
  }[];
}
export interface SchedulerNode {
  name: string;
  /**
   * Changes with each start of its process
   */
  instance: string;
  /**
   * Whether it is the node that answers
   */
  this_node: boolean;
  /**
   * Null where the node does not say it, as an earlier release
   */
  state: 'starting' | 'running' | 'paused' | 'stopped' | null;
  /**
   * Null where the node does not say it
   */
  roles: NodeRoles | null;
  executors: string[] | null;
  /**
   * Whether `GET /tasks` names it with each of its tasks
   */
  tasks_known: boolean;
  /**
   * By alias
   */
  jobstores: {
    [k: string]: NodeInJobStore;
  };
}
export interface NodeRoles {
  /**
   * Whether it declares jobs and hands over runs
   */
  schedule: boolean;
  /**
   * Whose runs it carries out itself: those of all its executors, of none, or of these aliases
   */
  execute: boolean | string[];
}
export interface NodeInJobStore {
  /**
   * Null where the store is not shared, or does not say it
   */
  lease: NodeLease | null;
  /**
   * How far the store's clock is ahead of the node's, in seconds
   */
  clock_skew: number | null;
  active_runs: number;
}
export interface NodeLease {
  since: string | null;
  /**
   * The latest heartbeat
   */
  seen_at: string | null;
  expires_at: string | null;
  /**
   * Whether other nodes are about to take over its runs
   */
  expired: boolean;
}
/**
 * One that was added before the start of the scheduler has no defaults and no `next_run_time` yet.
 */
export interface Job {
  id: string;
  name: string;
  /**
   * The task's name
   */
  func: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  /**
   * The trigger's type, or `unreadable`. Its options are beside it.
   */
  trigger: string;
  executor: string;
  jobstore: string;
  run_on_start: true | false | 'node' | 'cluster';
  tags: string[];
  metadata: Record<string, unknown>;
  description: string | null;
  max_runs: number | null;
  runs_left: number | null;
  pause_after_failures: number | null;
  /**
   * How often it has failed in a row, with `pause_after_failures`
   */
  failures: number;
  /**
   * What its declaration says
   */
  enabled: boolean;
  /**
   * Whether it is held: paused, or not enabled
   */
  paused: boolean;
  pause: JobPause | null;
  last_run: Run | null;
  /**
   * The task or the executor that is missing, or a node that executes its runs
   */
  waiting_for: string | null;
  /**
   * An ISO 8601 date
   */
  run_date?: string;
  /**
   * An ISO 8601 date
   */
  start_date?: string;
  /**
   * An ISO 8601 date
   */
  end_date?: string;
  /**
   * A non-empty string
   */
  timezone?: string;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string);
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string;
  /**
   * A whole number or a cron expression
   */
  month?: number | string;
  /**
   * A whole number or a cron expression
   */
  day?: number | string;
  /**
   * A whole number or a cron expression
   */
  week?: number | string;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string;
  /**
   * A whole number or a cron expression
   */
  second?: number | string;
  /**
   * @maxItems 1000
   */
  triggers?: Trigger[];
  base?: Trigger;
  /**
   * @maxItems 1000
   */
  except?: (
    | string
    | (
        | Trigger
        | {
            from: string;
            to: string;
          }
      )
  )[];
  /**
   * In seconds
   */
  misfire_grace_time?: number | null;
  max_instances?: number;
  /**
   * Null while it is paused
   */
  next_run_time?: string | null;
  coalesce?: true | false | 'earliest';
  catch_up_limit?: number;
  overlap?: 'skip' | 'queue' | 'replace' | 'allow';
  max_queued?: number;
  /**
   * In seconds
   */
  timeout?: number | null;
  retry?: RetryPolicy | null;
  /**
   * Why it cannot be read
   */
  unreadable?: string;
  /**
   * The record that cannot be read, if one job is asked for
   */
  raw?: unknown;
}
export interface JobPause {
  since: string;
  actor: string | null;
  note: string | null;
  reason: 'request' | 'failures';
}
export interface Run {
  id: string;
  job_id: string;
  jobstore: string;
  /**
   * The task's name; empty if the run cannot be read
   */
  func: string;
  cause: 'schedule' | 'start' | 'manual' | 'retry' | null;
  state:
    | 'running'
    | 'handed_over'
    | 'succeeded'
    | 'failed'
    | 'timed_out'
    | 'cancelled'
    | 'missed'
    | 'skipped'
    | 'lost'
    | 'unreadable';
  /**
   * Why it was not made, or did not end by itself
   */
  reason: string | null;
  /**
   * Whether its task is over
   */
  settled: boolean;
  scheduled_run_time: string | null;
  last_scheduled_run_time: string | null;
  fire_time: string | null;
  started_at: string | null;
  finished_at: string | null;
  /**
   * In seconds
   */
  duration: number | null;
  attempt: number;
  /**
   * What a run by hand was given in place of its job's own
   */
  given: {
    args: unknown[] | null;
    kwargs: Record<string, unknown> | null;
  } | null;
  retry_of: string | null;
  retry_at: string | null;
  /**
   * What its task returned
   */
  result: unknown;
  /**
   * Why there is no result though its task returned something
   */
  result_omitted: string | null;
  error: RunError | null;
  log: {
    time: string;
    message: string;
  }[];
  progress: number | null;
  node: string;
  executor: string | null;
  /**
   * Where its task was called, of a run that was handed over
   */
  worker: string | null;
  /**
   * Why it cannot be read
   */
  unreadable?: string;
  /**
   * The record that cannot be read, if one run is asked for
   */
  raw?: unknown;
}
export interface RunError {
  name: string;
  message: string;
  stack: string | null;
  cause?: RunError;
  errors?: RunError[];
}
/**
 * A trigger inside another one
 */
export interface Trigger {
  trigger: string;
  /**
   * An ISO 8601 date
   */
  run_date?: string;
  /**
   * An ISO 8601 date
   */
  start_date?: string;
  /**
   * An ISO 8601 date
   */
  end_date?: string;
  /**
   * A non-empty string
   */
  timezone?: string;
  /**
   * A number of seconds, a duration such as 1h30m, or an object with max and seed
   */
  jitter?: SeededJitter | (number | string);
  /**
   * A duration such as 1h30m, 90s or PT90S
   */
  every?: string;
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  /**
   * A crontab expression
   */
  crontab?: string;
  /**
   * "standard" or "extended"
   */
  dialect?: string;
  /**
   * A whole number or a cron expression
   */
  year?: number | string;
  /**
   * A whole number or a cron expression
   */
  month?: number | string;
  /**
   * A whole number or a cron expression
   */
  day?: number | string;
  /**
   * A whole number or a cron expression
   */
  week?: number | string;
  /**
   * A whole number or a cron expression
   */
  day_of_week?: number | string;
  /**
   * A whole number or a cron expression
   */
  hour?: number | string;
  /**
   * A whole number or a cron expression
   */
  minute?: number | string;
  /**
   * A whole number or a cron expression
   */
  second?: number | string;
  /**
   * @maxItems 1000
   */
  triggers?: Trigger[];
  base?: Trigger;
  /**
   * @maxItems 1000
   */
  except?: (
    | string
    | (
        | Trigger
        | {
            from: string;
            to: string;
          }
      )
  )[];
}
export interface RetryPolicy {
  attempts: number;
  delay: number;
  backoff: 'fixed' | 'exponential';
  max_delay: number;
  jitter: number;
  /**
   * The name of the predicate
   */
  retry_if?: string;
}
/**
 * With `fields`, jobs have no other members. A page may have few jobs, and yet be not the last one.
 */
export interface JobPage {
  jobs: (Job | Record<string, unknown>)[];
  next_cursor: string | null;
}
export interface BulkResult {
  results: {
    id: string;
    /**
     * Null where the job was not found
     */
    jobstore: string | null;
    ok: boolean;
    /**
     * Why it was not done
     */
    error_message: string | null;
  }[];
  next_cursor: string | null;
  dry_run: boolean;
}
export interface ImportResult {
  added: number;
  replaced: number;
  skipped: number;
  failed: number;
  dry_run: boolean;
  /**
   * The first of those that failed
   */
  errors: {
    /**
     * From 1
     */
    line: number;
    /**
     * Null where the line does not say it
     */
    id: string | null;
    error_message: string;
  }[];
}
export interface RunPage {
  runs: Run[];
  /**
   * Asks for the next page; null on the last one
   */
  next_cursor: string | null;
}
export interface AuditEntry {
  id: string;
  time: string;
  /**
   * One of job.add, job.replace, job.modify, job.pause, job.resume, job.run, job.remove, job.remove_all, job.declare, job.undeclare, run.cancel, run.remove, scheduler.start, scheduler.pause, scheduler.resume, scheduler.shutdown; a later release on another node may have more
   */
  action: string;
  /**
   * Null if no actor is named
   */
  actor: string | null;
  /**
   * Null where it concerns no single job
   */
  job_id: string | null;
  /**
   * The store that keeps the entry
   */
  jobstore: string;
  run_id: string | null;
  changes: {
    /**
     * As jobs have it
     */
    field: string;
    /**
     * Null where there was none
     */
    before: unknown;
    /**
     * Null where there is none any more
     */
    after: unknown;
  }[];
  node: string;
  /**
   * The client's; null for what was done in code
   */
  address: string | null;
  /**
   * Why
   */
  note: string | null;
  /**
   * Of the node that did it
   */
  release: string | null;
}
export interface AuditPage {
  entries: AuditEntry[];
  /**
   * Asks for the next page; null on the last one
   */
  next_cursor: string | null;
}
/**
 * A job was added, changed (also paused or resumed) or removed.
 */
export interface JobEvent {
  type: 'job_added' | 'job_removed' | 'job_modified';
  time: string;
  /**
   * Null where it is not known
   */
  node: string | null;
  job_id: string;
  jobstore: string;
}
/**
 * A run began (`job_submitted`), ended, or was left out.
 */
export interface RunEvent {
  type: 'job_executed' | 'job_error' | 'job_missed' | 'job_submitted' | 'job_max_instances';
  time: string;
  /**
   * Null where it is not known
   */
  node: string | null;
  job_id: string;
  jobstore: string;
  run_id: string;
  state: 'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost';
  /**
   * Why it was left out
   */
  reason: string | null;
  scheduled_run_time: string;
}
/**
 * The scheduler of the node that answers changed.
 */
export interface SchedulerEvent {
  type:
    | 'scheduler_started'
    | 'scheduler_shutdown'
    | 'scheduler_paused'
    | 'scheduler_resumed'
    | 'executor_added'
    | 'executor_removed'
    | 'jobstore_added'
    | 'jobstore_removed'
    | 'all_jobs_removed';
  time: string;
  /**
   * Null where it is not known
   */
  node: string | null;
  /**
   * Of the job store or executor
   */
  alias: string | null;
}
/**
 * An entry of the audit trail was recorded. `GET /audit` returns it with its changes.
 */
export interface AuditRecordedEvent {
  type: 'audit_recorded';
  time: string;
  /**
   * Null where it is not known
   */
  node: string | null;
  /**
   * Null if it concerns no single job
   */
  job_id: string | null;
  jobstore: string;
  audit_id: string;
  action:
    | 'job.add'
    | 'job.replace'
    | 'job.modify'
    | 'job.pause'
    | 'job.resume'
    | 'job.run'
    | 'job.remove'
    | 'job.remove_all'
    | 'job.declare'
    | 'job.undeclare'
    | 'run.cancel'
    | 'run.remove'
    | 'scheduler.start'
    | 'scheduler.pause'
    | 'scheduler.resume'
    | 'scheduler.shutdown';
  /**
   * Null if no actor is named
   */
  actor: string | null;
}
/**
 * How many more events there were in the last quarter of a second than were sent one by one.
 */
export interface CountsEvent {
  type: 'counts';
  time: string;
  /**
   * By type
   */
  counts: {
    [k: string]: number;
  };
  /**
   * Whether other nodes did more than was looked at
   */
  partial: boolean;
}
/**
 * The client has to fetch its state: the stream has begun (`start`), what it missed is no longer known (`gap`), or it reads too slowly (`slow`).
 */
export interface ReloadEvent {
  type: 'reload';
  time: string;
  reason: 'start' | 'gap' | 'slow';
}
export interface StaleEdit {
  error_message: string;
  differences: {
    field: string;
    current: unknown;
    given: unknown;
  }[];
}
export interface ErrorResponse {
  error_message: string;
}
export interface GetStatsResponse {
  jobs: {
    scheduled: number;
    paused: number;
    waiting: number;
    running: number;
  };
  minutes: {
    start: string;
    /**
     * How many runs ended in each state
     */
    outcomes: {
      [k: string]: number;
    };
  }[];
  hours: {
    start: string;
    /**
     * How many runs ended in each state
     */
    outcomes: {
      [k: string]: number;
    };
  }[];
  last_hour: {
    /**
     * How many runs ended in each state
     */
    outcomes: {
      [k: string]: number;
    };
    duration: {
      p50: number;
      p95: number;
      p99: number;
    } | null;
    lateness: {
      p50: number;
      p95: number;
      p99: number;
    } | null;
  };
  last_day: {
    /**
     * How many runs ended in each state
     */
    outcomes: {
      [k: string]: number;
    };
    duration: {
      p50: number;
      p95: number;
      p99: number;
    } | null;
    lateness: {
      p50: number;
      p95: number;
      p99: number;
    } | null;
  };
}
export interface GetEventsQuery {
  /**
   * One or more non-empty texts
   */
  job_id?: string[];
  /**
   * One or more of job_added, job_removed, job_modified, job_executed, job_error, job_missed, job_submitted, job_max_instances, scheduler_started, scheduler_shutdown, scheduler_paused, scheduler_resumed, executor_added, executor_removed, jobstore_added, jobstore_removed, all_jobs_removed, audit_recorded
   */
  type?: (
    | 'job_added'
    | 'job_removed'
    | 'job_modified'
    | 'job_executed'
    | 'job_error'
    | 'job_missed'
    | 'job_submitted'
    | 'job_max_instances'
    | 'scheduler_started'
    | 'scheduler_shutdown'
    | 'scheduler_paused'
    | 'scheduler_resumed'
    | 'executor_added'
    | 'executor_removed'
    | 'jobstore_added'
    | 'jobstore_removed'
    | 'all_jobs_removed'
    | 'audit_recorded'
  )[];
}
export interface StartSchedulerQuery {
  scope?: 'cluster' | 'node';
}
export interface ShutdownSchedulerQuery {
  scope?: 'cluster' | 'node';
}
export interface PauseSchedulerQuery {
  scope?: 'cluster' | 'node';
}
export interface ResumeSchedulerQuery {
  scope?: 'cluster' | 'node';
}
export interface GetJobsQuery {
  sort?: 'id' | '-id' | 'name' | '-name' | 'next_run' | '-next_run' | 'last_run' | '-last_run';
  limit?: number;
  /**
   * The next_cursor of a page
   */
  cursor?: string;
  /**
   * One or more non-empty texts
   */
  fields?: string[];
  /**
   * A non-empty string
   */
  text?: string;
  /**
   * One or more of scheduled, paused, waiting, running
   */
  state?: ('scheduled' | 'paused' | 'waiting' | 'running')[];
  /**
   * One or more non-empty texts
   */
  trigger?: string[];
  /**
   * One or more non-empty texts
   */
  func?: string[];
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more non-empty texts
   */
  executor?: string[];
  /**
   * One or more non-empty texts
   */
  tag?: string[];
  declared?: boolean;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  last_outcome?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
  /**
   * An ISO 8601 date
   */
  next_from?: string;
  /**
   * An ISO 8601 date
   */
  next_to?: string;
}
export interface RunJobQuery {
  wait?: boolean;
}
export interface GetJobRunsQuery {
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  state?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  to?: string;
  limit?: number;
  /**
   * The next_cursor of a page
   */
  cursor?: string;
}
export interface GetNextRunTimesQuery {
  count?: number;
  /**
   * An ISO 8601 date
   */
  from?: string;
}
export interface GetTimelineQuery {
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  to: string;
  limit?: number;
  resolution?: number;
  /**
   * A non-empty string
   */
  text?: string;
  /**
   * One or more of scheduled, paused, waiting, running
   */
  state?: ('scheduled' | 'paused' | 'waiting' | 'running')[];
  /**
   * One or more non-empty texts
   */
  trigger?: string[];
  /**
   * One or more non-empty texts
   */
  func?: string[];
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more non-empty texts
   */
  executor?: string[];
  /**
   * One or more non-empty texts
   */
  tag?: string[];
  declared?: boolean;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  last_outcome?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
}
export interface GetTimelineResponse {
  from: string;
  to: string;
  /**
   * Everything before this is counted
   */
  counted_to: string;
  /**
   * The length of cells in seconds, which begin at its multiples since 1970; null if each time is listed
   */
  resolution: number | null;
  times: {
    time: string;
    job_id: string;
    jobstore: string;
    /**
     * How many times of the job there are in the cell, from this one on
     */
    count: number;
  }[];
  counts: {
    from: string;
    count: number;
  }[];
}
export interface GetRunsQuery {
  /**
   * A job's id
   */
  job_id?: string;
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  state?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  to?: string;
  limit?: number;
  /**
   * The next_cursor of a page
   */
  cursor?: string;
}
export interface ExportJobsQuery {
  /**
   * An ISO 8601 date
   */
  next_from?: string;
  /**
   * An ISO 8601 date
   */
  next_to?: string;
  /**
   * A non-empty string
   */
  text?: string;
  /**
   * One or more of scheduled, paused, waiting, running
   */
  state?: ('scheduled' | 'paused' | 'waiting' | 'running')[];
  /**
   * One or more non-empty texts
   */
  trigger?: string[];
  /**
   * One or more non-empty texts
   */
  func?: string[];
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * One or more non-empty texts
   */
  executor?: string[];
  /**
   * One or more non-empty texts
   */
  tag?: string[];
  declared?: boolean;
  /**
   * One or more of running, handed_over, succeeded, failed, timed_out, cancelled, missed, skipped, lost
   */
  last_outcome?: (
    'running' | 'handed_over' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'missed' | 'skipped' | 'lost'
  )[];
}
export interface ImportJobsQuery {
  on_conflict?: 'error' | 'skip' | 'replace';
  dry_run?: boolean;
  /**
   * A job store's alias
   */
  jobstore?: string;
}
export interface GetAuditQuery {
  /**
   * A job's id
   */
  job_id?: string;
  /**
   * A job store's alias
   */
  jobstore?: string;
  /**
   * An actor's name
   */
  actor?: string;
  /**
   * One or more of job.add, job.replace, job.modify, job.pause, job.resume, job.run, job.remove, job.remove_all, job.declare, job.undeclare, run.cancel, run.remove, scheduler.start, scheduler.pause, scheduler.resume, scheduler.shutdown
   */
  action?: (
    | 'job.add'
    | 'job.replace'
    | 'job.modify'
    | 'job.pause'
    | 'job.resume'
    | 'job.run'
    | 'job.remove'
    | 'job.remove_all'
    | 'job.declare'
    | 'job.undeclare'
    | 'run.cancel'
    | 'run.remove'
    | 'scheduler.start'
    | 'scheduler.pause'
    | 'scheduler.resume'
    | 'scheduler.shutdown'
  )[];
  /**
   * An ISO 8601 date
   */
  from?: string;
  /**
   * An ISO 8601 date
   */
  to?: string;
  limit?: number;
  /**
   * The next_cursor of a page
   */
  cursor?: string;
}
