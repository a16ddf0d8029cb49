/** What is read of a request to know who sends it: Node's, Express's and Fastify's requests all have it. */
export interface RequestWithHeaders {
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * A request's `Authorization` header in its two parts (Flask-APScheduler: `get_authorization_header`).
 *
 * @returns the scheme in lower case and what follows it; null without a header of two parts.
 */
export function getAuthorizationHeader(request: RequestWithHeaders): readonly [type: string, info: string] | null {
  const header = request.headers['authorization'];
  const parts = typeof header === 'string' ? /^\s*(\S+)\s+(\S.*)$/s.exec(header) : null;
  const [, type, info] = parts ?? [];
  return type === undefined || info === undefined ? null : [type.toLowerCase(), info];
}
