import { show } from '../../engine/util/inspect.js';
import { normalizeApiPrefix } from './api-prefix.js';
import { hasMethods, type OptionCheck } from './option-check.js';

/** A guard, or the class of one. */
export const checkApiGuard: OptionCheck = (value, field) => {
  const isGuard = hasMethods(typeof value === 'function' ? value.prototype : value, 'canActivate');
  return isGuard ? [] : [{ field, problem: `must be a guard or the class of one, got ${typeof value}` }];
};

/** Where the REST API is served. */
export const checkApiPrefix: OptionCheck = (value, field) =>
  typeof value === 'string' && normalizeApiPrefix(value) !== undefined
    ? []
    : [{ field, problem: `must be a path such as '/scheduler', without patterns or a query, got ${show(value)}` }];

/** An origin as browsers send it. */
export const checkOrigin: OptionCheck = (value, field) =>
  typeof value === 'string' && URL.canParse(value) && isOrigin(new URL(value), value)
    ? []
    : [{ field, problem: `must be an origin such as 'https://admin.example.org', got ${show(value)}` }];

function isOrigin({ origin, protocol }: URL, given: string): boolean {
  return /^https?:$/.test(protocol) && origin === given.toLowerCase().replace(/\/$/, '');
}
