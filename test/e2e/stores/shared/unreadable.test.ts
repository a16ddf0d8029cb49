import {
  JobUnreadableError,
  Scheduler,
  type JobDefinition,
  type SchedulerOptions,
  type UnreadableJob,
} from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { damageRedis, damageSql } from '../../../support/damage.js';
import { memoryLogger } from '../../../support/engine.js';
import { testServer } from '../../../support/servers/test-server.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const [sqlite] = await testDatabases();
const redis = await testServer('redis');
const later: JobDefinition = { id: 'a', task: 'app:work', trigger: 'interval', hours: 1, timezone: 'UTC' };

const places = [
  {
    title: 'SQLite',
    available: true,
    open: async () => {
      const url = (await sqlite?.fresh()) ?? '';
      return { store: () => new SqlJobStore({ url }), damage: damageSql(url, 'default') };
    },
  },
  {
    title: 'Redis',
    available: redis.available,
    open: async () => {
      const { url, keyPrefix } = await redis.room();
      const damage = damageRedis(url, `${keyPrefix}{default}:`);
      return { store: () => new RedisJobStore({ url, keyPrefix }), damage };
    },
  },
];

describe.each(places.filter(({ available }) => available))('A scheduler on $title', { timeout: 60_000 }, ({ open }) => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function started(options: SchedulerOptions, before?: (made: Scheduler) => unknown): Promise<Scheduler> {
    const made = new Scheduler({ logger: memoryLogger(), timezone: 'UTC', ...options });
    made.registerTask('app:work', () => undefined);
    await before?.(made);
    await made.start();
    closing.push(() => made.shutdown({ wait: false }));
    return made;
  }

  it('lists, exports, imports and removes jobs that it cannot read, each with its reason', async () => {
    const { store, damage } = await open();
    const scheduler = await started({ jobStores: { default: store() } });
    const ids = damage.damageJob.map((_, index) => `bad-${index}`);
    await scheduler.addJobs(['sound', ...ids].map((id) => ({ ...later, id })));
    for (const [index, break_] of damage.damageJob.entries()) await break_(ids[index] as string);

    const found: UnreadableJob[] = [];
    expect((await scheduler.getJobs(undefined, (job) => found.push(job))).map(({ id }) => id)).toEqual(['sound']);
    expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(found.every(({ problem, jobStore }) => problem !== '' && jobStore === 'default')).toBe(true);
    for (const refused of [
      scheduler.getJob('bad-0'),
      scheduler.modifyJob('bad-0', { name: 'x' }),
      scheduler.pauseJob('bad-0'),
      scheduler.runJob('bad-0'),
      scheduler.addJob({ ...later, id: 'bad-0', replaceExisting: true }),
    ]) {
      await expect(refused).rejects.toThrow(JobUnreadableError);
    }
    await expect(scheduler.addJob({ ...later, id: 'bad-0' })).rejects.toMatchObject({ code: 'JOB_CONFLICT' });

    const text = await scheduler.exportJobs();
    const exported = JSON.parse(text) as { jobs: unknown[]; unreadable: UnreadableJob[] };
    expect(exported.jobs).toHaveLength(1);
    expect(exported.unreadable.map(({ id }) => id).sort()).toEqual([...ids].sort());
    const elsewhere = await started({});
    expect((await elsewhere.importJobs(text)).map(({ id }) => id)).toContain('sound');

    for (const id of ids) await scheduler.removeJob(id);
    await expect(scheduler.removeJob('bad-0')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await scheduler.getJobs(undefined, ({ id }) => expect.fail(`${id} is still there`));
  });

  it('imports what another one could not read, once it can be read', async () => {
    const { store, damage } = await open();
    const scheduler = await started({ jobStores: { default: store() } });
    await scheduler.addJob({ ...later, name: 'the job', args: ['x'] });
    const zone = damage.damageJob[4];
    await zone?.('a');
    const text = await scheduler.exportJobs();
    expect(text).toContain('Mars/Olympus');
    const elsewhere = await started({});
    const [job] = await elsewhere.importJobs(text.replaceAll('Mars/Olympus', 'Europe/Berlin'));
    expect(job).toMatchObject({ id: 'a', name: 'the job', task: 'app:work', args: ['x'] });
    expect(job?.trigger.timezone).toBe('Europe/Berlin');
  });

  it('starts and runs its other jobs while one that it declares cannot be read', async () => {
    const { store, damage } = await open();
    const first = await started({ jobStores: { default: store() } }, (made) => made.declareJob(later));
    await damage.damageJob[4]?.('a');
    await first.shutdown();
    closing.length = 0;
    const logger = memoryLogger();
    const second = await started({ logger, jobStores: { default: store() } }, async (made) => {
      await made.declareJob(later);
      await made.declareJob({ ...later, id: 'b' });
    });
    expect((await second.getJobs()).map(({ id }) => id)).toEqual(['b']);
    expect(logger.lines).toContainEqual(expect.stringContaining('Job "a" stays as it is in job store "default"'));
  });
});
