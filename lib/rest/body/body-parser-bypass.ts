import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { pathPattern } from '../endpoints/mounted-path.js';
import type { SchedulerEndpoints } from '../endpoints/scheduler-endpoints.js';

/** A content type that no parser but ours knows. */
const UNPARSED = 'application/x-nestjs-apscheduler-unparsed';

type Covers = (path: string) => boolean;
type Done = (error: Error | null, body?: undefined) => void;

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyInstance {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown;
  hasContentTypeParser(type: string): boolean;
  addContentTypeParser(type: string, parse: (request: unknown, payload: unknown, done: Done) => void): unknown;
}

/**
 * Keeps the application's body parsers from the API's requests, so that whatever a client calls its JSON and whatever
 * the application has set up, the bytes are still there when the guards have let a request in. Parsers go by the
 * `Content-Type` header, so that is what they are not shown.
 *
 * Call it while the application is being assembled: parsers that are registered earlier come first.
 */
export function bypassBodyParsers(host: HttpAdapterHost, endpoints: SchedulerEndpoints): void {
  let pattern: RegExp | undefined;
  // Made at the first request: the global prefix may be set until then, and not after.
  const covers: Covers = (path) => (pattern ??= pathPattern(endpoints.list())).test(path);
  // At once, or as soon as there is an adapter (a testing module is made before its application).
  host.init$.subscribe(() => {
    // An application context without HTTP has none.
    const adapter = host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    if (!adapter) return;
    if (adapter.getType() === 'fastify') bypassOnFastify(adapter.getInstance<FastifyInstance>(), covers);
    else adapter.use(hideContentType(covers));
  });
}

function hideContentType(covers: Covers) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const path = (request.url ?? '').replace(/[?#].*$/s, '');
    if (!covers(path)) return next();
    delete request.headers['content-type'];
    if (isDecodable(path)) return next();
    // Express would answer for itself, in another form, before any filter of ours.
    response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error_message: `The path ${path} is not URL-encoded` }));
  };
}

function bypassOnFastify(fastify: FastifyInstance, covers: Covers): void {
  fastify.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    // Fastify refuses a body without a type, so there it gets one of its own.
    if (covers(routeOptions.url ?? '')) raw.headers['content-type'] = UNPARSED;
    done();
  });
  if (!fastify.hasContentTypeParser(UNPARSED)) {
    fastify.addContentTypeParser(UNPARSED, (_request, _payload, done) => done(null));
  }
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
