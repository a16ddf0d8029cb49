import type { CanActivate, Type } from '@nestjs/common';
import type { ShownPlace } from '../engine/audit/redactor.js';
import type { Clock } from '../engine/clock.js';
import type { Executor } from '../engine/executors/executor.js';
import type { NodeRolesOption } from '../engine/model/node-roles.js';
import type { AuditOptions } from '../engine/stores/audit-options.js';
import type { HistoryOptions } from '../engine/stores/history-options.js';
import type { JobDefaults, JobDefinition } from '../engine/jobs/job-definition.js';
import type { JobStore } from '../engine/stores/job-store.js';
import type { DurationInput } from '../engine/time/duration.js';
import type { Access, AccessRequest, Permissions } from './access.js';
import type { DashboardOptions, ResolvedDashboard } from './dashboard-options.js';
import type { LimitOptions, Limits } from './limit-options.js';
import type { Endpoint } from './endpoint.js';

/** Who a request says it comes from. `HttpBasicAuth` makes it of the `Authorization` header. */
export interface AuthorizationData {
  /** The scheme in lower case: `basic`. */
  readonly type: string;
  readonly username: string;
  readonly password: string;
}

/** Decides whether somebody may use the REST API. */
export type AuthenticateCallback = (authorization: AuthorizationData) => boolean | Promise<boolean>;

/** How requests say who they come from. */
export interface HttpAuth {
  /** What a request says; null when it says nothing that this scheme understands. */
  getAuthorization(request: { headers: Readonly<Record<string, unknown>> }): AuthorizationData | null;
  /** The `WWW-Authenticate` header of a 401. */
  getAuthenticateHeader(): string;
}

/** A name and a password; compared in constant time. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** Users of the REST API, each with a password and permissions of their own. */
export interface BasicUsers {
  readonly users: readonly BasicUser[];
}

export interface BasicUser {
  /** Without a colon. */
  readonly username: string;
  /** What `hashPassword()` answers. */
  readonly passwordHash: string;
  readonly can: Permissions;
}

/** A job store by its kind: `{ type: 'memory' }`, `{ type: 'sql', url: 'postgres://...' }`, `{ type: 'redis', url: 'redis://...' }`. */
export type JobStoreConfig = { readonly type: 'memory' } | LoadedStoreConfig;

/** A job store with a driver, which is loaded only then. Further members are options of `SqlJobStore` or `RedisJobStore`. */
export interface LoadedStoreConfig {
  readonly type: 'sql' | 'redis';
  readonly url: string;
  readonly [option: string]: unknown;
}

/** An executor by its kind: `{ type: 'local', concurrency: 20 }`, `{ type: 'threads', worker: new URL('./reports.worker.js', import.meta.url) }`. */
export type ExecutorConfig = LocalExecutorConfig | LoadedExecutorConfig;

/** An executor in this thread. */
export interface LocalExecutorConfig {
  readonly type: 'local';
  /** How many runs it carries out at once, at most 100,000. @default 100000 */
  readonly concurrency?: number;
}

/** Worker threads, whose code is loaded only then. Further members are options of `threadExecutor()`. */
export interface LoadedExecutorConfig {
  readonly type: 'threads';
  /** The file that threads load. */
  readonly worker: URL | string;
  readonly [option: string]: unknown;
}

