import { ConflictingIdError, EVENT_JOB_ADDED, EVENT_JOB_EXECUTED, MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND, type EngineWorld } from '../../support/engine.js';

const nothing = (): undefined => undefined;
const definition = (id: string, more = {}): { id: string; task: () => undefined; trigger: 'interval'; seconds: 1 } => ({
  id,
  task: nothing,
  trigger: 'interval',
  seconds: 1,
  ...more,
});

async function started(): Promise<EngineWorld> {
  const world = engineWorld({ jobStores: { other: new MemoryJobStore() } });
  await world.scheduler.start();
  return world;
}

describe('Adding several jobs', () => {
  it('answers them in order, tells of each, and runs them at their times', async () => {
    const { scheduler, clock, happened } = await started();
    const jobs = await scheduler.addJobs([definition('b'), definition('a', { jobStore: 'other' })]);
    expect(jobs.map(({ id, jobStore }) => [id, jobStore])).toEqual([
      ['b', 'default'],
      ['a', 'other'],
    ]);
    expect(happened(EVENT_JOB_ADDED).map(({ jobId }) => jobId)).toEqual(['b', 'a']);
    await clock.advance(SECOND);
    expect(happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId)).toEqual(['b', 'a']);
  });

  it.each([
    ['an id that is taken', [definition('new'), definition('taken')]],
    ['an id that comes twice', [definition('new'), definition('new')]],
    ['an id that is taken in one of two stores', [definition('new', { jobStore: 'other' }), definition('taken')]],
  ])('adds none when there is %s', async (_what, definitions) => {
    const { scheduler } = await started();
    await scheduler.addJob(definition('taken'));
    await expect(scheduler.addJobs(definitions)).rejects.toThrow(ConflictingIdError);
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['taken']);
  });

  it('adds none when one of them is wrong, or they are no array', async () => {
    const { scheduler } = await started();
    await expect(scheduler.addJobs([definition('a'), definition('b', { seconds: -1 })])).rejects.toThrow(/seconds/);
    await expect(scheduler.addJobs('a' as never)).rejects.toThrow(/definitions must be an array/);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('replaces those that may be replaced, and waits for the start', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJobs([definition('a'), definition('b')]);
    await scheduler.start();
    await scheduler.addJobs([definition('a', { name: 'new', replaceExisting: true }), definition('c')]);
    const names = Object.fromEntries((await scheduler.getJobs()).map(({ id, name }) => [id, name]));
    expect(names).toEqual({ a: 'new', b: 'b', c: 'c' });
  });
});
