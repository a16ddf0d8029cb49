import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { ConfigurationError } from '../../engine/errors.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { listEndpoints, type Endpoint } from './endpoint.js';
import { mountedPath } from './mounted-path.js';

/**
 * The routes of this application's REST API by their names: Flask's `url_for` for it.
 *
 * @example
 * endpoints.url('scheduler.get_job', { id: 'a/b' }); // '/scheduler/jobs/a%2Fb'
 */
@Injectable()
export class SchedulerEndpoints {
  constructor(
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {}

  /** All routes with the paths they are served at, the global prefix included; none when the API is off. */
  list(): readonly Endpoint[] {
    // Read anew each time: the global prefix may be set until the application is initialised.
    return this.options.apiEnabled
      ? listEndpoints(this.options).map((endpoint) => ({ ...endpoint, path: mountedPath(endpoint, this.application) }))
      : [];
  }

  /**
   * The path of a route.
   *
   * @param name - with its prefix: `scheduler.get_job`.
   * @param params - a value for each parameter of the path: `{ id }`.
   * @throws ConfigurationError when no route has this name or a parameter is missing.
   */
  url(name: string, params: Readonly<Record<string, string>> = {}): string {
    const endpoints = this.list();
    const endpoint = endpoints.find((candidate) => candidate.name === name);
    if (!endpoint) {
      const known = endpoints.map((candidate) => candidate.name).join(', ') || 'none: apiEnabled is false';
      throw new ConfigurationError(`No endpoint is called "${name}"; known are ${known}`);
    }
    return endpoint.path.replace(/:(\w+)/g, (_, param: string) => {
      const value = Object.hasOwn(params, param) ? params[param] : undefined;
      if (value === undefined) throw new ConfigurationError(`Endpoint "${name}" needs the parameter "${param}"`);
      return encodeURIComponent(value);
    });
  }
}
