import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictingIdError, InvalidInputError, MemoryJobStore, type JobDefinition } from 'nestjs-apscheduler/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, START, type EngineWorld } from '../../../support/engine.js';

const definitions: JobDefinition[] = [
  {
    id: 'i',
    task: 'app:work',
    trigger: 'interval',
    minutes: 90,
    args: [1, 'x'],
    kwargs: { a: { b: null } },
    jitter: 5,
  },
  { id: 'c', task: 'app:work', trigger: 'cron', dayOfWeek: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' },
  { id: 't', task: 'app:work', trigger: 'cron', crontab: '*/5 9-17 * * 1-5' },
  { id: 'd', task: 'app:work', trigger: 'date', runDate: '2030-05-05T12:00:00+02:00', name: 'once', maxInstances: 3 },
  {
    id: 'p',
    task: 'app:work',
    trigger: 'interval',
    hours: 1,
    nextRunTime: null,
    misfireGraceTime: 60,
    coalesce: false,
  },
];

async function world(options: Parameters<typeof engineWorld>[0] = {}): Promise<EngineWorld> {
  const made = engineWorld(options);
  made.scheduler.registerTask('app:work', () => undefined);
  await made.scheduler.start();
  return made;
}

async function withJobs(): Promise<EngineWorld> {
  const made = await world();
  for (const definition of definitions) await made.scheduler.addJob(definition);
  return made;
}

const comparable = async ({ scheduler }: EngineWorld): Promise<unknown> =>
  JSON.parse(JSON.stringify(await scheduler.getJobs()));

describe('Exported jobs', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'export-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('are the same jobs once imported: triggers, next runs, pauses and all', async () => {
    const source = await withJobs();
    const target = await world();
    await target.scheduler.importJobs(await source.scheduler.exportJobs());
    expect(await comparable(target)).toEqual(await comparable(source));
  });

  it('keep their phase when they are imported later', async () => {
    const source = await withJobs();
    const text = await source.scheduler.exportJobs();
    const target = await world();
    await target.clock.advance(10 * MINUTE);
    await target.scheduler.importJobs(text);
    expect((await target.scheduler.getJob('i'))?.nextNominalTime).toBeGreaterThanOrEqual(START + 1.5 * HOUR);
    expect((await target.scheduler.getJob('i'))?.trigger.toJSON()).toEqual(
      (await source.scheduler.getJob('i'))?.trigger.toJSON(),
    );
  });

  it('can be written to a file and read from it', async () => {
    const source = await withJobs();
    const file = join(folder, 'jobs.json');
    const text = await source.scheduler.exportJobs({ file });
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['jobs.json']);
    const target = await world();
    expect(await target.scheduler.importJobs({ file })).toHaveLength(definitions.length);
  });

  it('can be those of one store, and go to another', async () => {
    const source = await world({ jobStores: { second: new MemoryJobStore() } });
    await source.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', hours: 1 });
    await source.scheduler.addJob({ id: 'b', task: 'app:work', trigger: 'interval', hours: 1, jobStore: 'second' });
    const text = await source.scheduler.exportJobs({ jobStore: 'second' });
    const target = await world();
    const jobs = await target.scheduler.importJobs(text, { jobStore: 'default' });
    expect(jobs).toMatchObject([{ id: 'b', jobStore: 'default' }]);
  });

  it('cannot have functions without a name, or args that JSON does not know; the job is named', async () => {
    const { scheduler } = await world();
    await scheduler.addJob({ id: 'nameless', task: () => undefined, trigger: 'interval', hours: 1 });
    await scheduler.addJob({ id: 'dated', task: 'app:work', args: [new Date(0)], trigger: 'interval', hours: 1 });
    const error = await scheduler.exportJobs({ file: join(folder, 'never.json') }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as Error).message).toMatch(/job "nameless" runs the function .*job "dated" has args/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('are added all or none: an id that is taken, or comes twice, adds nothing', async () => {
    const text = await (await withJobs()).scheduler.exportJobs();
    const { scheduler } = await world();
    await scheduler.addJob({ id: 'd', task: 'app:work', trigger: 'interval', hours: 1 });
    await expect(scheduler.importJobs(text)).rejects.toThrow(ConflictingIdError);
    expect(await scheduler.getJobs()).toHaveLength(1);
    await scheduler.importJobs(text, { replaceExisting: true });
    expect(await scheduler.getJobs()).toHaveLength(definitions.length);
    const data = JSON.parse(text) as { jobs: unknown[] };
    const twice = JSON.stringify({ ...data, jobs: [data.jobs[0], data.jobs[0]] });
    await expect((await world()).scheduler.importJobs(twice)).rejects.toThrow(/Job "\w" already exists/);
  });

  it('are without those whose last run is under way: nothing is left of them to be moved', async () => {
    const { scheduler, clock } = await world();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'once', task: () => promise, trigger: 'date', runDate: START + MINUTE });
    await clock.advance(MINUTE);
    expect((JSON.parse(await scheduler.exportJobs()) as { jobs: unknown[] }).jobs).toEqual([]);
    open();
  });

  it('cannot have a trigger of the user’s own, which no import could make', async () => {
    const { scheduler } = await world();
    const trigger = {
      type: 'moon',
      timezone: 'UTC',
      next: () => START + HOUR,
      previous: () => null,
      toJSON: () => ({ type: 'moon' }),
    };
    await scheduler.addJob({ id: 'tide', task: 'app:work', trigger });
    await expect(scheduler.exportJobs()).rejects.toThrow(
      /job "tide" has a custom trigger, "moon", which an import cannot recreate/,
    );
  });

  it('can be written to one file by several at once, and leave nothing beside it', async () => {
    const { scheduler } = await withJobs();
    const file = join(folder, 'jobs.json');
    await Promise.all(Array.from({ length: 5 }, () => scheduler.exportJobs({ file })));
    expect(await readdir(folder)).toEqual(['jobs.json']);
    await expect(scheduler.exportJobs({ file: folder })).rejects.toThrow(/rename|directory|EISDIR/i);
    expect(await readdir(folder)).toEqual(['jobs.json']);
  });

  it('keep their phase when they are declared again after the import', async () => {
    const { scheduler, clock } = await world();
    const declared = { id: 'a', task: 'app:work', trigger: 'interval', hours: 1 } as const;
    await scheduler.addJob(declared);
    const target = await world();
    await clock.advance(10 * MINUTE);
    await target.clock.advance(10 * MINUTE);
    await target.scheduler.importJobs(await scheduler.exportJobs());
    await target.scheduler.addJob({ ...declared, replaceExisting: true });
    expect((await target.scheduler.getJob('a'))?.nextRunTime).toBe(START + HOUR);
  });

  it('wait for a task that is not here yet', async () => {
    const text = await (await withJobs()).scheduler.exportJobs();
    const { scheduler } = engineWorld();
    await scheduler.start();
    expect(await scheduler.importJobs(text)).toHaveLength(definitions.length);
  });

  it.each([
    ['no JSON', 'x', /source is not JSON/],
    ['an array', '[]', /source must be an object/],
    ['another version', '{"version":2,"jobs":[]}', /version must be 1, got 2/],
    ['no jobs', '{"version":1}', /jobs must be an array/],
    ['a job that is a number', '{"version":1,"jobs":[5]}', /jobs\[0\] must be an object, got 5/],
    ['a job without an id', '{"version":1,"jobs":[{"task":"app:work"}]}', /jobs\[0\]\.id must be a string/],
    [
      'a bad trigger',
      '{"version":1,"jobs":[{"id":"a","task":"app:work","trigger":{"type":"interval","seconds":-1}}]}',
      /trigger\.seconds/,
    ],
    ['an unknown member', '{"version":1,"jobs":[{"id":"a","task":"app:work","colour":1}]}', /colour/],
  ])('are not read from %s', async (_what, text, message) => {
    const { scheduler } = await world();
    await expect(scheduler.importJobs(text)).rejects.toThrow(message);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('are not read from a file that is not there', async () => {
    const { scheduler } = await world();
    await expect(scheduler.importJobs({ file: join(folder, 'none.json') })).rejects.toThrow(/none\.json/);
    await writeFile(join(folder, 'empty.json'), '');
    await expect(scheduler.importJobs({ file: join(folder, 'empty.json') })).rejects.toThrow(/is not JSON/);
  });

  it.each<{ source: unknown }>([
    { source: { version: 1, jobs: [] } },
    { source: null },
    { source: undefined },
    { source: 7 },
    { source: { file: 7 } },
    { source: {} },
  ])('refuses what is neither text nor names a file: %j', async ({ source }) => {
    const { scheduler } = await world();
    const refused = scheduler.importJobs(source as string);
    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(refused).rejects.toThrow(/source must be JSON text or \{ file: 'jobs.json' \}, got /);
  });
});
