import {
  ConflictingIdError,
  ManualClock,
  MemoryJobStore,
  Scheduler,
  type JobDefinition,
  type JobStore,
} from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { expect, it } from 'vitest';
import { HOUR, memoryLogger, MINUTE, START } from '../../support/engine.js';
import { testServer } from '../../support/servers/test-server.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const databases = await testDatabases();
const redis = await testServer('redis');

const task = 'work';
const declared: JobDefinition = { id: 'declared', task, trigger: 'interval', hours: 1, runOnStart: true };
const added: readonly JobDefinition[] = [
  { id: 'cron', task, trigger: 'cron', hour: 9, timezone: 'Europe/Berlin', name: 'Morning', args: [1, { a: null }] },
  { id: 'spread', task, trigger: 'interval', minutes: 90, jitter: { max: 300, seed: 'id' }, retry: 3, timeout: 60 },
  { id: 'paused', task, trigger: 'interval', hours: 2, nextRunTime: null, overlap: 'queue', coalesce: false },
  { id: 'once', task, trigger: 'date', runDate: START + 5 * HOUR, misfireGraceTime: 60, kwargs: { b: [2] } },
  { id: 'moved', task, trigger: 'interval', hours: 3, nextRunTime: START + 7 * MINUTE },
];

/** Stores to go through, in this order. */
async function stations(): Promise<{ alias: string; store: JobStore }[]> {
  const stores: { alias: string; store: JobStore }[] = [{ alias: 'memory', store: new MemoryJobStore() }];
  for (const { name, available, fresh } of databases) {
    if (available) stores.push({ alias: name, store: new SqlJobStore({ url: await fresh(), time: 'node' }) });
  }
  if (redis.available) {
    const { url, keyPrefix } = await redis.room();
    stores.push({ alias: 'redis', store: new RedisJobStore({ url, keyPrefix }) });
  }
  return [...stores, { alias: 'again', store: new MemoryJobStore() }];
}

it('Jobs that go from store to store stay what they are', { timeout: 60_000 }, async () => {
  const all = await stations();
  const clock = new ManualClock(START, { patienceMs: 1000 });
  const scheduler = new Scheduler({
    ...{ clock, logger: memoryLogger(), timezone: 'UTC', release: '7' },
    jobStores: Object.fromEntries(all.map(({ alias, store }) => [alias, store])),
  });
  scheduler.registerTask(task, () => undefined);
  await scheduler.declareJob({ ...declared, jobStore: 'memory' });
  await scheduler.addJobs(added.map((job) => ({ ...job, jobStore: 'memory' })));
  await scheduler.start({ paused: true });
  const jobsIn = async (alias: string): Promise<unknown> => {
    const jobs = await scheduler.getJobs(alias);
    const plain = jobs.map(({ jobStore: _jobStore, lastRun: _lastRun, ...job }) => ({
      ...job,
      trigger: job.trigger.toJSON(),
    }));
    return plain.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  };
  const first = await jobsIn('memory');
  expect(first).toMatchObject([
    { id: 'cron' },
    { id: 'declared', declaredBy: { release: '7' }, startOpen: true, runOnStart: true },
    { id: 'moved', nextRunTime: START + 7 * MINUTE },
    { id: 'once' },
    { id: 'paused', paused: true },
    { id: 'spread' },
  ]);
  await clock.advance(4 * MINUTE);
  for (const [index, { alias }] of all.entries()) {
    const next = all[index + 1]?.alias;
    if (next === undefined) break;
    const text = await scheduler.exportJobs({ jobStore: alias });
    await scheduler.importJobs(text, { jobStore: next });
    expect(await jobsIn(next)).toEqual(first);
    // Line by line, the same jobs come out.
    await scheduler.removeAllJobs(next);
    const lines = scheduler.exportStream({ jobStore: alias });
    for await (const { error, outcome } of scheduler.importStream(lines, { jobStore: next }))
      expect([outcome, error]).toEqual(['added', null]);
    expect(await jobsIn(next)).toEqual(first);
    // One id is taken: nothing is half imported.
    await scheduler.removeJob('cron', next);
    await expect(scheduler.importJobs(text, { jobStore: next })).rejects.toThrow(ConflictingIdError);
    expect((await scheduler.getJobs(next)).map(({ id }) => id)).not.toContain('cron');
    await scheduler.pauseJob('moved', next);
    await scheduler.importJobs(text, { jobStore: next, replaceExisting: true });
    expect(await jobsIn(next)).toEqual(first);
  }
  await scheduler.shutdown({ wait: false });
});
