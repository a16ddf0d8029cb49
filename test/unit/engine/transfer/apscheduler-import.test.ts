import { readFileSync } from 'node:fs';
import { InvalidInputError, LocalExecutor, MemoryJobStore, type ImportOptions } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, type EngineWorld } from '../../../support/engine.js';

/**
 * What `export_jobs()` of APScheduler 3.11.3 under Python 3.11 has written (`export`), and for each job what APScheduler
 * itself said of it: its next run time, and the next times of its trigger from an instant on (`and` has none there:
 * APScheduler finds none in finite time).
 */
interface Golden {
  readonly export: { readonly jobs: readonly Record<string, unknown>[] };
  readonly from: string;
  readonly jobs: Readonly<Record<string, { readonly next: string | null; readonly times: readonly string[] }>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../contract/apscheduler-export.json', import.meta.url), 'utf8'),
) as Golden;
const text = JSON.stringify(golden.export);
const ids = Object.keys(golden.jobs);
const TASKS = { 'app.jobs:send': 'send-invoice', 'app.jobs:Files.tidy': 'tidy' };

async function world(): Promise<EngineWorld> {
  const made = engineWorld({ executors: { few: new LocalExecutor() }, jobStores: { other: new MemoryJobStore() } });
  for (const name of Object.values(TASKS)) made.scheduler.registerTask(name, () => undefined);
  await made.scheduler.start();
  return made;
}

async function imported(options: ImportOptions = {}): Promise<EngineWorld> {
  const made = await world();
  await made.scheduler.importJobs(text, { tasks: TASKS, executors: { reports: 'few' }, ...options });
  return made;
}

/** The export with one of its jobs changed. */
const withJob = (id: string, changes: Record<string, unknown>): string =>
  JSON.stringify({
    ...golden.export,
    jobs: golden.export.jobs.map((job) => (job['id'] === id ? { ...job, ...changes } : job)),
  });

