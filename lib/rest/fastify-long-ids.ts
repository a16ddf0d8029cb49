import type { IncomingMessage } from 'node:http';
import { requestPath } from './request-path.js';

interface FastifyRequest {
  readonly raw: IncomingMessage;
  params: unknown;
}

interface FastifyReply {
  callNotFound(): unknown;
}

type Handler = (this: unknown, request: FastifyRequest, reply: FastifyReply) => unknown;

interface Route {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly handler: Handler;
}

/** What is needed of a Fastify instance. */
export interface RouteHooks {
  addHook(name: 'onRoute', hook: (route: Route) => void): unknown;
  route(route: Route): unknown;
}

/**
 * Lets Fastify route ids of any length. It answers 414 for a parameter longer than its `maxParamLength`, which is 100
 * unless the application has said otherwise when it made the adapter, and an id may be longer. A wildcard has no such
 * bound, so each path with an id gets a wildcard beside it, for when the path itself does not match.
 *
 * @param covers - whether a route's pattern is one of the API's.
 */
export function routeLongIds(fastify: RouteHooks, covers: (path: string) => boolean): void {
  const handlers = new Map<string, Handler>();
  fastify.addHook('onRoute', ({ method, url, handler }) => {
    const [before, action] = url.split(':id', 2);
    // Fastify makes a HEAD route of every GET route, of the wildcard's too.
    if (typeof method !== 'string' || method === 'HEAD' || before === undefined || action === undefined || !covers(url))
      return;
    const wildcard = `${before}*`;
    const isFirst = ![...handlers.keys()].some((key) => key.startsWith(`${method} ${wildcard}`));
    handlers.set(`${method} ${wildcard}${action}`, handler);
    if (isFirst) fastify.route({ method, url: wildcard, handler: dispatch(method, wildcard, handlers) });
  });
}

/** Three actions share one wildcard: which one is meant, and where the id ends, the path itself says. */
function dispatch(method: string, wildcard: string, handlers: ReadonlyMap<string, Handler>): Handler {
  const depth = wildcard.split('/').length - 1;
  return function (request, reply) {
    const segments = requestPath(request.raw).split('/');
    const [id = '', ...action] = segments.slice(depth);
    const handler = handlers.get([`${method} ${wildcard}`, ...action].join('/'));
    if (!handler || id === '') return reply.callNotFound();
    request.params = { id: decodeURIComponent(id) };
    return handler.call(this, request, reply);
  };
}
