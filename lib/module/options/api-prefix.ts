/** A segment of a path that a route can begin with: no pattern of a router, no query, nothing that is resolved away. */
const SEGMENT = /^(?!\.{1,2}$)[\w.~@-]+$/;

/**
 * A path with one slash before each segment and none at the end.
 *
 * @returns undefined when it is no path, or names no segment: at the root the REST API would stand in everything's way.
 */
export function normalizeApiPrefix(prefix: string): string | undefined {
  const segments = prefix.split('/').filter((segment) => segment !== '');
  return segments.length > 0 && segments.every((segment) => SEGMENT.test(segment))
    ? `/${segments.join('/')}`
    : undefined;
}
