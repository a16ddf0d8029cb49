import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConflictingIdError,
  InvalidInputError,
  JobLookupError,
  LocalExecutor,
  MemoryJobStore,
} from 'nestjs-apscheduler';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../support/nest-app.js';

const hourly = { trigger: 'interval', hours: 1 } as const;

it('adds jobs with functions, bound methods and task names', async () => {
  const { scheduler } = await startApp();
  const counter = {
    count: 0,
    up(by: number): number {
      return (this.count += by);
    },
  };
  scheduler.registerTask('up', (by: number) => counter.up(by));
  await scheduler.addJob({ id: 'function', task: () => counter.up(1), ...hourly });
  await scheduler.addJob({ id: 'bound', task: counter.up.bind(counter), args: [10], ...hourly });
  await scheduler.addJob({ id: 'named', task: 'up', args: [100], ...hourly });
  for (const id of ['function', 'bound', 'named']) await scheduler.runJob(id);
  expect(counter.count).toBe(111);
  expect(scheduler.tasks.has('up')).toBe(true);
});

it('tells every fault of a job that it refuses', async () => {
  const { scheduler } = await startApp();
  const refused = scheduler.addJob({ id: '', task: 'nobody', trigger: 'interval', hours: -1 });
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow(/id .*hours /);
  await expect(scheduler.addJob({ id: 'a', task: 'nobody', ...hourly })).rejects.toThrow('"nobody"');
  expect(await scheduler.getJobs()).toEqual([]);
});

it('adds several jobs, all of them or none', async () => {
  const { scheduler } = await startApp();
  const definitions = ['a', 'b'].map((id) => ({ id, task: () => id, ...hourly }));
  expect((await scheduler.addJobs(definitions)).map(({ id }) => id)).toEqual(['a', 'b']);
  await expect(scheduler.addJobs([{ ...hourly, id: 'c', task: () => 1 }, ...definitions])).rejects.toThrow(
    ConflictingIdError,
  );
  expect(await scheduler.getJob('c')).toBeUndefined();
  expect(await scheduler.runJob('b')).toBe('b');
});

it('refuses an id that is taken, unless it is to be replaced', async () => {
  const { scheduler } = await startApp();
  const definition = { id: 'a', task: () => undefined, ...hourly };
  await scheduler.addJob(definition);
  await expect(scheduler.addJob(definition)).rejects.toThrow(ConflictingIdError);
  const replaced = await scheduler.addJob({ ...definition, name: 'other', replaceExisting: true });
  expect(replaced.name).toBe('other');
});

it('says so when there is no such job', async () => {
  const { scheduler } = await startApp();
  expect(await scheduler.getJob('nobody')).toBeUndefined();
  const attempts = [
    scheduler.modifyJob('nobody', { name: 'x' }),
    scheduler.rescheduleJob('nobody', hourly),
    scheduler.pauseJob('nobody'),
    scheduler.resumeJob('nobody'),
    scheduler.removeJob('nobody'),
    scheduler.runJob('nobody'),
  ];
  for (const attempt of attempts) await expect(attempt).rejects.toThrow(JobLookupError);
});

it('adds and removes job stores and executors', async () => {
  const { scheduler } = await startApp();
  await scheduler.addJobStore(new MemoryJobStore(), 'second');
  scheduler.addExecutor(new LocalExecutor({ concurrency: 1 }), 'narrow');
  const definition = { task: () => 'done', executor: 'narrow', jobStore: 'second', ...hourly };
  const { id } = await scheduler.addJob(definition);
  expect(await scheduler.getJobs('second')).toHaveLength(1);
  expect(await scheduler.getJobs('default')).toEqual([]);
  expect(await scheduler.runJob(id, { jobStore: 'second' })).toBe('done');
  await scheduler.removeExecutor('narrow');
  await scheduler.removeJobStore('second');
  await expect(scheduler.addJob(definition)).rejects.toThrow(/jobStore "second".*executor "narrow"/);
});

it('exports jobs to a string and to a file, and imports them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jobs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'jobs.json');
  const { scheduler } = await startApp();
  scheduler.registerTask('tidy', () => undefined);
  await scheduler.addJob({ id: 'a', task: 'tidy', args: [1], ...hourly });
  const text = await scheduler.exportJobs({ file });
  expect(await readFile(file, 'utf8')).toBe(text);
  await scheduler.removeAllJobs();
  expect((await scheduler.importJobs(text)).map(({ id }) => id)).toEqual(['a']);
  await expect(scheduler.importJobs({ file })).rejects.toThrow(ConflictingIdError);
  expect(await scheduler.importJobs({ file }, { replaceExisting: true })).toHaveLength(1);
});
