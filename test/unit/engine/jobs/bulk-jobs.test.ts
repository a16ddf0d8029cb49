import {
  BULK_ACTIONS,
  jobVersion,
  MemoryJobStore,
  type BulkRequest,
  type BulkResult,
  type Job,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, type EngineWorld } from '../../../support/engine.js';

const everyHour = { task: 'work', trigger: 'interval', hours: 1 } as const;

async function fiveJobs(store = new MemoryJobStore()): Promise<EngineWorld & { ran: string[] }> {
  const world = engineWorld({ jobStores: { default: store, other: new MemoryJobStore() } });
  const ran: string[] = [];
  world.scheduler.registerTask('work', ({ jobId }: { jobId: string }) => void ran.push(jobId));
  await world.scheduler.start();
  for (const id of ['a', 'b', 'c', 'd']) await world.scheduler.addJob({ id, ...everyHour, tags: ['x'] });
  await world.scheduler.addJob({ id: 'e', ...everyHour, jobStore: 'other' });
  return { ...world, ran };
}

const done = ({ items }: BulkResult): string[] => items.filter(({ error }) => error === null).map(({ id }) => id);
const failed = ({ items }: BulkResult): string[] =>
  items.flatMap(({ error, id }) => (error === null ? [] : `${id}: ${error.code}`));