async function refusal(
  source: string,
  options: ImportOptions = { tasks: TASKS, executors: { reports: 'few' } },
): Promise<string> {
  const { scheduler } = await world();
  const error = await scheduler.importJobs(source, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(await scheduler.getJobs()).toEqual([]);
  return (error as Error).message;
}

const pickle = (bytes: string): Record<string, string> => ({
  __apscheduler_pickle__: Buffer.from(bytes, 'latin1').toString('base64'),
});

/** A `datetime.datetime` of 2038, in a zone. */
const datetime = (zone: string): string =>
  `\x80\x05\x8c\x08datetime\x8c\x08datetime\x93C\x0a\x07\xf6\x01\x01\x00\x00\x00\x00\x00\x00${zone}\x86R.`;

/** A list that has another one twice, which has another one twice. */
const doubled = (times: number): string =>
  Array.from({ length: times }, (_, at) => String.fromCharCode(at)).reduce(
    (list, place) => `${list}](h${place}h${place}e\x94`,
    ']\x8c\x01xa\x94',
  );

const cronTrigger = (field: string): Record<string, unknown> => ({
  __apscheduler_class__: 'apscheduler.triggers.cron:CronTrigger',
  __apscheduler_state__: { version: 2, fields: [pickle(field)] },
});

describe('Jobs of APScheduler', () => {
  it.each(ids)('%s runs next when APScheduler would have run it, and is paused where it was', async (id) => {
    const { scheduler } = await imported();
    const job = await scheduler.getJob(id);
    const next = golden.jobs[id]?.next ?? null;
    expect(job).toMatchObject({ paused: next === null, nextRunTime: next === null ? null : Date.parse(next) });
  });

  it.each(ids)('%s has the times that APScheduler finds for its trigger', async (id) => {
    const { scheduler } = await imported();
    const trigger = (await scheduler.getJob(id))?.trigger;
    const { times = [] } = golden.jobs[id] ?? {};
    const found: string[] = [];
    let time = trigger?.next(null, Date.parse(golden.from)) ?? null;
    for (let n = 0; n < times.length && time !== null; n++) {
      found.push(new Date(time).toISOString());
      time = trigger?.next(time, time) ?? null;
    }
    expect(found).toEqual(times);
  });

  it('have their options, their task in place of the function, and their executor in place of another', async () => {
    const { scheduler } = await imported();
    expect(await scheduler.getJobs()).toHaveLength(ids.length);
    expect(await scheduler.getJob('cron')).toMatchObject({
      name: 'Morning',
      task: 'send-invoice',
      executor: 'few',
      misfireGraceTime: null,
      coalesce: false,
      maxInstances: 3,
      jobStore: 'default',
    });
    expect(await scheduler.getJob('interval')).toMatchObject({
      args: [1, 'x'],
      kwargs: { a: { b: null } },
      misfireGraceTime: 1,
    });
    expect(await scheduler.getJob('method')).toMatchObject({ task: 'tidy', name: 'Files.tidy' });
    expect((await scheduler.getJob('cron-names'))?.trigger.toJSON()).toMatchObject({
      month: 'jan-mar,dec',
      day: '5/10',
    });
    expect((await scheduler.getJob('interval-jitter'))?.trigger.jitter).toBe(5);
    expect((await scheduler.getJob('calendar'))?.trigger.timezone).toBe('Europe/London');
  });

  it('run tasks of the same name where nothing else is said, or what a function says; null leaves jobs out', async () => {
    const { scheduler } = await world();
    scheduler.registerTask('app.jobs:send', () => undefined);
    const executors = { reports: 'default' };
    await scheduler.importJobs(text, { executors, tasks: { 'app.jobs:Files.tidy': null }, jobStore: 'other' });
    expect(await scheduler.getJobs('other')).toHaveLength(ids.length - 1);
    expect(await scheduler.getJob('date')).toMatchObject({ task: 'app.jobs:send', executor: 'default' });
    const named = await imported({ tasks: (name) => (name.endsWith('tidy') ? 'tidy' : 'send-invoice') });
    expect(await named.scheduler.getJob('method')).toMatchObject({ task: 'tidy' });
  });

  it('are imported all or none: every function that is no task is named once, and every executor that is not here', async () => {
    const message = await refusal(text, {});
    expect(message).toMatch(/tasks does not map "app\.jobs:send" \(\d+ jobs\)/);
    expect(message.match(/app\.jobs:send/g)).toHaveLength(1);
    expect(await refusal(text, { tasks: TASKS })).toMatch(/jobs\[\d+\]\.executor "reports" is not known/);
  });

  it.each([
    ['another version of a job', { version: 2 }, /jobs\[\d+\]\.version must be 1, got 2/],
    ['no id', { id: 5 }, /jobs\[\d+\]\.id must be a string, got 5/],
    [
      'a trigger of one’s own',
      { trigger: { __apscheduler_class__: 'app:Moon', __apscheduler_state__: {} } },
      /trigger is of a class that is unknown here: "app:Moon"/,
    ],
    [
      'a trigger that is pickled',
      { trigger: pickle('\x80\x05\x8c\x03app\x8c\x04Moon\x93)\x81.') },
      /trigger must be one of APScheduler's own triggers, got Python's app:Moon/,
    ],
    [
      'args of Python’s own',
      { args: [pickle('\x80\x05\x8c\x03app\x8c\x05Order\x93)\x81.')] },
      /args\[0\] must be plain JSON, got Python's app:Order/,
    ],
    [
      'a pickle that is cut off',
      { next_run_time: pickle('\x80\x05\x8c') },
      /next_run_time cannot be read: the pickle ends too early/,
    ],
    ['a pickle of an old protocol', { next_run_time: pickle('\x80\x02N.') }, /the pickle has protocol 2, not 4 or 5/],
    [
      'a pickle that calls what it likes',
      { next_run_time: pickle('\x80\x05\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.') },
      /next_run_time must be a datetime, got Python's os:system/,
    ],
    [
      'no pickle at all',
      { next_run_time: pickle('hello') },
      /next_run_time cannot be read: the pickle names what is not there/,
    ],
    [
      'args that nest without end',
      { args: JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown },
      /args(\[0\])+ is nested more than 64 levels deep/,
    ],
    [
      'a length below zero',
      { next_run_time: pickle('\x80\x05B\xfb\xff\xff\xff.') },
      /next_run_time cannot be read: the pickle ends too early/,
    ],
    [
      'a zone that is nowhere',
      { next_run_time: pickle(datetime('\x8c\x04pytz\x8c\x02_p\x93\x8c\x04Mars\x85R')) },
      /jobs\[\d+\]\.next_run_time must be in a time zone that is known here, got "Mars"/,
    ],
    [
      'a list of lists where a word is to be, which would be gigabytes when written out',
      {
        trigger: cronTrigger(`\x80\x05\x8c\x01a\x8c\x01b\x93)\x81}(\x8c\x04name${doubled(40)}\x8c\x0bexpressions]ub.`),
      },
      /trigger\.fields must be fields of a cron trigger, got Python's a:b/,
    ],
    ['a bad grace time', { misfire_grace_time: -1 }, /misfireGraceTime must be a positive number of seconds/],
    [
      'a trigger of a later version',
      {
        trigger: {
          __apscheduler_class__: 'apscheduler.triggers.date:DateTrigger',
          __apscheduler_state__: { version: 2 },
        },
      },
      /trigger has version 2; known are those up to 1/,
    ],
  ])('are not read with %s: the job and what it has are named', async (_what, changes, message) => {
    expect(await refusal(withJob('date', changes))).toMatch(message);
  });

  it('are not read where they are no list', async () => {
    expect(await refusal('{"version":1,"scheduler_version":"3.11.3","jobs":{}}')).toContain('jobs must be an array');
    expect(await refusal('{"version":2,"scheduler_version":"3.11.3","jobs":[]}')).toContain('version must be 1, got 2');
    expect(await refusal('{"version":1,"scheduler_version":"3.11.3","jobs":[5]}')).toContain(
      'jobs[0] must be an object',
    );
  });
});
