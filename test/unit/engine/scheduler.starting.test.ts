import { ConflictingIdError, MemoryJobStore, type Job, type JobRecord } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, START, type EngineWorld } from '../../support/engine.js';

const nothing = (): undefined => undefined;
const hourly = { task: nothing, trigger: 'interval', hours: 1 } as const;

/** So many turns of the microtask queue: a place somewhere in the midst of a start. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

const offsets = Array.from({ length: 24 }, (_, offset) => offset);

describe('While a scheduler starts', () => {
  async function starting(offset: number): Promise<EngineWorld & { started: Promise<void> }> {
    const world = engineWorld();
    for (const id of ['a', 'b', 'c']) await world.scheduler.addJob({ id, ...hourly });
    const started = world.scheduler.start();
    await turns(offset);
    return { ...world, started };
  }

  it.each(offsets)('a job that is added is neither lost nor left pending (%i)', async (offset) => {
    const { scheduler, started } = await starting(offset);
    await Promise.all([scheduler.addJob({ id: 'new', ...hourly }), started]);
    expect(await scheduler.getJob('new')).toMatchObject({ pending: false, nextRunTime: START + HOUR });
  });

  it.each(offsets)('a job that is removed is gone, and one that is paused or changed is so (%i)', async (offset) => {
    const { scheduler, started } = await starting(offset);
    await Promise.all([
      scheduler.removeJob('a'),
      scheduler.pauseJob('b'),
      scheduler.modifyJob('c', { name: 'changed' }),
      started,
    ]);
    const jobs = await scheduler.getJobs();
    expect(jobs).toHaveLength(2);
    expect(jobs.find(({ id }) => id === 'b')).toMatchObject({ paused: true, pending: false });
    expect(jobs.find(({ id }) => id === 'c')).toMatchObject({ name: 'changed', pending: false });
  });
});

describe('A job store that is added while a scheduler starts', () => {
  class Durable extends MemoryJobStore {
    override readonly capabilities = { durable: true, shared: false, notifying: false };
    isOpen = false;
    readonly adding = gate();
    async start(): Promise<void> {
      this.isOpen = true;
    }
    override async add(job: JobRecord): Promise<void> {
      await this.adding.promise;
      return super.add(job);
    }
  }

  it('is opened by that start, also while jobs are moved to the other stores', async () => {
    const [slow, late] = [new Durable(), new Durable()];
    const { scheduler } = engineWorld({ jobStores: { slow } });
    scheduler.registerTask('nothing', nothing);
    await scheduler.addJob({ id: 'a', ...hourly, task: 'nothing', jobStore: 'slow' });
    const started = scheduler.start();
    await turns(100);
    expect(slow.isOpen).toBe(true);
    await scheduler.addJobStore(late, 'late');
    slow.adding.open();
    await started;
    expect(late.isOpen).toBe(true);
    late.adding.open();
    expect(await scheduler.addJob({ id: 'b', ...hourly, task: 'nothing', jobStore: 'late' })).toMatchObject({
      pending: false,
    });
  });
});

describe('Before a start', () => {
  it('one of two jobs of the same id is refused, also when both are added at once', async () => {
    const { scheduler } = engineWorld();
    const outcomes = await Promise.allSettled(
      [1, 2].map((n) => scheduler.addJob({ id: 'a', name: `${n}`, ...hourly })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toBeInstanceOf(ConflictingIdError);
    expect((await scheduler.getJob('a'))?.name).toBe('1');
  });

  it('a start that fails leaves the jobs waiting, for the next one', async () => {
    class Failing extends MemoryJobStore {
      broken = true;
      override async add(job: JobRecord): Promise<void> {
        if (this.broken && job.id === 'b') throw new Error('no space');
        return super.add(job);
      }
    }
    const store = new Failing();
    const { scheduler, clock } = engineWorld({ jobStores: { default: store } });
    for (const id of ['a', 'b', 'c']) await scheduler.addJob({ id, ...hourly });
    await expect(scheduler.start()).rejects.toThrow('no space');
    expect([scheduler.running, clock.pendingTimers]).toEqual([false, 0]);
    expect((await scheduler.getJobs()).map(({ id, pending }) => `${id} ${pending}`).sort()).toEqual([
      'a false',
      'b true',
      'c true',
    ]);
    store.broken = false;
    await scheduler.start();
    expect(await scheduler.getJobs()).toHaveLength(3);
  });

  it('a job that takes the place of a stored one is one job, with the stored one’s time and pause', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', ...hourly });
    await scheduler.addJob({ id: 'p', ...hourly });
    await scheduler.start();
    await scheduler.pauseJob('p');
    await scheduler.shutdown();
    await clock.advance(10 * MINUTE);
    for (const id of ['a', 'p']) await scheduler.addJob({ id, ...hourly, name: 'new', replaceExisting: true });
    const summary = ({ id, name, nextRunTime, paused }: Job): unknown[] => [id, name, nextRunTime, paused];
    const expected = [
      ['a', 'new', START + HOUR, false],
      ['p', 'new', null, true],
    ];
    expect((await scheduler.getJobs()).map(summary)).toEqual(expected);
    await scheduler.start();
    expect((await scheduler.getJobs()).map(summary)).toEqual(expected);
    await scheduler.shutdown();
    await scheduler.addJob({ id: 'a', ...hourly, replaceExisting: true });
    await scheduler.removeJob('a');
    expect(await scheduler.getJob('a')).toBeUndefined();
  });

  it('resuming a pending job that is not paused leaves the time that it was given', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', ...hourly, nextRunTime: START + DAY });
    await scheduler.resumeJob('a');
    await scheduler.start();
    expect((await scheduler.getJob('a'))?.nextRunTime).toBe(START + DAY);
  });
});

describe('A declaration that leaves open what was given before', () => {
  it('is another trigger: a start that is taken away no longer holds', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    const later = { startDate: '2090-01-01', replaceExisting: true };
    await scheduler.addJob({ id: 'interval', ...hourly, ...later });
    await scheduler.addJob({ id: 'cron', task: nothing, trigger: 'cron', hour: 3, ...later });
    await scheduler.addJob({ id: 'date', task: nothing, trigger: 'date', runDate: '2090-01-01' });
    await scheduler.addJob({ id: 'interval', ...hourly, replaceExisting: true });
    await scheduler.addJob({ id: 'cron', task: nothing, trigger: 'cron', hour: 3, replaceExisting: true });
    await scheduler.addJob({ id: 'date', task: nothing, replaceExisting: true });
    expect((await scheduler.getJobs()).map(({ id, nextRunTime }) => [id, nextRunTime])).toEqual([
      ['date', START],
      ['interval', START + HOUR],
      ['cron', START + 3 * HOUR],
    ]);
  });
});
