import type { Action } from '../../module/actions.js';
import type { Endpoint, EndpointMethod } from '../../module/endpoint.js';
import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';

export type { Endpoint, EndpointMethod };

type EndpointParts = readonly [method: EndpointMethod, path: string, action: Action];

/** Every route of the REST API. Controllers map these by `@Route(name)`, so that no route lacks an action. */
export const ENDPOINTS = {
  get_scheduler_info: ['GET', '', 'scheduler.read'],
  get_health: ['GET', '/health', 'scheduler.read'],
  get_nodes: ['GET', '/nodes', 'scheduler.read'],
  get_stats: ['GET', '/stats', 'runs.read'],
  get_events: ['GET', '/events', 'jobs.read'],
  get_openapi: ['GET', '/openapi.json', 'scheduler.read'],
  start_scheduler: ['POST', '/start', 'scheduler.control'],
  shutdown_scheduler: ['POST', '/shutdown', 'scheduler.control'],
  pause_scheduler: ['POST', '/pause', 'scheduler.control'],
  resume_scheduler: ['POST', '/resume', 'scheduler.control'],
  add_job: ['POST', '/jobs', 'jobs.write'],
  get_jobs: ['GET', '/jobs', 'jobs.read'],
  change_jobs: ['POST', '/jobs/bulk', 'jobs.bulk'],
  get_job: ['GET', '/jobs/:id', 'jobs.read'],
  put_job: ['PUT', '/jobs/:id', 'jobs.write'],
  update_job: ['PATCH', '/jobs/:id', 'jobs.write'],
  delete_job: ['DELETE', '/jobs/:id', 'jobs.write'],
  pause_job: ['POST', '/jobs/:id/pause', 'jobs.pause'],
  resume_job: ['POST', '/jobs/:id/resume', 'jobs.pause'],
  run_job: ['POST', '/jobs/:id/run', 'jobs.run'],
  get_job_runs: ['GET', '/jobs/:id/runs', 'runs.read'],
  get_next_run_times: ['GET', '/jobs/:id/next', 'jobs.read'],
  get_timeline: ['GET', '/timeline', 'jobs.read'],
  get_runs: ['GET', '/runs', 'runs.read'],
  get_run: ['GET', '/runs/:id', 'runs.read'],
  delete_run: ['DELETE', '/runs/:id', 'runs.remove'],
  cancel_run: ['POST', '/runs/:id/cancel', 'runs.cancel'],
  export_jobs: ['GET', '/export', 'jobs.read'],
  import_jobs: ['POST', '/import', 'jobs.write'],
  get_audit: ['GET', '/audit', 'audit.read'],
  get_tasks: ['GET', '/tasks', 'jobs.read'],
  preview_trigger: ['POST', '/preview', 'jobs.read'],
} as const satisfies Readonly<Record<string, EndpointParts>>;

/** The routes of the dashboard, under its own path. They are no part of the API. */
export const PAGES = {
  get_dashboard: ['GET', '', 'scheduler.read'],
  get_dashboard_file: ['GET', '/:file', 'scheduler.read'],
} as const satisfies Readonly<Record<string, EndpointParts>>;

/** A route's name without `endpointPrefix`. */
export type EndpointName = keyof typeof ENDPOINTS;
export type PageName = keyof typeof PAGES;

type ListedOptions = Pick<ResolvedSchedulerOptions, 'apiPrefix' | 'endpointPrefix'> & {
  readonly dashboard?: ResolvedSchedulerOptions['dashboard'];
};

/** All routes of the REST API, under the names that the options give them; after them those of the dashboard, where there is one. */
export function listEndpoints({ apiPrefix, endpointPrefix, dashboard }: ListedOptions): readonly Endpoint[] {
  const base = apiPrefix.replace(/\/+$/, '');
  const listed = (routes: Readonly<Record<string, EndpointParts>>, under: string): Endpoint[] =>
    Object.entries<EndpointParts>(routes).map(([name, [method, path, action]]) => ({
      name: endpointPrefix + name,
      method,
      path: under + path || '/',
      action,
    }));
  return [...listed(ENDPOINTS, base), ...(dashboard ? listed(PAGES, base + dashboard.path) : [])];
}
