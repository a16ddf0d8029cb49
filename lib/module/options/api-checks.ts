import { show } from '../../engine/util/inspect.js';
import { normalizeApiPrefix } from './api-prefix.js';
import { hasMethods, isRecord, isText, type OptionCheck } from './option-check.js';

/** `false`, a scheme, or a name and a password. Its faults never show what was given: it may be a password. */
export const checkAuth: OptionCheck = (value, field) => {
  if (value === false || hasMethods(value, 'getAuthorization', 'getAuthenticateHeader')) return [];
  if (!isRecord(value)) {
    return [{ field, problem: 'must be false, an HttpAuth or { username, password }' }];
  }
  const unknown = Object.keys(value).filter((member) => member !== 'username' && member !== 'password');
  return [
    ...['username', 'password']
      .filter((member) => !isText(value[member]))
      .map((member) => ({ field: `${field}.${member}`, problem: 'must be a non-empty string' })),
    ...unknown.map((member) => ({
      field: `${field}.${member}`,
      problem: 'is not known; known are username, password',
    })),
  ];
};

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
