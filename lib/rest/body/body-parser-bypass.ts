import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestPath } from '../request-path.js';
import { drain } from './read-bytes.js';

/** A content type that no parser but ours knows. */
const UNPARSED = 'application/x-nestjs-apscheduler-unparsed';

/** Whether a request's path, or a route's pattern, is one of the API's. */
export type Covers = (path: string) => boolean;
type Done = (error: Error | null, body?: undefined) => void;

/** Answers are for the one who asked, and no page's content. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReply {
  readonly raw: ServerResponse;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What is needed of a Fastify instance. */
export interface BodyHooks {
  readonly server: { prependListener(event: 'request', listener: Listener): unknown };
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
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
    prepareResponse(request, response);
    delete request.headers['content-type'];
    if (isDecodable(path)) return next();
    // Express would answer for itself, in another form, before any filter of ours.
    response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error_message: `The path ${path.slice(0, 1000)} is not URL-encoded` }));
  };
}

/** For Fastify, which goes by hooks. */
export function bypassOnFastify(fastify: BodyHooks, covers: Covers): void {
  const prepare: Listener = (request, response) => {
    if (covers(requestPath(request))) prepareResponse(request, response);
  };
  // Before Fastify, which answers by itself for paths that it cannot decode; and in a hook for its `inject`.
  fastify.server.prependListener('request', prepare);
  fastify.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
    prepare(raw, reply.raw);
    // Fastify refuses a body without a type, so there it gets one of its own.
    if (covers(routeOptions.url ?? '')) raw.headers['content-type'] = UNPARSED;
    done();
  });
  if (!fastify.hasContentTypeParser(UNPARSED)) {
    fastify.addContentTypeParser(UNPARSED, (_request, _payload, done) => done(null));
  }
}

/** What every answer of the API has, also one that says that something is wrong. */
function prepareResponse(request: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  // Whatever has been answered by then without reading the body: an endless one must not be read for ever.
  response.once('prefinish', () => drain(request));
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
