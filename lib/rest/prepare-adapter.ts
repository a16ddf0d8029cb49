import type { HttpAdapterHost } from '@nestjs/core';
import { bypassOnExpress, bypassOnFastify, type BodyHooks } from './body/body-parser-bypass.js';
import { pathPattern } from './endpoints/mounted-path.js';
import type { SchedulerEndpoints } from './endpoints/scheduler-endpoints.js';
import { routeLongIds, type RouteHooks } from './fastify-long-ids.js';

/**
 * Makes the application's HTTP adapter ready for the API's routes. To be called while the application is assembled:
 * what comes later, the adapter's body parsers first of all, comes after ours.
 */
export function prepareAdapter(host: HttpAdapterHost, endpoints: SchedulerEndpoints): void {
  const makePattern = (): RegExp => pathPattern(endpoints.list());
  // Once requests come in, the global prefix does not change any more.
  let pattern: RegExp | undefined;
  const covers = (path: string): boolean => (pattern ??= makePattern()).test(path);
  // At once, or as soon as there is an adapter: a testing module is made before its application.
  host.init$.subscribe(() => {
    // An application context without HTTP has none.
    const adapter = host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    if (!adapter) return;
    if (adapter.getType() !== 'fastify') {
      adapter.use(bypassOnExpress(covers));
      return;
    }
    const fastify = adapter.getInstance<BodyHooks & RouteHooks>();
    bypassOnFastify(fastify, covers);
    routeLongIds(fastify, (path) => makePattern().test(path));
  });
}
