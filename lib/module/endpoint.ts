import type { Action } from './actions.js';

export type EndpointMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** A route of the REST API and the name it is looked up by. */
export interface Endpoint {
  /** `endpointPrefix` and Flask-APScheduler's name of the route, where it has it: `scheduler.get_jobs`. */
  readonly name: string;
  readonly method: EndpointMethod;
  /** Under `apiPrefix`, without the application's global prefix: `/scheduler/jobs/:id`. */
  readonly path: string;
  /** What somebody must be allowed to do to use it. */
  readonly action: Action;
}
