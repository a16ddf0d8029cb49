import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { toCamelCase, toSnakeCase } from '../spelling.js';

/** How many workers APScheduler's thread pool has by default. */
const THREADPOOL_WORKERS = 10;

/**
 * Executors as APScheduler's configuration writes them. A pool of either kind is worker threads, which load the file `worker`.
 * Without it a thread pool is an executor in this thread with a limit.
 */
export function executorsFromFlask(executors: unknown): unknown {
  return mapMembers(executors, (executor) => {
    const members = fromSnakeCase(executor);
    if (!isPlainObject(members) || !isPool(members['type'])) return members;
    const { type, maxWorkers, ...rest } = members;
    if (type === 'threadpool' && rest['worker'] === undefined) {
      return { type: 'local', concurrency: maxWorkers ?? THREADPOOL_WORKERS, ...rest };
    }
    const limits = rest['resourceLimits'];
    return {
      ...{ ...rest, type: 'threads' },
      ...(maxWorkers !== undefined && { threads: maxWorkers }),
      ...(limits !== undefined && { resourceLimits: fromSnakeCase(limits) }),
    };
  });
}

const isPool = (type: unknown): boolean => type === 'threadpool' || type === 'processpool';

/** The users of the REST API in Python's spelling. */
export function authFromFlask(auth: unknown): unknown {
  if (!isPlainObject(auth) || !Array.isArray(auth['users'])) return auth;
  return { ...auth, users: auth['users'].map(fromSnakeCase) };
}

/** Job stores as APScheduler's configuration writes them: SQLAlchemy's URLs, and Redis by host and port. */
export function jobStoresFromFlask(stores: unknown): unknown {
  return mapMembers(stores, (store) => {
    const members = fromSnakeCase(store);
    if (!isPlainObject(members)) return members;
    if (members['type'] === 'sqlalchemy') return { ...members, type: 'sql', url: fromSqlAlchemy(members['url']) };
    if (members['type'] !== 'redis' || members['url'] !== undefined) return members;
    const { host = 'localhost', port = 6379, db = 0, password, ...rest } = members;
    const user = typeof password === 'string' ? `:${encodeURIComponent(password)}@` : '';
    return { ...rest, url: `redis://${user}${String(host)}:${String(port)}/${String(db)}` };
  });
}

/** Without the name of a Python driver; a third slash begins a relative path of SQLite, a fourth an absolute one. */
function fromSqlAlchemy(url: unknown): unknown {
  if (typeof url !== 'string') return url;
  const sqlite = /^sqlite:\/\/(?:\/(.*))?$/s.exec(url.replace(/^(\w+)\+\w+:/, '$1:'));
  return sqlite ? `sqlite:${sqlite[1] || ':memory:'}` : url.replace(/^(\w+)\+\w+:/, '$1:');
}

/** Job defaults as APScheduler's configuration writes them. */
export function jobDefaultsFromFlask(defaults: unknown): unknown {
  return withRetry(fromSnakeCase(defaults));
}

/** Job definitions as Flask-APScheduler's configuration writes them, their triggers flat or nested. */
export function jobsFromFlask(jobs: unknown): unknown {
  return Array.isArray(jobs) ? jobs.map(jobFromFlask) : jobs;
}

/** The members of a job or of a trigger, and those of the triggers inside it. */
function jobFromFlask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jobFromFlask);
  const members = fromSnakeCase(value);
  if (!isPlainObject(members)) return members;
  const nested = Object.entries(members).filter(([name]) => TRIGGERS_INSIDE.includes(name));
  return withRetry({ ...members, ...Object.fromEntries(nested.map(([name, member]) => [name, jobFromFlask(member)])) });
}

/** How failed runs are tried again is the one option of a job that has options. */
function withRetry(options: unknown): unknown {
  if (!isPlainObject(options) || options['retry'] === undefined) return options;
  return { ...options, retry: fromSnakeCase(options['retry']) };
}

/** Members that hold triggers. */
const TRIGGERS_INSIDE = ['trigger', 'triggers', 'base', 'except'];

/** An object's members under their TypeScript names. What is no plain object stays as it is: a trigger, a store. */
export function fromSnakeCase(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), member]));
}

/**
 * A fault's path in the words of what was given: `maxInstances` is `max_instances` where that is what it said.
 *
 * @param path - below the key: `default.concurrency`.
 */
export function asSpelled(path: string, given: unknown): string {
  let at = given;
  const names = path.split('.').map((name) => {
    const members = isPlainObject(at) ? at : {};
    const spellings = [
      name,
      toSnakeCase(name),
      ...(name === 'concurrency' || name === 'threads' ? ['max_workers'] : []),
    ];
    const spelled = spellings.find((spelling) => Object.hasOwn(members, spelling)) ?? name;
    at = members[spelled];
    return spelled;
  });
  return names.join('.');
}

function camelCase(name: string): string {
  // The one name that is not only another spelling.
  return name === 'jobstore' ? 'jobStore' : toCamelCase(name);
}

function mapMembers(value: unknown, change: (member: unknown) => unknown): unknown {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
}
