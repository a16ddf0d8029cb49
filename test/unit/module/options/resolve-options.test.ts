import { ConfigurationError, HttpBasicAuth, LocalExecutor, ManualClock, MemoryJobStore } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../../lib/module/options/resolve-options.js';
import type { SchedulerModuleOptions } from '../../../../lib/module/scheduler-options.js';

const SECONDS = 'a number of seconds from 0 or a duration such as 1h30m, 90s or PT90S';

function refusal(options: unknown): ConfigurationError {
  try {
    resolveOptions(options as SchedulerModuleOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('The options were accepted');
}

const ANN = {
  username: 'ann',
  passwordHash: `scrypt:16384:8:1:${'a'.repeat(22)}:${'b'.repeat(43)}`,
  can: 'read',
} as const;

/** A job store of somebody's own that lacks a member. */
const storeWithout = (member: keyof MemoryJobStore): object =>
  Object.assign(new MemoryJobStore(), { [member]: undefined });

describe('resolveOptions', () => {
  it('fills every default in', () => {
    expect(resolveOptions({})).toEqual({
      jobStores: {},
      executors: {},
      apiDecorators: [],
      jobDefaults: {},
      openapi: 'include',
      allowedOrigins: [],
      apiEnabled: false,
      apiPrefix: '/scheduler',
      dashboard: null,
      endpointPrefix: 'scheduler.',
      allowedHosts: ['*'],
      jobs: [],
      history: {},
      audit: {},
      limits: {
        jobs: 10_000_000,
        bodyBytes: 102_400,
        eventStreams: 100,
        resultBytes: 30_000,
        logBytes: 100_000,
        minInterval: 0.01,
      },
      prune: false,
      roles: {},
      autoStart: true,
      shutdownTimeout: 10,
      waitForStores: false,
    });
  });

  it('takes options that are undefined as absent', () => {
    const names = Object.keys(resolveOptions({}));
    const given = Object.fromEntries([...names, 'auth', 'timezone', 'clock', 'node'].map((name) => [name, undefined]));
    expect(resolveOptions(given as SchedulerModuleOptions)).toEqual(resolveOptions({}));
  });

  it('keeps what is given', () => {
    const options: SchedulerModuleOptions = {
      jobStores: { default: { type: 'memory' }, other: new MemoryJobStore() },
      executors: { default: new LocalExecutor(), few: { type: 'local', concurrency: 2 } },
      jobDefaults: { coalesce: false, misfireGraceTime: null, maxInstances: 3 },
      timezone: 'Europe/Berlin',
      auth: new HttpBasicAuth(),
      authenticate: () => true,
      apiGuard: { canActivate: () => true },
      access: () => ({ actor: 'ann', can: 'read' }),
      redact: () => null,
      apiDecorators: [() => undefined],
      openapi: 'exclude',
      allowedOrigins: ['https://admin.example.org'],
      apiEnabled: true,
      apiPrefix: '/api/jobs',
      dashboard: { path: '/board', title: 'Jobs', timezone: 'UTC', links: [{ label: 'Logs', url: '/logs' }] },
      endpointPrefix: '',
      allowedHosts: ['worker-1'],
      jobs: [{ id: 'a', task: 'tidy' }],
      history: { perJob: 5, total: 0, maxAge: '30d' },
      audit: false,
      limits: { jobs: 5, bodyBytes: 5000, eventStreams: 5, resultBytes: 500, logBytes: 5000, minInterval: 60 },
      node: 'worker-1',
      release: '1.2.0',
      prune: true,
      roles: { schedule: false, execute: ['few'] },
      autoStart: false,
      shutdownTimeout: 0,
      waitForStores: '5m',
      clock: new ManualClock(),
    };
    expect(resolveOptions(options)).toEqual(options);
  });

  it('has to know which release this is before jobs of earlier ones are removed', () => {
    expect(() => resolveOptions({ prune: true })).toThrow(/release is missing: prune removes what earlier releases/);
    expect(() => resolveOptions({ prune: true, release: ' ' })).toThrow(
      /release must be a text of 1 to 100 characters/,
    );
    expect(() => resolveOptions({ prune: 'yes' } as never)).toThrow(/prune must be true or false, got "yes"/);
    expect(resolveOptions({ release: '7' })).toMatchObject({ release: '7', prune: false });
  });

  it('has to know the executors that a node executes runs of', () => {
    const executors = { reports: { type: 'local' } } as const;
    expect(resolveOptions({ executors, roles: { execute: ['default', 'reports'] } })).toMatchObject({
      roles: { execute: ['default', 'reports'] },
    });
    expect(refusal({ executors, roles: { execute: ['reprots'] } }).message).toContain(
      'roles.execute has "reprots", which is not among the executors; did you mean "reports"?',
    );
    expect(refusal({ roles: { execute: ['cpu'] } }).message).toContain(
      'roles.execute has "cpu", which is not among the executors; known are default',
    );
  });

  it('reads how long the shutdown waits as seconds', () => {
    expect(resolveOptions({ shutdownTimeout: '1m30s' }).shutdownTimeout).toBe(90);
    expect(resolveOptions({ shutdownTimeout: 'PT0.5S' }).shutdownTimeout).toBe(0.5);
  });

  it.each([
    ['scheduler', '/scheduler'],
    ['/a/b', '/a/b'],
    ['//a///b//', '/a/b'],
    ['v1.0/~jobs_-@', '/v1.0/~jobs_-@'],
  ])('writes the prefix %j as %j', (apiPrefix, written) => {
    expect(resolveOptions({ apiPrefix }).apiPrefix).toBe(written);
  });

  it.each<[name: keyof SchedulerModuleOptions, value: unknown, fault: string]>([
    ['jobStores', [], 'jobStores must be an object of job stores by alias'],
    ['jobStores', 'memory', 'jobStores must be an object of job stores by alias'],
    ['jobStores', { default: 'memory' }, "jobStores.default must be a job store or { type: 'memory' }, got string"],
    ['jobStores', { default: null }, 'jobStores.default must be a job store'],
    ['jobStores', { a: { type: 'redis' } }, 'jobStores.a.url must be where the server is, got undefined'],
    ['jobStores', { a: { type: 'mongodb' } }, "jobStores.a.type must be 'memory', 'sql' or 'redis', got "],
    ['jobStores', { a: {} }, "jobStores.a.type must be 'memory', 'sql' or 'redis', got undefined"],
    ['jobStores', { a: { type: 'memory', url: 'x' } }, 'jobStores.a.url is not known'],
    ['jobStores', { '': { type: 'memory' } }, 'jobStores must not have an empty alias'],
    ['jobStores', { a: storeWithout('reconsider') }, "jobStores.a.type must be 'memory', 'sql' or 'redis'"],
    ['jobStores', { a: storeWithout('capabilities') }, 'jobStores.a.capabilities must be an object, got undefined'],
    [
      'jobStores',
      { a: Object.assign(new MemoryJobStore(), { capabilities: { durable: 1, shared: false, notifying: false } }) },
      'jobStores.a.capabilities.durable must be true or false, got 1',
    ],
    ['executors', 5, 'executors must be an object of executors by alias'],
    ['executors', { default: 5 }, 'executors.default must be an executor'],
    ['executors', { a: { type: 'threadpool' } }, "executors.a.type must be 'local' or 'threads'"],
    ['executors', { a: { type: 'threads' } }, 'executors.a.worker must be the file that threads load, got undefined'],
    ['executors', { a: { type: 'local', concurrency: 0 } }, 'executors.a.concurrency must be a whole number'],
    ['executors', { a: { type: 'local', concurrency: '2' } }, 'executors.a.concurrency must be a whole number'],
    ['executors', { a: { type: 'local', workers: 2 } }, 'executors.a.workers is not known'],
    ['jobDefaults', true, 'jobDefaults must be an object, got true'],
    ['jobDefaults', { coalesce: 1 }, 'jobDefaults.coalesce must be true, false, "latest", "earliest" or "all", got 1'],
    ['jobDefaults', { misfireGraceTime: -1 }, 'jobDefaults.misfireGraceTime must be a positive number'],
    ['jobDefaults', { maxInstances: 1.5 }, 'jobDefaults.maxInstances must be a whole number'],
    ['jobDefaults', { max_instances: 1 }, 'jobDefaults.max_instances is not known'],
    ['timezone', 'Mars/Olympus', 'timezone must be an IANA time zone, UTC or an offset such as +02:00, got "Mars/'],
    ['timezone', '', 'timezone must be an IANA time zone'],
    ['timezone', 2, 'timezone must be an IANA time zone'],
    ['auth', true, 'auth must be false, an HttpAuth, { username, password } or { users }'],
    ['auth', 'admin:secret', 'auth must be false, an HttpAuth, { username, password } or { users }'],
    ['auth', { users: [] }, 'auth.users must be a list of at least one user'],
    ['auth', { users: { ann: 'x' } }, 'auth.users must be a list of at least one user'],
    ['auth', { users: [ANN], password: 'x' }, 'auth.password is not known; known are users'],
    ['auth', { users: [ANN, 'bob'] }, 'auth.users[1] must be { username, passwordHash, can }'],
    ['auth', { users: [ANN, ANN] }, 'auth.users[1].username is given twice: "ann"'],
    ['auth', { users: [{ ...ANN, username: 'a:b' }] }, 'auth.users[0].username must be at most 191 characters long'],
    ['auth', { users: [{ ...ANN, passwordHash: 's3cret' }] }, 'auth.users[0].passwordHash must be what hashPassword()'],
    ['auth', { users: [{ ...ANN, can: ['jobs'] }] }, "auth.users[0].can must be 'all', 'read' or a list of actions"],
    ['auth', { users: [{ ...ANN, can: undefined }] }, "auth.users[0].can must be 'all', 'read' or a list of actions"],
    ['auth', { users: [{ ...ANN, roles: [] }] }, 'auth.users[0].roles is not known'],
    ['auth', { username: 'ada' }, 'auth.password must be a non-empty string'],
    ['auth', { username: '', password: 'x' }, 'auth.username must be a non-empty string'],
    ['auth', { username: 'ada', password: 'x', realm: 'y' }, 'auth.realm is not known'],
    ['authenticate', { username: 'ada' }, 'authenticate must be a function, got object'],
    ['redact', ['token'], "redact must be a function, got [ 'token' ]"],
    ['access', 'read', 'access must be a function, got "read"'],
    ['apiGuard', {}, 'apiGuard must be a guard or the class of one'],
    ['apiGuard', () => true, 'apiGuard must be a guard or the class of one'],
    ['allowedOrigins', 'https://a.org', 'allowedOrigins must be an array of origins'],
    [
      'allowedOrigins',
      ['a.org'],
      'allowedOrigins[0] must be an origin such as \'https://admin.example.org\', got "a.org"',
    ],
    ['allowedOrigins', ['https://a.org', 'https://b.org/path'], 'allowedOrigins[1] must be an origin'],
    ['allowedOrigins', ['*'], 'allowedOrigins[0] must be an origin'],
    ['roles', 'schedule', 'roles must be { schedule, execute }, got "schedule"'],
    ['roles', { schedule: 'no' }, 'roles.schedule must be true or false, got "no"'],
    ['roles', { execute: 'cpu' }, 'roles.execute must be true, false or an array of aliases of executors, got "cpu"'],
    ['roles', { execute: [''] }, 'roles.execute must be true, false or an array of aliases'],
    ['roles', { serve: true }, 'roles.serve is not known; known are schedule, execute'],
    ['apiEnabled', 'yes', 'apiEnabled must be true or false, got "yes"'],
    ['openapi', true, "openapi must be 'include' or 'exclude', got true"],
    ['openapi', 'yes', "openapi must be 'include' or 'exclude', got \"yes\""],
    ['apiPrefix', '', "apiPrefix must be a path such as '/scheduler'"],
    ['apiPrefix', '/', "apiPrefix must be a path such as '/scheduler'"],
    ['apiPrefix', '/a/:id', 'apiPrefix must be a path'],
    ['apiPrefix', '/a/../b', 'apiPrefix must be a path'],
    ['apiPrefix', '/a?b', 'apiPrefix must be a path'],
    ['apiPrefix', 'http://a.org/b', 'apiPrefix must be a path'],
    ['apiPrefix', '/a b', 'apiPrefix must be a path'],
    ['apiPrefix', 1, 'apiPrefix must be a path'],
    ['endpointPrefix', null, 'endpointPrefix must be a string, got null'],
    ['allowedHosts', '*', 'allowedHosts must be an array of host names, \'*\' for all hosts, got "*"'],
    ['allowedHosts', ['a', 5], 'allowedHosts[1] must be a host name, got 5'],
    ['allowedHosts', [''], 'allowedHosts[0] must be a host name, got ""'],
    ['jobs', {}, 'jobs must be an array of job definitions'],
    ['jobs', [{}, 'tidy'], 'jobs[1] must be a job definition, got "tidy"'],
    ['jobDefaults', { retry: { attempts: 0 } }, 'jobDefaults.retry.attempts must be a whole number of at least 1'],
    ['jobDefaults', { retry: { attempts: 2, max_delay: 1 } }, 'jobDefaults.retry.max_delay is not known here'],
    ['jobDefaults', { overlap: 'wait' }, 'jobDefaults.overlap must be one of skip, queue, replace, allow, got "wait"'],
    ['jobDefaults', { timeout: '1 year' }, 'jobDefaults.timeout must not count in years or months'],
    ['history', 5, 'history must be a plain object, got 5'],
    ['history', null, 'history must be a plain object, got null'],
    ['history', { perJob: -1 }, 'history.perJob must be a whole number of at least 0, got -1'],
    ['history', { total: '5' }, 'history.total must be a whole number of at least 0, got "5"'],
    ['history', { maxAge: 'a week' }, 'history.maxAge must be a duration such as 1h30m, 90s or PT90S, got "a week"'],
    ['history', { per_job: 5 }, 'history.per_job is not known here; known are perJob, total, maxAge'],
    ['limits', 5, 'limits must be a plain object, got 5'],
    ['limits', null, 'limits must be a plain object, got null'],
    [
      'limits',
      { bytes: 5 },
      'limits.bytes is not known here; known are jobs, bodyBytes, eventStreams, resultBytes, logBytes, minInterval',
    ],
    ['limits', { jobs: 0 }, 'limits.jobs must be a whole number of at least 1, got 0'],
    ['limits', { jobs: '5' }, 'limits.jobs must be a whole number of at least 1, got "5"'],
    ['limits', { jobs: 1_000_000_001 }, 'limits.jobs must be at most 1000000000, got 1000000001'],
    ['limits', { bodyBytes: 0 }, 'limits.bodyBytes must be a whole number of at least 1, got 0'],
    ['limits', { bodyBytes: Infinity }, 'limits.bodyBytes must be at most 10000000, got Infinity'],
    ['limits', { eventStreams: 0 }, 'limits.eventStreams must be a whole number of at least 1, got 0'],
    ['limits', { eventStreams: 10_001 }, 'limits.eventStreams must be at most 10000, got 10001'],
    ['limits', { resultBytes: 1.5 }, 'limits.resultBytes must be a whole number of at least 1, got 1.5'],
    ['limits', { resultBytes: 1_000_001 }, 'limits.resultBytes must be at most 1000000, got 1000001'],
    ['limits', { logBytes: 999 }, 'limits.logBytes must be a whole number of at least 1000, got 999'],
    ['limits', { logBytes: 1_000_001 }, 'limits.logBytes must be at most 1000000, got 1000001'],
    ['limits', { minInterval: -1 }, 'limits.minInterval must be a number of seconds from 0 or a duration'],
    ['limits', { minInterval: '2 years' }, 'limits.minInterval must not count in years or months'],
    ['limits', { minInterval: '366d' }, 'limits.minInterval must be at most 31536000 seconds, got "366d"'],
    ['node', '', 'node must be a text of 1 to 255 characters without NUL or lone surrogates, got ""'],
    ['node', 5, 'node must be a text of 1 to 255 characters without NUL or lone surrogates, got 5'],
    ['node', 'a\0b', 'node must be a text of 1 to 255 characters without NUL or lone surrogates'],
    ['node', 'a\ud800', 'node must be a text of 1 to 255 characters without NUL or lone surrogates'],
    ['node', 'n'.repeat(256), 'node must be a text of 1 to 255 characters without NUL or lone surrogates'],
    ['autoStart', 0, 'autoStart must be true or false, got 0'],
    ['shutdownTimeout', -1, `shutdownTimeout must be ${SECONDS}, got -1`],
    ['shutdownTimeout', NaN, `shutdownTimeout must be ${SECONDS}, got NaN`],
    ['shutdownTimeout', Infinity, `shutdownTimeout must be ${SECONDS}, got Infinity`],
    ['shutdownTimeout', '10', 'shutdownTimeout needs a unit (90s), got "10"'],
    ['waitForStores', -1, `waitForStores must be ${SECONDS}, got -1`],
    ['waitForStores', 'yes', 'waitForStores must be a duration such as 1h30m, 90s or PT90S, got "yes"'],
    ['waitForStores', '99999d', 'waitForStores must be at most 3153600000 seconds'],
    ['clock', Date, 'clock must be a clock'],
    ['clock', { now: () => 0 }, 'clock must be a clock'],
  ])('refuses %s: %j', (name, value, fault) => {
    expect(refusal({ [name]: value }).message).toContain(`\n  - ${fault}`);
  });

  it.each([null, 'options', 5, []])('refuses %j as a whole', (options) => {
    expect(refusal(options).message).toContain('they must be an object');
  });

  it('names the option that an unknown one was meant for', () => {
    expect(refusal({ apiPrefx: '/jobs' }).message).toContain('apiPrefx is not an option; did you mean apiPrefix?');
    expect(refusal({ colour: 'red' }).message).toMatch(/colour is not an option$/);
  });

  it('gathers every fault', () => {
    const { message } = refusal({ autoStart: 1, timezone: 'x', nothing: true, jobDefaults: { coalesce: 2 } });
    expect(message.split('\n  - ')).toHaveLength(5);
  });

  it('asks for auth when the API is enabled, and says what to set', () => {
    const { message } = refusal({ apiEnabled: true });
    expect(message).toContain('apiEnabled needs to know who may use the REST API: set auth');
    expect(message).toContain('auth: false opens the API to everybody');
  });

  it.each<SchedulerModuleOptions>([
    { auth: false },
    { auth: { username: 'ada', password: 'l0velace' } },
    { auth: new HttpBasicAuth() },
    { auth: { users: [ANN, { ...ANN, username: 'bob', can: ['jobs.read', 'jobs.run'] }] } },
    { apiGuard: { canActivate: () => true } },
  ])('is content with an enabled API and %o', (options) => {
    expect(resolveOptions({ apiEnabled: true, ...options }).apiEnabled).toBe(true);
  });

  it('lets nothing else decide what users may do', () => {
    const { message } = refusal({ auth: { users: [ANN] }, access: () => ({}), authenticate: () => true });
    expect(message).toContain('access cannot be given beside auth.users');
    expect(message).toContain('authenticate cannot be given beside auth.users');
  });

  it('never shows a password', () => {
    const secrets = [
      { auth: { username: 'ada', password: 's3cret', realm: 1 } },
      { auth: 's3cret' },
      { auth: ['s3cret'] },
      { authenticate: { username: 'ada', password: 's3cret' } },
      { auth: { username: 5, password: 's3cret' } },
      { auth: { users: [{ ...ANN, passwordHash: 's3cret' }, 's3cret', { ...ANN, password: 's3cret' }] } },
    ];
    for (const options of secrets) expect(refusal(options).message).not.toContain('s3cret');
  });
});
