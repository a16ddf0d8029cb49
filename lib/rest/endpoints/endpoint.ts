import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';

export type EndpointMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A route of the REST API and the name it is looked up by. */
export interface Endpoint {
  /** `endpointPrefix` and Flask-APScheduler's name of the route, where it has it: `scheduler.get_jobs`. */
  readonly name: string;
  readonly method: EndpointMethod;
  /** Under `apiPrefix`, without the application's global prefix: `/scheduler/jobs/:id`. */
  readonly path: string;
}

const ENDPOINTS: readonly (readonly [name: string, method: EndpointMethod, path: string])[] = [
  ['get_scheduler_info', 'GET', ''],
  ['get_health', 'GET', '/health'],
  ['start_scheduler', 'POST', '/start'],
  ['shutdown_scheduler', 'POST', '/shutdown'],
  ['pause_scheduler', 'POST', '/pause'],
  ['resume_scheduler', 'POST', '/resume'],
  ['add_job', 'POST', '/jobs'],
  ['get_jobs', 'GET', '/jobs'],
  ['get_job', 'GET', '/jobs/:id'],
  ['update_job', 'PATCH', '/jobs/:id'],
  ['delete_job', 'DELETE', '/jobs/:id'],
  ['pause_job', 'POST', '/jobs/:id/pause'],
  ['resume_job', 'POST', '/jobs/:id/resume'],
  ['run_job', 'POST', '/jobs/:id/run'],
  ['get_job_runs', 'GET', '/jobs/:id/runs'],
  ['get_next_run_times', 'GET', '/jobs/:id/next'],
  ['get_runs', 'GET', '/runs'],
  ['get_run', 'GET', '/runs/:id'],
  ['cancel_run', 'POST', '/runs/:id/cancel'],
  ['preview_trigger', 'POST', '/preview'],
];

/** All routes of the REST API, under the names that the options give them. */
export function listEndpoints({
  apiPrefix,
  endpointPrefix,
}: Pick<ResolvedSchedulerOptions, 'apiPrefix' | 'endpointPrefix'>): readonly Endpoint[] {
  const base = apiPrefix.replace(/\/+$/, '');
  return ENDPOINTS.map(([name, method, path]) => ({
    name: endpointPrefix + name,
    method,
    path: base + path || '/',
  }));
}
