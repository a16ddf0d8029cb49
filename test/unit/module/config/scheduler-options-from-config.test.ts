import { Logger } from '@nestjs/common';
import {
  ConfigurationError,
  HttpBasicAuth,
  IntervalTrigger,
  LocalExecutor,
  MemoryJobStore,
  schedulerOptionsFromConfig,
  type ConfigSource,
} from 'nestjs-apscheduler';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const warnings: string[] = [];

beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => void warnings.push(String(message)));
  return () => vi.restoreAllMocks();
});

function refusal(source: ConfigSource): string {
  try {
    schedulerOptionsFromConfig(source);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('The configuration was accepted');
}

const JOB = '[{"id":"job1","func":"jobs:job1","args":[1],"trigger":"interval","seconds":10}]';

describe('schedulerOptionsFromConfig', () => {
  it.each<[source: ConfigSource, fault: string]>([
    [{ SCHEDULER_JOB_DEFAULTS: '{"max_instances":0}' }, 'SCHEDULER_JOB_DEFAULTS.max_instances must be'],
    [{ SCHEDULER_JOB_DEFAULTS: { maxInstances: 0 } }, 'SCHEDULER_JOB_DEFAULTS.maxInstances must be'],
    [{ SCHEDULER_JOB_DEFAULTS: { misfire_grace: 1 } }, 'SCHEDULER_JOB_DEFAULTS.misfire_grace is not known'],
    [
      { SCHEDULER_EXECUTORS: '{"few":{"type":"threadpool","max_workers":0}}' },
      'SCHEDULER_EXECUTORS.few.max_workers must be',
    ],
    [{ SCHEDULER_EXECUTORS: { few: { type: 'local', concurrency: 0 } } }, 'SCHEDULER_EXECUTORS.few.concurrency must'],
  ])('names a fault of %j as it was spelled', (source, fault) => {
    expect(refusal(source)).toContain(`\n  - ${fault}`);
  });

  it.each([
    [
      { type: 'sqlalchemy', url: 'sqlite:///jobs.sqlite' },
      { type: 'sql', url: 'sqlite:jobs.sqlite' },
    ],
    [
      { type: 'sqlalchemy', url: 'sqlite:////var/jobs.db' },
      { type: 'sql', url: 'sqlite:/var/jobs.db' },
    ],
    [
      { type: 'sqlalchemy', url: 'sqlite://' },
      { type: 'sql', url: 'sqlite::memory:' },
    ],
    [
      { type: 'sqlalchemy', url: 'postgresql+psycopg2://a:b@c/d' },
      { type: 'sql', url: 'postgresql://a:b@c/d' },
    ],
    [
      { type: 'sql', url: 'sqlite:a.db', table_prefix: 'jobs_' },
      { type: 'sql', url: 'sqlite:a.db', tablePrefix: 'jobs_' },
    ],
    [
      { type: 'redis', host: 'cache', db: 2, password: 'a/b' },
      { type: 'redis', url: 'redis://:a%2Fb@cache:6379/2' },
    ],
    [
      { type: 'redis', url: 'redis://cache' },
      { type: 'redis', url: 'redis://cache' },
    ],
    [{ type: 'memory' }, { type: 'memory' }],
  ])('reads the job store %j as %j', (given, store) => {
    const read = schedulerOptionsFromConfig({ SCHEDULER_JOBSTORES: JSON.stringify({ default: given }) });
    expect(read).toEqual({ jobStores: { default: store } });
  });

  it('does not show what it cannot read of job stores: URLs have passwords', () => {
    expect(refusal({ SCHEDULER_JOBSTORES: '{"default": {"url": "redis://:secret@cache"' })).not.toContain('secret');
    expect(refusal({ SCHEDULER_JOBSTORES: { default: { type: 'mongo', url: 'a:secret@b' } } })).not.toContain('secret');
  });

  it('reads the triggers inside a trigger in either spelling, and nothing else that looks like them', () => {
    const trigger = { type: 'cron', day_of_week: 'mon', start_date: '2030-01-01' };
    const job = {
      id: 'a',
      func: 'b',
      trigger: 'or',
      triggers: [
        trigger,
        { trigger: 'except', base: trigger, except: ['2030-12-25', trigger, { from: 'x', to: 'y' }] },
      ],
      kwargs: { triggers: [trigger], base: trigger },
    };
    const [read] = schedulerOptionsFromConfig({ SCHEDULER_JOBS: JSON.stringify([job]) }).jobs ?? [];
    const ours = { type: 'cron', dayOfWeek: 'mon', startDate: '2030-01-01' };
    expect(read).toEqual({
      ...job,
      triggers: [ours, { trigger: 'except', base: ours, except: ['2030-12-25', ours, { from: 'x', to: 'y' }] }],
    });
    const nested = { id: 'a', func: 'b', trigger: { type: 'or', triggers: [trigger] } };
    expect(schedulerOptionsFromConfig({ JOBS: [nested] }).jobs).toEqual([
      { ...nested, trigger: { type: 'or', triggers: [ours] } },
    ]);
  });

  it('reads all keys from an environment', () => {
    const options = schedulerOptionsFromConfig({
      SCHEDULER_JOBSTORES: '{"default":{"type":"memory"}}',
      SCHEDULER_EXECUTORS: '{"default":{"type":"threadpool","max_workers":20}}',
      SCHEDULER_JOB_DEFAULTS: '{"coalesce":false,"max_instances":3,"misfire_grace_time":60}',
      SCHEDULER_HISTORY: '{"per_job":10,"total":1000,"max_age":"30d"}',
      SCHEDULER_LIMITS: '{"jobs":500,"body_bytes":5000,"result_bytes":500,"log_bytes":5000,"min_interval":"1m"}',
      SCHEDULER_NODE: 'worker-1',
      SCHEDULER_RELEASE: '2026.1',
      SCHEDULER_PRUNE: 'true',
      SCHEDULER_TIMEZONE: 'Europe/Berlin',
      SCHEDULER_AUTH: '{"username":"ada","password":"l0velace"}',
      SCHEDULER_API_ENABLED: 'true',
      SCHEDULER_API_PREFIX: '/jobs',
      SCHEDULER_ENDPOINT_PREFIX: 'jobs.',
      SCHEDULER_ALLOWED_HOSTS: 'worker-1, worker-2',
      SCHEDULER_JOBS: JOB,
      JOBS: '[]',
      PATH: '/usr/bin',
    });
    expect(options).toEqual({
      jobStores: { default: { type: 'memory' } },
      executors: { default: { type: 'local', concurrency: 20 } },
      jobDefaults: { coalesce: false, maxInstances: 3, misfireGraceTime: 60 },
      history: { perJob: 10, total: 1000, maxAge: '30d' },
      limits: { jobs: 500, bodyBytes: 5000, resultBytes: 500, logBytes: 5000, minInterval: '1m' },
      node: 'worker-1',
      release: '2026.1',
      prune: true,
      timezone: 'Europe/Berlin',
      auth: { username: 'ada', password: 'l0velace' },
      apiEnabled: true,
      apiPrefix: '/jobs',
      endpointPrefix: 'jobs.',
      allowedHosts: ['worker-1', 'worker-2'],
      jobs: [{ id: 'job1', func: 'jobs:job1', args: [1], trigger: 'interval', seconds: 10 }],
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['true', true],
    ['0', false],
    ['5m', '5m'],
    [30, 30],
  ])('reads whether the start waits for its stores from SCHEDULER_WAIT_FOR_STORES: %j', (given, waitForStores) => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_WAIT_FOR_STORES: given })).toEqual({ waitForStores });
    expect(refusal({ SCHEDULER_WAIT_FOR_STORES: 'for ever' })).toContain(
      'SCHEDULER_WAIT_FOR_STORES must be a duration',
    );
  });

  it.each([
    ['schedule', { schedule: true, execute: false }],
    ['execute', { schedule: false, execute: true }],
    [' schedule  execute=cpu,mail ', { schedule: true, execute: ['cpu', 'mail'] }],
    ['{"schedule": false}', { schedule: false }],
    ['{"execute": ["cpu"]}', { execute: ['cpu'] }],
    [{ execute: false }, { execute: false }],
  ])('reads what a node does from SCHEDULER_ROLES: %j', (given, roles) => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_ROLES: given })).toEqual({ roles });
  });

  it('reads values that are parsed already, and keeps what has a life of its own', () => {
    const store = new MemoryJobStore();
    const executor = new LocalExecutor();
    const auth = new HttpBasicAuth();
    const trigger = new IntervalTrigger({ seconds: 5 });
    const task = () => undefined;
    const options = schedulerOptionsFromConfig({
      SCHEDULER_JOBSTORES: { default: store },
      SCHEDULER_EXECUTORS: { default: executor },
      SCHEDULER_AUTH: auth,
      SCHEDULER_API_ENABLED: true,
      SCHEDULER_ALLOWED_HOSTS: ['a'],
      SCHEDULER_JOBS: [{ id: 'x', func: task, trigger }],
    });
    expect(options.jobStores?.['default']).toBe(store);
    expect(options.executors?.['default']).toBe(executor);
    expect(options.auth).toBe(auth);
    expect(options.allowedHosts).toEqual(['a']);
    expect(options.jobs?.[0]).toEqual({ id: 'x', func: task, trigger });
    expect(options.jobs?.[0]?.trigger).toBe(trigger);
  });

  it('asks what answers a key, as ConfigService does', () => {
    const source = new Map<string, unknown>([['SCHEDULER_TIMEZONE', 'UTC']]);
    expect(schedulerOptionsFromConfig(source)).toEqual({ timezone: 'UTC' });
  });

  it('sets nothing for keys that are absent, null or empty', () => {
    expect(schedulerOptionsFromConfig({})).toEqual({});
    const source = { SCHEDULER_API_ENABLED: '', SCHEDULER_TIMEZONE: null, SCHEDULER_JOBS: undefined, JOBS: '' };
    expect(schedulerOptionsFromConfig(source)).toEqual({});
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['yes', true],
    [' on ', true],
    [1, true],
    [true, true],
    ['false', false],
    ['False', false],
    ['0', false],
    ['no', false],
    ['off', false],
    [0, false],
    [false, false],
  ])('understands the truth value %j', (value, meant) => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_API_ENABLED: value })).toEqual({ apiEnabled: meant });
  });

  it('reads users of the API in both spellings', () => {
    const hash = `scrypt:16384:8:1:${'a'.repeat(22)}:${'b'.repeat(43)}`;
    const users = [
      { username: 'ann', passwordHash: hash, can: 'all' },
      { username: 'bob', password_hash: hash, can: ['jobs.read'] },
    ];
    const expected = users.map(({ username, can }) => ({ username, passwordHash: hash, can }));
    expect(schedulerOptionsFromConfig({ SCHEDULER_AUTH: JSON.stringify({ users }) })).toEqual({
      auth: { users: expected },
    });
  });

  it.each(['false', 'no', '0', false])('opens the API with SCHEDULER_AUTH = %j', (value) => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_AUTH: value })).toEqual({ auth: false });
  });

  it.each([
    ['a', ['a']],
    ['a, b ,c', ['a', 'b', 'c']],
    ['*', ['*']],
    ['["a","b"]', ['a', 'b']],
    ['[]', []],
    [[], []],
  ])('reads the hosts %j', (value, hosts) => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_ALLOWED_HOSTS: value })).toEqual({ allowedHosts: hosts });
  });

  it('reads SCHEDULER_VIEWS_ENABLED, the older name, where SCHEDULER_API_ENABLED says nothing', () => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_VIEWS_ENABLED: 'true' })).toEqual({ apiEnabled: true });
    const both = { SCHEDULER_VIEWS_ENABLED: 'true', SCHEDULER_API_ENABLED: 'false' };
    expect(schedulerOptionsFromConfig(both)).toEqual({ apiEnabled: false });
  });

  it('reads JOBS where SCHEDULER_JOBS lists none', () => {
    const jobs = [{ id: 'job1', func: 'jobs:job1', args: [1], trigger: 'interval', seconds: 10 }];
    expect(schedulerOptionsFromConfig({ JOBS: JOB })).toEqual({ jobs });
    expect(schedulerOptionsFromConfig({ SCHEDULER_JOBS: [], JOBS: jobs })).toEqual({ jobs });
    expect(schedulerOptionsFromConfig({ SCHEDULER_JOBS: JOB, JOBS: '[5]' })).toEqual({ jobs });
  });

  it.each(['4', 'max'])('leaves JOBS=%s to node-gyp and says so', (value) => {
    expect(schedulerOptionsFromConfig({ JOBS: value })).toEqual({});
    expect(warnings).toEqual([expect.stringContaining('JOBS is no list of jobs')]);
  });

  it("understands Python's spelling in jobs, their triggers flat or nested", () => {
    const { jobs } = schedulerOptionsFromConfig({
      SCHEDULER_JOBS: [
        {
          id: 'flat',
          func: 'jobs:flat',
          trigger: 'cron',
          day_of_week: 'mon-fri',
          start_date: '2030-01-01',
          misfire_grace_time: 30,
          max_instances: 2,
          jobstore: 'other',
          next_run_time: null,
          kwargs: { keep_me: { as_i_am: 1 } },
        },
        { id: 'nested', func: 'jobs:nested', trigger: { type: 'date', run_date: '2030-01-01 12:00:00' } },
      ],
    });
    expect(jobs).toEqual([
      {
        id: 'flat',
        func: 'jobs:flat',
        trigger: 'cron',
        dayOfWeek: 'mon-fri',
        startDate: '2030-01-01',
        misfireGraceTime: 30,
        maxInstances: 2,
        jobStore: 'other',
        nextRunTime: null,
        kwargs: { keep_me: { as_i_am: 1 } },
      },
      { id: 'nested', func: 'jobs:nested', trigger: { type: 'date', runDate: '2030-01-01 12:00:00' } },
    ]);
  });

  it("understands Python's spelling in the options of runs, how they are tried again included", () => {
    const retry = { attempts: 3, delay: 5, backoff: 'fixed', max_delay: '1h', jitter: 1, retry_if: 'isTransient' };
    const given = { overlap: 'queue', max_queued: 5, catch_up_limit: 10, timeout: '1m', retry };
    const { max_delay: maxDelay, retry_if: retryIf, ...rest } = retry;
    const read = {
      overlap: 'queue',
      maxQueued: 5,
      catchUpLimit: 10,
      timeout: '1m',
      retry: { ...rest, maxDelay, retryIf },
    };
    const schedule = { id: 'a', func: 'b', trigger: 'interval', seconds: 1 };
    const options = schedulerOptionsFromConfig({
      SCHEDULER_JOB_DEFAULTS: JSON.stringify(given),
      SCHEDULER_JOBS: JSON.stringify([
        { ...schedule, ...given, run_on_start: true },
        { ...schedule, id: 'c', retry: 3 },
      ]),
    });
    expect(options.jobDefaults).toEqual(read);
    expect(options.jobs).toEqual([
      { ...schedule, ...read, runOnStart: true },
      { ...schedule, id: 'c', retry: 3 },
    ]);
  });

  it("gives APScheduler's thread pool its ten workers when it is not told", () => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_EXECUTORS: { default: { type: 'threadpool' } } })).toEqual({
      executors: { default: { type: 'local', concurrency: 10 } },
    });
  });

  it.each(['threadpool', 'processpool'])(
    "makes worker threads of APScheduler's %s where the file that they load is given",
    (type) => {
      const limits = { max_old_generation_size_mb: 256 };
      const cpu = { type, max_workers: 4, worker: 'dist/reports.worker.js', grace: '2s', resource_limits: limits };
      expect(schedulerOptionsFromConfig({ SCHEDULER_EXECUTORS: JSON.stringify({ cpu }) })).toEqual({
        executors: {
          cpu: {
            ...{ type: 'threads', threads: 4, worker: 'dist/reports.worker.js', grace: '2s' },
            resourceLimits: { maxOldGenerationSizeMb: 256 },
          },
        },
      });
    },
  );

  it.each([
    ['SCHEDULER_JOBSTORES', '{default', 'SCHEDULER_JOBSTORES must be a JSON object of job stores by alias'],
    ['SCHEDULER_JOBSTORES', '[]', 'SCHEDULER_JOBSTORES must be an object of job stores by alias, got object'],
    [
      'SCHEDULER_JOBSTORES',
      '{"default":{"type":"mongodb"}}',
      "SCHEDULER_JOBSTORES.default.type must be 'memory', 'sql' or 'redis', got ",
    ],
    ['SCHEDULER_EXECUTORS', 'threadpool', 'SCHEDULER_EXECUTORS must be a JSON object of executors by alias'],
    [
      'SCHEDULER_EXECUTORS',
      '{"a":{"type":"processpool"}}',
      'SCHEDULER_EXECUTORS.a.worker must be the file that threads load, got undefined',
    ],
    ['SCHEDULER_EXECUTORS', '{"a":{"type":"threadpool","max_workers":0}}', 'SCHEDULER_EXECUTORS.a.max_workers must be'],
    ['SCHEDULER_JOB_DEFAULTS', '{"max_instances":0}', 'SCHEDULER_JOB_DEFAULTS.max_instances must be a whole number'],
    [
      'SCHEDULER_JOB_DEFAULTS',
      'no json',
      'SCHEDULER_JOB_DEFAULTS must be a JSON object of job defaults, got "no json"',
    ],
    [
      'SCHEDULER_JOB_DEFAULTS',
      '{"retry":{"attempts":2,"max_delay":-1}}',
      'SCHEDULER_JOB_DEFAULTS.retry.max_delay must be',
    ],
    ['SCHEDULER_JOB_DEFAULTS', '{"retry":"often"}', 'SCHEDULER_JOB_DEFAULTS.retry must be options, a number of'],
    ['SCHEDULER_LIMITS', '100', 'SCHEDULER_LIMITS must be a plain object, got 100'],
    [
      'SCHEDULER_LIMITS',
      '{jobs',
      'SCHEDULER_LIMITS must be a JSON object with jobs, body_bytes, result_bytes, log_bytes',
    ],
    ['SCHEDULER_LIMITS', '{"body_bytes":0}', 'SCHEDULER_LIMITS.body_bytes must be a whole number of at least 1, got 0'],
    ['SCHEDULER_LIMITS', '{"min_interval":"x"}', 'SCHEDULER_LIMITS.min_interval must be a duration'],
    ['SCHEDULER_ROLES', 'worker', 'SCHEDULER_ROLES must be schedule, execute or execute=<aliases with commas>'],
    ['SCHEDULER_ROLES', 'schedule=cpu', 'SCHEDULER_ROLES must be schedule, execute'],
    ['SCHEDULER_ROLES', '{"execute":"cpu"}', 'SCHEDULER_ROLES.execute must be true, false or an array of aliases'],
    ['SCHEDULER_HISTORY', '100', 'SCHEDULER_HISTORY must be a plain object, got 100'],
    ['SCHEDULER_HISTORY', '{per_job', 'SCHEDULER_HISTORY must be a JSON object with per_job, total or max_age'],
    ['SCHEDULER_HISTORY', '{"per_job":-1}', 'SCHEDULER_HISTORY.per_job must be a whole number of at least 0, got -1'],
    ['SCHEDULER_HISTORY', { maxAge: 'x' }, 'SCHEDULER_HISTORY.maxAge must be a duration'],
    ['SCHEDULER_RELEASE', ['1'], 'SCHEDULER_RELEASE must be a text of 1 to 100 characters'],
    ['SCHEDULER_PRUNE', 'perhaps', 'SCHEDULER_PRUNE must be true or false, got "perhaps"'],
    ['SCHEDULER_NODE', 5, 'SCHEDULER_NODE must be a text of 1 to 255 characters without NUL or lone surrogates, got 5'],
    ['SCHEDULER_TIMEZONE', 'Mars/Olympus', 'SCHEDULER_TIMEZONE must be an IANA time zone'],
    ['SCHEDULER_API_ENABLED', 'maybe', 'SCHEDULER_API_ENABLED must be true or false, got "maybe"'],
    ['SCHEDULER_API_ENABLED', 2, 'SCHEDULER_API_ENABLED must be true or false, got 2'],
    ['SCHEDULER_API_ENABLED', {}, 'SCHEDULER_API_ENABLED must be true or false, got {}'],
    ['SCHEDULER_API_PREFIX', '/', 'SCHEDULER_API_PREFIX must be a path'],
    ['SCHEDULER_API_PREFIX', 5, 'SCHEDULER_API_PREFIX must be a path'],
    ['SCHEDULER_ENDPOINT_PREFIX', 5, 'SCHEDULER_ENDPOINT_PREFIX must be a string, got 5'],
    [
      'SCHEDULER_ALLOWED_HOSTS',
      '["a"',
      'SCHEDULER_ALLOWED_HOSTS must be host names, separated by commas or as a JSON array',
    ],
    ['SCHEDULER_ALLOWED_HOSTS', [5], 'SCHEDULER_ALLOWED_HOSTS[0] must be a host name, got 5'],
    ['SCHEDULER_JOBS', '{}', 'SCHEDULER_JOBS must be an array of job definitions, got {}'],
    ['SCHEDULER_JOBS', 'job1', 'SCHEDULER_JOBS must be a JSON array of job definitions, got "job1"'],
    ['SCHEDULER_JOBS', '["job1"]', 'SCHEDULER_JOBS[0] must be a job definition, got "job1"'],
    ['JOBS', '[', 'JOBS must be a JSON array of job definitions, got "["'],
  ])('refuses %s = %j', (key, value, problem) => {
    expect(refusal({ [key]: value })).toContain(`\n  - ${problem}`);
  });

  it.each(['s3cret', '"s3cret"', '{"username":"","password":"s3cret"}', ['s3cret'], { password: 's3cret' }, 'true'])(
    'refuses SCHEDULER_AUTH = %j without showing it',
    (value) => {
      const message = refusal({ SCHEDULER_AUTH: value });
      expect(message).toContain('SCHEDULER_AUTH');
      expect(message).not.toContain('s3cret');
    },
  );

  it('gathers every problem', () => {
    const message = refusal({ SCHEDULER_JOBS: '{', SCHEDULER_API_ENABLED: 'x', SCHEDULER_TIMEZONE: 'y' });
    expect(message.split('\n  - ')).toHaveLength(4);
  });

  it('warns of a SCHEDULER_ key that it does not know, and names the one that was meant', () => {
    expect(schedulerOptionsFromConfig({ SCHEDULER_API_ENABELD: 'true', SCHEDULER_COLOUR: 'red' })).toEqual({});
    expect(warnings).toEqual([
      'SCHEDULER_API_ENABELD is not a key of the scheduler; did you mean SCHEDULER_API_ENABLED?',
      'SCHEDULER_COLOUR is not a key of the scheduler',
    ]);
  });
});