/** Options of {@link SchedulerModule.forRoot}. Each stands for one of Flask-APScheduler's `SCHEDULER_*` keys where it has one. */
export interface SchedulerModuleOptions {
  /** Job stores by alias (`SCHEDULER_JOBSTORES`). @default one in memory, `default` */
  jobStores?: Readonly<Record<string, JobStore | JobStoreConfig>>;
  /** Executors by alias (`SCHEDULER_EXECUTORS`). @default one in this process, `default` */
  executors?: Readonly<Record<string, Executor | ExecutorConfig>>;
  /** What jobs have when they do not say otherwise (`SCHEDULER_JOB_DEFAULTS`). */
  jobDefaults?: JobDefaults;
  /** IANA name or fixed offset (`SCHEDULER_TIMEZONE`). @default the computer's */
  timezone?: string;
  /** How the REST API knows its users (`SCHEDULER_AUTH`); `false` opens it to all. Needed once `apiEnabled` is true, unless `apiGuard` is given. */
  auth?: HttpAuth | BasicCredentials | BasicUsers | false;
  /** Decides who may use the REST API; also settable with `SchedulerService.authenticate`. */
  authenticate?: AuthenticateCallback;
  /** A guard that takes the place of `BasicAuthGuard`: an instance, or a class that some module provides. */
  apiGuard?: CanActivate | Type<CanActivate>;
  /**
   * Decides, for each request that has been let in, who sends it and what they may do with the REST API. What it throws
   * refuses the request. It gets Express's or Fastify's request and, with basic authentication, the user's name.
   * @default who is let in may do everything
   *
   * @example
   * access: (_request, username) => ({ actor: username ?? 'nobody', can: username === 'ann' ? 'all' : 'read' })
   */
  access?(this: void, request: AccessRequest, username?: string): Access | Promise<Access>;
  /**
   * Decides what the REST API shows, to those without the action `secrets.read`, of arguments, results, errors and logs, and
   * what the audit trail keeps of arguments: it gets each value, then those inside it, and answers what is shown in its place.
   * What it throws for is not shown.
   * @default everything is shown
   *
   * @example
   * redact: (value, { path }) => (/password|token/i.test(String(path.at(-1))) ? '***' : value)
   */
  redact?(this: void, value: unknown, place: ShownPlace): unknown;
  /**
   * The application's metadata for the REST API, where a guard of the whole application asks for it: decorators of its
   * controller, or a function that answers the decorators of each route.
   * @default none
   *
   * @example
   * apiDecorators: [Public()]
   * @example
   * apiDecorators: ({ action }) => [Roles(action.endsWith('.read') ? 'viewer' : 'operator')]
   */
  apiDecorators?: readonly ClassDecorator[] | ((endpoint: Endpoint) => readonly MethodDecorator[]);
  /**
   * Whether the routes of the REST API appear in the document that @nestjs/swagger makes of the application: with all they take
   * and answer, or not at all. The API's own document is served either way.
   * @default 'include'
   */
  openapi?: 'include' | 'exclude';
  /** Other origins whose pages may change things through the REST API: `https://admin.example.org`. @default none */
  allowedOrigins?: readonly string[];
  /** Serve the REST API (`SCHEDULER_API_ENABLED`). @default false */
  apiEnabled?: boolean;
  /** Where the REST API is served (`SCHEDULER_API_PREFIX`). @default '/scheduler' */
  apiPrefix?: string;
  /**
   * Serve the dashboard beside the REST API, whose users and rules it has (`SCHEDULER_DASHBOARD`). Needs `apiEnabled`.
   * @default false
   */
  dashboard?: boolean | DashboardOptions;
  /** What the names of the routes begin with (`SCHEDULER_ENDPOINT_PREFIX`). @default 'scheduler.' */
  endpointPrefix?: string;
  /** Host names, in any case, that run jobs; all others only serve the API (`SCHEDULER_ALLOWED_HOSTS`). Empty: none does. @default ['*'] */
  allowedHosts?: readonly string[];
  /** Jobs to declare at the start (`SCHEDULER_JOBS` or `JOBS`); `enabled: false` keeps one without running it. */
  jobs?: readonly JobDefinition[];
  /** How much of what happened is kept (`SCHEDULER_HISTORY`). @default 100 runs of a job, 10000 in all, 7 days */
  history?: HistoryOptions;
  /**
   * How much of the audit trail each job store keeps (`SCHEDULER_AUDIT`); `false`: this application records nothing in it.
   * @default 90 days, 10000 entries
   */
  audit?: AuditOptions | false;
  /** How much the REST API takes, and how much is kept of what tasks return and log (`SCHEDULER_LIMITS`). */
  limits?: LimitOptions;
  /** What this process is called in the records of its runs (`SCHEDULER_NODE`). @default the computer's name */
  node?: string;
  /**
   * What this process does where several share a job store (`SCHEDULER_ROLES`): whether it declares jobs and hands over runs
   * (`schedule`), and whose runs it carries out itself (`execute`). Its REST API is served whatever it does.
   * @default both, for all executors
   *
   * @example
   * roles: { schedule: false, execute: ['cpu'] }
   */
  roles?: NodeRolesOption;
  /**
   * What this application is, among its releases: a version, a build's number, a date (`SCHEDULER_RELEASE`). A later one must
   * have a later name; a commit's hash has no order. An earlier release that starts beside a later one leaves alone what that
   * has declared.
   */
  release?: string;
  /**
   * Remove jobs at the start that earlier releases have declared and this one does not (`SCHEDULER_PRUNE`). Needs `release`, and
   * an application that declares all jobs of that release.
   * @default false
   */
  prune?: boolean;
  /** Start with the application. @default true */
  autoStart?: boolean;
  /** How long the application's shutdown waits for running jobs: seconds, or a duration such as `1m`. @default 10 */
  shutdownTimeout?: DurationInput;
  /**
   * What the start of the application does when a job store cannot be opened (`SCHEDULER_WAIT_FOR_STORES`): `false` fails at
   * once; `true` waits, and tries again until it succeeds; seconds, or a duration such as `5m`, for that long at most.
   * @default false
   */
  waitForStores?: boolean | DurationInput;
  /** The source of time. @default the computer's clock */
  clock?: Clock;
}

/** Those that say something by being left out. */
type OpenOption =
  'access' | 'auth' | 'authenticate' | 'apiGuard' | 'clock' | 'node' | 'redact' | 'release' | 'timezone';

/** The options with every default filled in. */
export interface ResolvedSchedulerOptions
  extends Required<Omit<SchedulerModuleOptions, OpenOption | 'dashboard'>>, Pick<SchedulerModuleOptions, OpenOption> {
  limits: Limits;
  /** Null where none is served. */
  dashboard: ResolvedDashboard | null;
  /** In seconds. */
  shutdownTimeout: number;
}

/** Injects the {@link ResolvedSchedulerOptions}. */
export const SCHEDULER_OPTIONS = Symbol('SCHEDULER_OPTIONS');
