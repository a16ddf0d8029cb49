import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { SchedulerError } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedulerOptionsFromConfig } from '../../../lib/module/config/scheduler-options-from-config.js';
import { resolveOptions } from '../../../lib/module/options/resolve-options.js';

const SECRET = 'S3cr3tW0rd';

/** Whatever somebody may write where a connection belongs. */
const CONNECTIONS: readonly unknown[] = [
  `postgres://app:${SECRET}@db/jobs`,
  `postgres://app:x"${SECRET}'@db/jobs`,
  `postgres://app:${'x'.repeat(200)}${SECRET}@db/jobs`,
  `postgres:/app:${SECRET}@db/jobs`,
  `postgres//app:${SECRET}@db/jobs`,
  `postgres:app:${SECRET}@db/jobs`,
  `redis:${SECRET}@h`,
  `rediss:/${SECRET}@h`,
  `http://app:${SECRET}@h`,
  `//app:${SECRET}@db/jobs`,
  `app:${SECRET}@db/jobs`,
  `app:${SECRET}@db.sqlite`,
  `:${SECRET}@h:6379/jobs.db`,
  `sqlite://app:${SECRET}@db/jobs`,
  `sqlite:app:${SECRET}@db`,
  `sqlite:postgres://app:${SECRET}@db/jobs`,
  `postgres://app:${SECRET}@db`,
  `postgres://app:1/${SECRET}@db/jobs`,
  `postgres://app:1#${SECRET}@db/jobs`,
  `mysql://app:1?${SECRET}@db/jobs`,
  `mysql://app:${SECRET}@db/jobs?ssl=perhaps`,
  `postgres://app:${SECRET}@db:port/jobs`,
  `redis://:${SECRET}@h:port`,
  `redis://:${SECRET}@h?ssl=true`,
  `Server=db;User=app;Password=${SECRET}`,
  `host=db user=app password=${SECRET}`,
  { host: 'db', user: 'app', password: SECRET },
  [`postgres://app:${SECRET}@db/jobs`],
  new URL(`postgres://app:${SECRET}@db/jobs`),
  () => SECRET,
  Buffer.from(SECRET),
];

/** Everything that somebody may see of it; null when it is not refused. */
function refusal(use: () => unknown): string | null {
  try {
    use();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(SchedulerError);
    return inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
  }
}

/** Options that are shown when they are wrong: there only what looks like a connection can be recognized. */
const SHOWN: ReadonlySet<string> = new Set(['another option of a SQL store', 'another option of a Redis store']);
const isRecognizable = (given: unknown): boolean =>
  typeof given === 'string'
    ? /^[a-z]*:?\/\/|password/i.test(given)
    : !(given instanceof URL) && typeof given === 'object';

const USES: Readonly<Record<string, (given: never) => unknown>> = {
  'the options of a SQL store': (given) => new SqlJobStore(given),
  'the url of a SQL store': (url) => new SqlJobStore({ url }),
  'the dialect of a SQL store': (dialect) => new SqlJobStore({ dialect }),
  'another option of a SQL store': (poolSize) => new SqlJobStore({ url: 'jobs.db', poolSize }),
  'the options of a Redis store': (given) => new RedisJobStore(given),
  'the url of a Redis store': (url) => new RedisJobStore({ url }),
  'the client of a Redis store': (client) => new RedisJobStore({ client }),
  'another option of a Redis store': (pollInterval) => new RedisJobStore({ url: 'redis://h', pollInterval }),
  'the options of the module': (given) => resolveOptions(given),
  'the job stores of the module': (jobStores) => resolveOptions({ jobStores }),
  'a job store of the module': (given) => resolveOptions({ jobStores: { default: given } }),
  'an executor of the module': (given) => resolveOptions({ executors: { default: given } }),
  'the auth of the module': (auth) => resolveOptions({ auth }),
  'the guard of the module': (apiGuard) => resolveOptions({ apiGuard }),
  SCHEDULER_JOBSTORES: (given) => schedulerOptionsFromConfig({ SCHEDULER_JOBSTORES: given }),
  SCHEDULER_AUTH: (given) => schedulerOptionsFromConfig({ SCHEDULER_AUTH: given }),
  SCHEDULER_EXECUTORS: (given) => schedulerOptionsFromConfig({ SCHEDULER_EXECUTORS: given }),
};

describe('a connection that cannot be used', () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  beforeAll(() => process.chdir(folder));
  afterAll(() => process.chdir(before));

  it.each(Object.entries(USES))('is not shown where it is given as %s', (name, use) => {
    const given = SHOWN.has(name) ? CONNECTIONS.filter(isRecognizable) : CONNECTIONS;
    const refusals = given.map((value) => refusal(() => use(value as never)));
    // The schemes that another store takes are told by the url's own tests.
    expect(refusals.filter((text) => text !== null).length).toBeGreaterThan(CONNECTIONS.length / 4);
    expect(refusals.filter((text) => text?.includes(SECRET))).toEqual([]);
  });

  it('never becomes a file', () => {
    const urls = CONNECTIONS.filter((given) => typeof given === 'string' && given.includes('@'));
    const taken = urls.filter((url) => refusal(() => new SqlJobStore({ url: url as string })) === null);
    expect(taken).toEqual([
      `postgres://app:${SECRET}@db/jobs`,
      `postgres://app:x"${SECRET}'@db/jobs`,
      `postgres://app:${'x'.repeat(200)}${SECRET}@db/jobs`,
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
