import type { HttpAuth } from '../../module/scheduler-options.js';
import { getAuthorizationHeader, type RequestWithHeaders } from './authorization-header.js';
import { Authorization } from './authorization.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * HTTP Basic authentication (RFC 7617) with UTF-8 credentials. What is right is up to the `authenticate` callback.
 *
 * @example
 * SchedulerModule.forRoot({ apiEnabled: true, auth: new HttpBasicAuth(), authenticate: ({ username, password }) => ... })
 */
export class HttpBasicAuth implements HttpAuth {
  /** The name and the password of a request; null when it has none that can be read. */
  getAuthorization(request: RequestWithHeaders): Authorization | null {
    const [type, info] = getAuthorizationHeader(request) ?? [];
    if (type !== 'basic' || info === undefined) return null;
    const credentials = decode(info.trimEnd());
    // Only the first colon divides: a password may have its own, a name may not.
    const colon = credentials?.indexOf(':') ?? -1;
    if (credentials === null || colon < 0) return null;
    return new Authorization('basic', {
      username: credentials.slice(0, colon),
      password: credentials.slice(colon + 1),
    });
  }

  /** What a 401 asks for. */
  getAuthenticateHeader(): string {
    return 'Basic realm="Authentication Required"';
  }
}

/** Buffer would skip what is not base64, and replace what is not UTF-8; both must fail instead. */
function decode(info: string): string | null {
  if (!BASE64.test(info)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(info, 'base64'));
  } catch {
    return null;
  }
}
