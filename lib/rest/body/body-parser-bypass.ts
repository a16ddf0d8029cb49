import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestPath } from '../request-path.js';

/** A content type that no parser but ours knows. */
const UNPARSED = 'application/x-nestjs-apscheduler-unparsed';

/** Whether a request's path, or a route's pattern, is one of the API's. */
export type Covers = (path: string) => boolean;
type Done = (error: Error | null, body?: undefined) => void;

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** What is needed of a Fastify instance. */
export interface BodyHooks {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown;
  hasContentTypeParser(type: string): boolean;
  addContentTypeParser(type: string, parse: (request: unknown, payload: unknown, done: Done) => void): unknown;
}

/*
 * These keep the application's body parsers from the API's requests, so that whatever a client calls its JSON and
 * whatever the application has set up, the bytes are still there when the guards have let a request in. Parsers go by
 * the Content-Type header, so that is what they are not shown.
 */

/** For Express; to be used before any body parser. */
export function bypassOnExpress(covers: Covers) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const path = requestPath(request);
    if (!covers(path)) return next();
    delete request.headers['content-type'];
    if (isDecodable(path)) return next();
    // Express would answer for itself, in another form, before any filter of ours.
    response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error_message: `The path ${path} is not URL-encoded` }));
  };
}

/** For Fastify, which goes by hooks. */
export function bypassOnFastify(fastify: BodyHooks, covers: Covers): void {
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
