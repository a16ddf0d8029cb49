import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { Endpoint } from './endpoint.js';

/** The path that an endpoint is served at in its application: under the global prefix, unless its route is excluded. */
export function mountedPath({ method, path }: Endpoint, application: ApplicationConfig): string {
  const globalPrefix = trimSlashes(application.getGlobalPrefix());
  if (globalPrefix === '' || isExcluded(path, method, application)) return path;
  return `/${globalPrefix}${path === '/' ? '' : path}`;
}

/** Matches the request paths that endpoints' paths stand for, and those paths themselves: in any case, as Express does. */
export function pathPattern(endpoints: readonly Endpoint[]): RegExp {
  const patterns = endpoints.map(({ path }) =>
    trimSlashes(path)
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+'),
  );
  return new RegExp(`^/*(?:${patterns.join('|')})/?$`, 'i');
}

function isExcluded(path: string, method: Endpoint['method'], application: ApplicationConfig): boolean {
  const { exclude = [] } = application.getGlobalPrefixOptions();
  return exclude.some(
    ({ pathRegex, requestMethod }) =>
      (requestMethod === RequestMethod.ALL || requestMethod === RequestMethod[method]) && pathRegex.test(path),
  );
}

const trimSlashes = (path: string): string => path.replace(/^\/+|\/+$/g, '');
