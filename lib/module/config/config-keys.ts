import type { SchedulerModuleOptions } from '../scheduler-options.js';
import { readBoolean, readJson, readList, readRoles, readText } from './config-values.js';
import {
  authFromFlask,
  executorsFromFlask,
  fromSnakeCase,
  jobDefaultsFromFlask,
  jobsFromFlask,
  jobStoresFromFlask,
} from './flask-spelling.js';

/** How an option is read from a flat record. */
export interface ConfigKey {
  readonly key: string;
  readonly option: keyof SchedulerModuleOptions;
  /** What a value must be, for a message. */
  readonly expected: string;
  /** Undefined when the value cannot be read. Whether it can be used is asked afterwards. */
  readonly read: (value: unknown) => unknown;
  /** Messages must not show the value. */
  readonly secret?: boolean;
}

const asIs = (value: unknown): unknown => value;
const JOB_LIST = 'a JSON array of job definitions';

/** Flask-APScheduler's keys, and ours in its spelling. Of two for one option, the first that says something counts. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  {
    key: 'SCHEDULER_JOBSTORES',
    option: 'jobStores',
    expected: 'a JSON object of job stores by alias',
    read: (value) => jobStoresFromFlask(readJson(value)),
    secret: true,
  },
  {
    key: 'SCHEDULER_EXECUTORS',
    option: 'executors',
    expected: 'a JSON object of executors by alias',
    read: (value) => executorsFromFlask(readJson(value)),
    secret: true,
  },
  {
    key: 'SCHEDULER_JOB_DEFAULTS',
    option: 'jobDefaults',
    expected: 'a JSON object of job defaults',
    read: (value) => jobDefaultsFromFlask(readJson(value)),
  },
  { key: 'SCHEDULER_TIMEZONE', option: 'timezone', expected: 'a time zone', read: asIs },
  {
    key: 'SCHEDULER_AUTH',
    option: 'auth',
    expected: 'false or a JSON object with username and password, or with users',
    read: (value) => (readBoolean(value) === false ? false : authFromFlask(readJson(value))),
    secret: true,
  },
  { key: 'SCHEDULER_API_ENABLED', option: 'apiEnabled', expected: 'true or false', read: readBoolean },
  // Its older name, which Flask-APScheduler reads too.
  { key: 'SCHEDULER_VIEWS_ENABLED', option: 'apiEnabled', expected: 'true or false', read: readBoolean },
  { key: 'SCHEDULER_API_PREFIX', option: 'apiPrefix', expected: 'a path', read: asIs },
  {
    key: 'SCHEDULER_DASHBOARD',
    option: 'dashboard',
    expected: 'true, false or a JSON object with path, title, timezone or links',
    read: (value) => readBoolean(value) ?? readJson(value),
  },
  { key: 'SCHEDULER_ENDPOINT_PREFIX', option: 'endpointPrefix', expected: 'a string', read: asIs },
  {
    key: 'SCHEDULER_ALLOWED_HOSTS',
    option: 'allowedHosts',
    expected: 'host names, separated by commas or as a JSON array',
    read: readList,
  },
  {
    key: 'SCHEDULER_HISTORY',
    option: 'history',
    expected: 'a JSON object with per_job, total or max_age',
    read: (value) => fromSnakeCase(readJson(value)),
  },
  {
    key: 'SCHEDULER_AUDIT',
    option: 'audit',
    expected: 'false or a JSON object with max_age or max_count',
    read: (value) => (readBoolean(value) === false ? false : fromSnakeCase(readJson(value))),
  },
  {
    key: 'SCHEDULER_LIMITS',
    option: 'limits',
    expected: 'a JSON object with jobs, body_bytes, result_bytes, log_bytes or min_interval',
    read: (value) => fromSnakeCase(readJson(value)),
  },
  { key: 'SCHEDULER_NODE', option: 'node', expected: "a node's name", read: asIs },
  {
    key: 'SCHEDULER_ROLES',
    option: 'roles',
    expected:
      'schedule, execute or execute=<aliases with commas>, with a space between, or a JSON object with schedule or execute',
    read: readRoles,
  },
  { key: 'SCHEDULER_RELEASE', option: 'release', expected: 'what this release is called', read: readText },
  { key: 'SCHEDULER_PRUNE', option: 'prune', expected: 'true or false', read: readBoolean },
  {
    key: 'SCHEDULER_WAIT_FOR_STORES',
    option: 'waitForStores',
    expected: 'true, false or a duration',
    read: (value) => readBoolean(value) ?? value,
  },
  { key: 'SCHEDULER_JOBS', option: 'jobs', expected: JOB_LIST, read: (value) => jobsFromFlask(readJson(value)) },
  { key: 'JOBS', option: 'jobs', expected: JOB_LIST, read: (value) => jobsFromFlask(readJson(value)) },
];
