import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { arePermissions } from '../access.js';
import { ACTIONS } from '../actions.js';
import { parsePasswordHash } from '../password-hash.js';
import { hasMethods, isRecord, isText, listOf, type OptionCheck } from './option-check.js';

/** `false`, a scheme, one account or several users. Its faults never show what was given: it may be a password. */
export const checkAuth: OptionCheck = (value, field) => {
  if (value === false || hasMethods(value, 'getAuthorization', 'getAuthenticateHeader')) return [];
  if (!isRecord(value)) {
    return [{ field, problem: 'must be false, an HttpAuth, { username, password } or { users }' }];
  }
  if ('users' in value) return [...checkUsers(value['users'], `${field}.users`), ...strangers(value, field, ['users'])];
  return [...textFaults(value, field, ['username', 'password']), ...strangers(value, field, ['username', 'password'])];
};

const checkUsers: OptionCheck = (users, field) => {
  if (!Array.isArray(users) || users.length === 0) return [{ field, problem: 'must be a list of at least one user' }];
  const names = users.map((user: unknown) => (isRecord(user) ? user['username'] : undefined));
  const twice = names.findIndex((name, index) => isText(name) && names.indexOf(name) < index);
  return [
    ...listOf('users', checkUser)(users, field),
    ...(twice < 0 ? [] : [{ field: `${field}[${twice}].username`, problem: `is given twice: ${show(names[twice])}` }]),
  ];
};

const checkUser: OptionCheck = (user, field) => {
  if (!isRecord(user)) return [{ field, problem: 'must be { username, passwordHash, can }' }];
  const { username, passwordHash, can } = user;
  const faults = [...textFaults(user, field, ['username', 'passwordHash'])];
  if (isText(username) && (username.includes(':') || username.length > 191)) {
    faults.push({ field: `${field}.username`, problem: 'must be at most 191 characters long, without a colon' });
  }
  if (isText(passwordHash) && !parsePasswordHash(passwordHash)) {
    faults.push({
      field: `${field}.passwordHash`,
      problem: 'must be what hashPassword() answers: scrypt:N:r:p:salt:key',
    });
  }
  if (!arePermissions(can)) {
    const known = ACTIONS.join(', ');
    faults.push({
      field: `${field}.can`,
      problem: `must be 'all', 'read' or a list of actions, got ${show(can)}; known are ${known}`,
    });
  }
  return [...faults, ...strangers(user, field, ['username', 'passwordHash', 'can'])];
};

function textFaults(value: Readonly<Record<string, unknown>>, field: string, members: readonly string[]): Fault[] {
  return members
    .filter((member) => !isText(value[member]))
    .map((member) => ({ field: `${field}.${member}`, problem: 'must be a non-empty string' }));
}

function strangers(value: Readonly<Record<string, unknown>>, field: string, known: readonly string[]): Fault[] {
  return Object.keys(value)
    .filter((member) => !known.includes(member))
    .map((member) => ({ field: `${field}.${member}`, problem: `is not known; known are ${known.join(', ')}` }));
}
