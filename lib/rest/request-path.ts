import type { IncomingMessage } from 'node:http';

/** What stands before the path of a target in absolute form, as clients send it to a proxy: `http://host/scheduler`. */
const SCHEME_AND_AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/** The path that a request asks for, as it was encoded, without a query. */
export function requestPath({ url = '' }: IncomingMessage): string {
  return url.replace(SCHEME_AND_AUTHORITY, '').replace(/[?#].*$/s, '');
}