describe('Many jobs at once', () => {
  it('are paused with a note and an actor, and resumed, by a query', async () => {
    const { scheduler } = await fiveJobs();
    const paused = await scheduler.bulk({ action: 'pause', where: { tag: 'x' }, note: 'holiday', actor: 'ann' });
    expect(done(paused)).toEqual(['a', 'b', 'c', 'd']);
    expect(paused.nextCursor).toBeNull();
    expect(await scheduler.getJob('c')).toMatchObject({ paused: true, pause: { note: 'holiday', actor: 'ann' } });
    expect((await scheduler.getJob('e'))?.paused).toBe(false);
    expect(done(await scheduler.bulk({ action: 'resume', where: { state: 'paused' } }))).toEqual(['a', 'b', 'c', 'd']);
    expect((await scheduler.getJob('a'))?.paused).toBe(false);
  });

  it('are taken in parts that go on where the last one ended, though they leave the query', async () => {
    const { scheduler } = await fiveJobs();
    const request: BulkRequest = { action: 'pause', where: { state: 'scheduled' }, limit: 2 };
    const first = await scheduler.bulk(request);
    const second = await scheduler.bulk({ ...request, cursor: first.nextCursor as string });
    const third = await scheduler.bulk({ ...request, cursor: second.nextCursor as string });
    expect([first, second, third].map(done)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.nextCursor).toBeNull();
  });

  it('are run without waiting for their ends, and removed', async () => {
    const { clock, ran, scheduler } = await fiveJobs();
    expect(done(await scheduler.bulk({ action: 'run', ids: ['e', 'a', 'a'] }))).toEqual(['e', 'a']);
    await clock.advance(0);
    expect(ran.toSorted()).toEqual(['a', 'e']);
    expect(done(await scheduler.bulk({ action: 'remove', ids: ['a', 'b'], jobStore: 'default' }))).toEqual(['a', 'b']);
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['c', 'd', 'e']);
  });

  it('get tags and lose them, and keep what others give them at the same time', async () => {
    const store = new MemoryJobStore();
    const { scheduler } = await fiveJobs(store);
    const asked = gate();
    const update = store.update.bind(store);
    store.update = async (id, change) => {
      store.update = update;
      asked.open();
      // Another caller is first.
      await update(id, (job) => ({ ...job, tags: ['theirs', 'x'] }));
      return update(id, change);
    };
    await scheduler.bulk({ action: 'tag', ids: ['a', 'e'], tags: ['new', 'x'] });
    await asked.promise;
    expect((await scheduler.getJob('a'))?.tags).toEqual(['new', 'theirs', 'x']);
    expect((await scheduler.getJob('e'))?.tags).toEqual(['new', 'x']);
    await scheduler.bulk({ action: 'untag', where: { tag: 'new' }, tags: ['new', 'never there'] });
    expect((await scheduler.getJob('a'))?.tags).toEqual(['theirs', 'x']);
  });

  it('are changed each on its own: what fails for one is said, and the others are done', async () => {
    const { scheduler } = await fiveJobs();
    await scheduler.modifyJob('b', { tags: Array.from({ length: 50 }, (_, n) => `tag-${n}`) });
    const result = await scheduler.bulk({ action: 'tag', ids: ['a', 'b', 'none', 'c'], tags: ['one more'] });
    expect(done(result)).toEqual(['a', 'c']);
    expect(failed(result)).toEqual(['b: INVALID_INPUT', 'none: JOB_NOT_FOUND']);
    expect(result.items.map(({ jobStore }) => jobStore)).toEqual(['default', 'default', null, 'default']);
  });

  it.each(BULK_ACTIONS)('are only named by a dry run, and nothing is done: %s', async (action) => {
    const { clock, events, ran, scheduler } = await fiveJobs();
    const before = { jobs: await scheduler.getJobs(), events: events.length };
    const tags = action === 'tag' || action === 'untag' ? { tags: ['x'] } : {};
    const result = await scheduler.bulk({ action, ids: ['a', 'none', 'e'], ...tags, dryRun: true });
    await clock.advance(0);
    expect([done(result), failed(result)]).toEqual([['a', 'e'], ['none: JOB_NOT_FOUND']]);
    expect({ jobs: await scheduler.getJobs(), events: events.length }).toEqual(before);
    expect(ran).toEqual([]);
  });

  it('are not found where the caller does not mean them', async () => {
    const { scheduler } = await fiveJobs();
    const isMeant = ({ id }: { id: string }): boolean => id === 'b';
    const byIds = await scheduler.bulk({ action: 'pause', ids: ['a', 'b'] }, isMeant);
    expect([done(byIds), failed(byIds)]).toEqual([['b'], ['a: JOB_NOT_FOUND']]);
    expect(done(await scheduler.bulk({ action: 'remove', where: {} }, isMeant))).toEqual(['b']);
    const [job] = await scheduler.getJobs();
    expect(job && jobVersion(job)).toBeDefined();
    expect((await scheduler.getJobs()).length).toBe(4);
  });

  it('let others have their turn, on a store that never waits too', async () => {
    const { scheduler } = await fiveJobs();
    const ids = Array.from({ length: 100 }, (_, n) => `job-${n}`);
    await scheduler.addJobs(ids.map((id) => ({ id, ...everyHour })));
    const order: string[] = [];
    const bulk = scheduler.bulk({ action: 'pause', ids }).then(() => order.push('bulk'));
    setImmediate(() => order.push('other'));
    await bulk;
    expect(order).toEqual(['other', 'bulk']);
  });

  it('keep their tags where the caller means them no more by then', async () => {
    const { scheduler } = await fiveJobs();
    const changes: Promise<unknown>[] = [];
    const isMeant = ({ tags }: Job): boolean => {
      // Somebody else changes the job after it was read.
      if (changes.length === 0) changes.push(scheduler.modifyJob('a', { tags: ['y'] }));
      return tags.includes('x');
    };
    const result = await scheduler.bulk({ action: 'tag', ids: ['a'], tags: ['new'] }, isMeant);
    await Promise.all(changes);
    expect(failed(result)).toEqual(['a: JOB_NOT_FOUND']);
    expect(await scheduler.getJob('a')).toMatchObject({ tags: ['y'] });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no action', { ids: ['a'] }, /action is missing/],
    [
      'an unknown action',
      { action: 'delete', ids: ['a'] },
      /action must be one of pause, resume, run, remove, tag, untag, got "delete"/,
    ],
    ['neither ids nor a query', { action: 'run' }, /ids or where must be given, and not both/],
    ['both of them', { action: 'run', ids: ['a'], where: {} }, /ids or where must be given, and not both/],
    [
      'ids that are none',
      { action: 'run', ids: ['a', 1] },
      /ids must be an array of ids, got \[ 'a', 1 \]|ids must be an array of ids/,
    ],
    [
      'too many ids',
      { action: 'run', ids: Array.from({ length: 1001 }, (_, n) => `${n}`) },
      /ids must be at most 1000 ids, got 1001/,
    ],
    ['tags that are missing', { action: 'tag', ids: ['a'] }, /tags must be given to tag jobs/],
    ['tags for a pause', { action: 'pause', ids: ['a'], tags: ['x'] }, /tags cannot be given to pause jobs/],
    ['a long note', { action: 'run', ids: ['a'], note: 'x'.repeat(10_001) }, /note must have at most 10000 characters/],
    ['a cursor beside ids', { action: 'run', ids: ['a'], cursor: 'x' }, /cursor needs where beside it/],
    ['an order', { action: 'run', where: { sort: 'size' } }, /where.sort cannot be given/],
    ['an unknown filter', { action: 'run', where: { colour: 1 } }, /colour is not known here/],
    ['an unknown member', { action: 'run', ids: [], colour: 1 }, /colour is not known here/],
    ['a word for a flag', { action: 'run', ids: [], dryRun: 'no' }, /dryRun must be true or false, got "no"/],
  ])('are not asked for by %s', async (_what, request, message) => {
    const { scheduler } = await fiveJobs();
    await expect(scheduler.bulk(request as never)).rejects.toThrow(message);
    expect((await scheduler.getJobs()).length).toBe(5);
  });
});
